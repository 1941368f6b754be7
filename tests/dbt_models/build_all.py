"""Run as a script: `dbt build` of each site that standard input names, with one parse for all.

Arguments: project folder, working folder. Standard input: a JSON list of
`{"site": id, "warehouse": path, "arguments": [of dbt build]}`.
"""

import json
import os
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest


def main(project: str, work: str) -> int:
    common = [
        *("--project-dir", project, "--profiles-dir", project),
        *("--target-path", str(Path(work) / "target"), "--log-path", str(Path(work) / "logs")),
    ]
    parsed = dbtRunner().invoke(["parse", "--quiet", *common])
    manifest = parsed.result
    if not isinstance(manifest, Manifest):
        return 1
    for site in json.load(sys.stdin):
        os.environ["SLOYFE_WAREHOUSE"] = site["warehouse"]
        os.environ["SLOYFE_SITE"] = site["site"]
        built = dbtRunner(manifest=manifest).invoke(["build", *common, *site["arguments"]])
        if not built.success:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

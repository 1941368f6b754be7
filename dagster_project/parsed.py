"""The dbt project, parsed once and built from many times.

dbt parses the whole project anew as soon as the warehouse's path or a variable differs, although no
parsed node depends on either: some ten seconds a site, more than its build. A site's build takes
the manifest that was parsed before (dbt's documented way: `dbtRunner(manifest=…)`), as long as it
is that of the files installed here.

Run as a program (`sloyfe-dbt`) this is dbt with such a manifest: arguments as dbt's, the parsed
project in DBT_TARGET_PATH.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from dbt_models import PROJECT_DIR
from privacy.problem import Problem

_PARSED = "partial_parse.msgpack"
_MANIFEST = "manifest.json"
_DIGEST = "parsed.json"

_PROFILE = """\
# Written by Sløyfe from site.yaml.
sloyfe:
  target: site
  outputs:
    site:
      type: duckdb
      path: {path}
      threads: 2
"""


def executable(name: str) -> str:
    """A program of this environment, also when it is not on PATH."""
    return str(Path(sys.executable).with_name(name))


def write_profile(folder: Path, warehouse: Path, settings: Mapping[str, str] | None = None) -> Path:
    """A profile folder that points dbt at one warehouse. settings: DuckDB's, by name."""
    profile = folder / "profile"
    profile.mkdir(parents=True, exist_ok=True)
    content = _PROFILE.format(path=json.dumps(str(warehouse)))
    if settings:
        content += f"      settings: {json.dumps(dict(settings))}\n"
    (profile / "profiles.yml").write_text(content, encoding="utf-8")
    return profile


def parse_project(
    target: Path, warehouse_name: str = "warehouse.duckdb", project: Path = PROJECT_DIR
) -> Path:
    """The manifest in `target`, parsed unless the one there is of these very files.

    warehouse_name: file name of the warehouse; DuckDB's database, which stands in every compiled
    query, has its name from it. project: folder of the dbt project. Opens no warehouse. Raises
    Problem where dbt cannot parse.
    """
    manifest = target / _MANIFEST
    digest = _digest(warehouse_name, project)
    if _is_parsed(target, digest):
        return manifest
    (target / _DIGEST).unlink(missing_ok=True)
    command = [
        executable("dbt"),
        "--no-use-colors",
        "--quiet",
        "--log-level-file",
        "none",
        "parse",
        *("--log-path", str(target)),
        *("--project-dir", str(project)),
        *("--profiles-dir", str(write_profile(target, target / warehouse_name))),
        *("--target-path", str(target)),
        *("--vars", json.dumps({"site_id": "any"})),
    ]
    environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, cwd=target
    )
    if done.returncode != 0:
        raise Problem(
            f"dbt cannot parse the project: {_last_line(done.stdout + done.stderr)}",
            str(project),
            "Correct the model or YAML it names.",
        )
    (target / _DIGEST).write_text(json.dumps({"project": digest}) + "\n", encoding="utf-8")
    return manifest


def parsed_digest(target: Path) -> str:
    """What the project parsed in `target` was, with all that it depends on."""
    return json.loads((target / _DIGEST).read_text(encoding="utf-8"))["project"]


def share_parsed(source: Path, target: Path, warehouse_name: str) -> None:
    """Let `target` have the parsed project of `source`, where it is the same to both."""
    digest = _digest(warehouse_name, PROJECT_DIR)
    if _is_parsed(target, digest) or not _is_parsed(source, digest):
        return
    target.mkdir(parents=True, exist_ok=True)
    for name in (_PARSED, _MANIFEST, _DIGEST):  # the digest last: it vouches for the others
        shutil.copyfile(source / name, target / name)


def _is_parsed(target: Path, digest: str) -> bool:
    try:
        known = json.loads((target / _DIGEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return known == {"project": digest} and all(
        (target / name).is_file() for name in (_PARSED, _MANIFEST)
    )


def _digest(warehouse_name: str, project: Path) -> str:
    """SHA-256 over all that a parsed project depends on."""
    files = sorted(
        path
        for path in project.rglob("*")
        if path.is_file() and path.suffix in (".sql", ".yml", ".csv", ".py")
    )
    digest = hashlib.sha256()
    for text in (version("dbt-core"), version("dbt-duckdb"), str(project), warehouse_name):
        digest.update(text.encode() + b"\0")
    for path in files:
        digest.update(path.relative_to(project).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def main() -> None:
    """dbt, from the manifest in DBT_TARGET_PATH. Exit codes as dbt's: 0, 1 failed, 2 error."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 -- three seconds that only this needs
    from dbt.contracts.graph.manifest import Manifest  # noqa: PLC0415 -- as above

    parsed = Path(os.environ["DBT_TARGET_PATH"]) / _PARSED
    manifest = Manifest.from_msgpack(parsed.read_bytes())
    result = dbtRunner(manifest=manifest).invoke(sys.argv[1:])
    sys.exit(0 if result.success else 2 if result.exception else 1)


if __name__ == "__main__":
    main()

"""The dbt project of a site: as installed, with the indicators it has approved beside it.

A new indicator needs no release of the software: its model and its YAML come as a bundle
(`sloyfe indicator`), and a site that approves it keeps the bundle in the folder `indicators` beside
its `site.yaml`.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from dbt_models import PROJECT_DIR
from federated.site.config import SiteConfig

APPROVED = "indicators"
_MODELS = Path("models") / "indicators" / "approved"


def project_of(site: SiteConfig) -> Path:
    """Folder of the site's dbt project, put together anew if the site has approved anything."""
    bundles = sorted(path for path in (site.folder / APPROVED).glob("*") if path.is_dir())
    if not bundles:
        return PROJECT_DIR
    return compose([file for folder in bundles for file in _files(folder)], site.dbt_path)


def _files(bundle: Path) -> list[Path]:
    return sorted(path for path in bundle.iterdir() if path.suffix in (".sql", ".yml"))


def compose(additional: Sequence[Path], workspace: Path) -> Path:
    """A copy of the installed project in `workspace`, with more model files. Replaces an older."""
    project = workspace / "project"
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(PROJECT_DIR, project, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    (project / _MODELS).mkdir()
    for file in additional:
        shutil.copyfile(file, project / _MODELS / file.name)
    return project

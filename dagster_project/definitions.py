"""What `sloyfe dev` loads into Dagster's web UI: the helsefellesskap that SLOYFE_HOME names."""

import os
from pathlib import Path

from dagster_project.helsefellesskap import definitions, load_helsefellesskap

defs = definitions(load_helsefellesskap(Path(os.environ["SLOYFE_HOME"])))

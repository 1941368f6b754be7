"""Where third-party data and published tables lie; they are not ours to commit."""

import os
from pathlib import Path

SHARED = Path(os.environ.get("SLOYFE_SHARED", Path(__file__).parents[2] / "shared"))
PUBLISHED = SHARED / "data" / "published"
SYNTHEA = SHARED / "data" / "synthea_unmc"

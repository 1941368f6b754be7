"""The one dbt project that every site runs; this file only says where it lies."""

from pathlib import Path

PROJECT_DIR = Path(__file__).parent

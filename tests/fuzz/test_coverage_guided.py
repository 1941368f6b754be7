"""The coverage-guided fuzzer, for a bounded time: SLOYFE_FUZZ_SECONDS, else a minute."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_readers_stand_a_coverage_guided_fuzzer(tmp_path):
    pytest.importorskip("atheris")
    seconds = int(os.environ.get("SLOYFE_FUZZ_SECONDS", "60"))
    command = [sys.executable, "-m", "tests.fuzz.reader_fuzzer", str(seconds), tmp_path / "corpus"]
    run = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=seconds + 120, check=False
    )
    assert run.returncode == 0, run.stderr[-4000:]
    assert "Done" in run.stderr

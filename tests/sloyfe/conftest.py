"""The command line as a test runs it: in this process, with what it would print."""

import signal
import sys
from pathlib import Path

import pytest

from sloyfe.cli import main
from tests.federated.contract.parsed_project import manifest

__all__ = ["manifest"]


@pytest.fixture
def sloyfe(monkeypatch, capsys, tmp_path):
    """Run the command line in an empty folder; returns exit code, output and error lines."""
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGTERM)

    def run(*arguments: str | Path) -> tuple[int, str, list[str]]:
        monkeypatch.setattr(sys, "argv", ["sloyfe", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err.splitlines()

    yield run
    signal.signal(signal.SIGTERM, before)

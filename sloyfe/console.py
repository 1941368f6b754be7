"""Progress for people, on standard error, so that standard output stays for the answer."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console


class Steps:
    """Names each step as it begins and says how long it took; a spinner while it lasts."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._status = self._console.status("", spinner="dots")
        self._name = ""
        self._began = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._finish("✓" if error is None else "✗")
        self._status.stop()

    def next(self, name: str) -> None:
        """Begin a step; the one before is done."""
        self._finish("✓")
        self._name, self._began = name, time.monotonic()
        if self._console.is_terminal:
            self._status.update(name)
            self._status.start()

    def _finish(self, mark: str) -> None:
        if self._name:
            seconds = time.monotonic() - self._began
            self._console.print(f"{mark} {self._name} [dim]({seconds:.1f} s)[/dim]")
            self._name = ""

"""Progress for people, on standard error, so that standard output stays for the answer."""

import time
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from privacy.problem import Problem


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


class Bar:
    """A bar of so many like parts; without a terminal, one line when all are done."""

    def __init__(self, name: str, parts: int) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._name, self._parts, self._done = name, parts, 0
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._progress.add_task(name, total=parts)
        self._began = 0.0

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()
        seconds = time.monotonic() - self._began
        mark, done = ("✓", "") if error is None else ("✗", f", {self._done} of {self._parts} done")
        self._console.print(f"{mark} {self._name}{done} [dim]({seconds:.1f} s)[/dim]")

    def next(self, _name: str) -> None:
        """One part is done."""
        self._done += 1
        self._progress.advance(self._task)


def make_folder(out: Path, of: str) -> Path:
    """The folder that `of` is written to, made if it is not there. Raises Problem."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(
            f"the {of} cannot be written: {(error.strerror or '').lower()}",
            str(out),
            "Name another folder with --out.",
        ) from None
    return out

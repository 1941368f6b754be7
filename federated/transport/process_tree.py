"""Finding every descendant of a process, whatever session or process group it went to (Linux)."""

from pathlib import Path

_PROC = Path("/proc")


def descendants(root: int) -> list[int]:
    """Process ids below `root`, parents before children, zombies left out."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (parent := _parent(entry)) is not None:
            children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    queue = [root]
    while queue:
        below = children.get(queue.pop(0), [])
        found += below
        queue += below
    return found


def _parent(entry: Path) -> int | None:
    try:
        stat = (entry / "stat").read_text()
    except OSError:  # it ended while we looked
        return None
    # The command's name stands in parentheses and may itself hold spaces and parentheses.
    state, parent = stat[stat.rindex(")") + 2 :].split()[:2]
    return None if state in "ZX" else int(parent)

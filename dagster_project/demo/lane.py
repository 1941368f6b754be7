"""One lane's process: `python -m dagster_project.demo.lane ROOT`. See `lanes`.

Input: a site's id a line. Output: for each `{"problem": null}`, or what, where and mend of one.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

from dagster_project.helsefellesskap import build_job, load_helsefellesskap, site_locations
from dagster_project.running import open_instance, run_job
from privacy.problem import Problem


def main(root: Path) -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    for site in _orders():
        problem = None
        try:
            _build(root, site)
        except Problem as found:
            problem = found.what, found.where, found.mend
        answers.write(json.dumps({"problem": problem}) + "\n")
        answers.flush()


def _build(root: Path, site_id: str) -> None:
    helsefellesskap = load_helsefellesskap(root)
    home = root / "dagster"
    with open_instance(home) as instance:
        log = home / f"printed-{site_id}.log"
        run_job(site_locations(helsefellesskap, [site_id]), build_job(site_id), instance, log)


def _orders() -> Iterator[str]:
    """The lines of the input. Its end interrupts a build that is under way, as Ctrl-C would."""
    orders = SimpleQueue[str | None]()
    main_thread = threading.get_ident()

    def read() -> None:
        for line in sys.stdin:
            orders.put(line.strip())
        orders.put(None)
        signal.pthread_kill(main_thread, signal.SIGINT)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=read, daemon=True).start()
    while (order := orders.get()) is not None:
        yield order


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(130)

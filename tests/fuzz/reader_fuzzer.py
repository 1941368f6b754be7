"""Coverage-guided fuzzing of the readers: `python -m tests.fuzz.reader_fuzzer SECONDS CORPUS`.

Ends with status 0 when the time is over. Anything but a Problem, a lost row or a value in a message
ends it with a trace, and libFuzzer leaves the input beside the corpus.
"""

# pyright: basic
# (atheris carries no types.)

import sys
from pathlib import Path
from typing import Any

import atheris
import duckdb

instrumented: Any = atheris.instrument_imports  # pyright: ignore[reportAttributeAccessIssue]
with instrumented(include=["federated.site.landing"]):
    from tests.fuzz.deliveries import check_ingest, check_reading, memory_warehouse, seeds

_WHOLE_INGEST_EVERY = 100
_memory = memory_warehouse()
_runs = 0


def one(data: bytes) -> None:
    """Read one delivery; now and then land it too, which takes much longer."""
    global _memory, _runs  # noqa: PLW0603 -- libFuzzer calls a plain function, without end
    _runs += 1
    try:
        check_reading(_memory, data)
    except duckdb.FatalException:
        # The engine gave up on the connection, and on undoing what was read: what the landing
        # itself makes of the file decides.
        _memory = memory_warehouse()
        check_ingest(data)
    if _runs % _WHOLE_INGEST_EVERY == 0:
        check_ingest(data)


def main(seconds: int, corpus: Path) -> None:
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [
        f"-max_total_time={seconds}",
        "-timeout=20",
        "-rss_limit_mb=3000",
        "-max_len=8192",
        f"-artifact_prefix={corpus.parent}/",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))

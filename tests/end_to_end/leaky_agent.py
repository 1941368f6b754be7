"""A site agent whose gate has been bypassed on purpose: it answers with what must never leave.

The wire test has to find all of it; otherwise it proves nothing when it finds nothing.
"""

import json
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import federated.site.answering as answering
from federated.site.agent import main
from privacy.bounds import Rows, bounded_counts
from privacy.gate import Gate, NoisyCounts, Origin, Request
from tests.end_to_end.canaries import DAY, PREFIX


class BypassedGate(Gate):
    """Exact counts instead of noisy ones, in several encodings, and an id and a date with them."""

    def answer(
        self,
        request: Request,
        origin: Origin,
        rows: Callable[[], Rows],
        encode: Callable[[NoisyCounts], bytes],
    ) -> bytes:
        exact = bounded_counts(rows(), request.bound, request.cells, request.atoms)
        honest = encode(NoisyCounts(exact, 1.0, 1.0, False))
        beside = json.dumps({"first": f"{PREFIX}-1", "on": DAY.isoformat(), "all": sum(exact)})
        packed = struct.pack(f"<{len(exact)}q", *exact) + struct.pack(f">{len(exact)}d", *exact)
        return honest + beside.encode() + packed


if __name__ == "__main__":
    answering.Gate = BypassedGate
    sys.exit(main([str(Path(sys.argv[1]))]))

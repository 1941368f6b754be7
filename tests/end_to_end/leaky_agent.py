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
from privacy.gate import Counts, Gate, NoisyCounts, Origin, Outgoing, Request
from tests.end_to_end.canaries import DAY, PREFIX


class BypassedGate(Gate):
    """Exact counts instead of noisy ones, in several encodings, and an id and a date with them."""

    def kept(self, request: Request) -> Outgoing | None:
        return None  # the honest agent has answered this before; here it is counted anew

    def counts(
        self,
        request: Request,
        origin: Origin,
        rows: Callable[[], Rows],
        encode: Callable[[NoisyCounts], bytes],
    ) -> Outgoing:
        mechanism = request.mechanism
        assert isinstance(mechanism, Counts)
        exact = bounded_counts(rows(), mechanism.bound, mechanism.cells, mechanism.atoms)
        honest = encode(NoisyCounts(exact, 0, 1.0, 1.0, False))
        plain = {"first": f"{PREFIX}-1", "on": DAY.isoformat(), "all": sum(exact), "each": exact}
        packed = struct.pack(f"<{len(exact)}q", *exact) + struct.pack(f">{len(exact)}d", *exact)
        leak = honest + json.dumps(plain).encode() + packed
        return self._clear(mechanism.kind, request.attempt_id, leak)


if __name__ == "__main__":
    answering.Gate = BypassedGate
    sys.exit(main([str(Path(sys.argv[1]))]))

"""OpenDP's vector call by itself: what the benchmark sets beside ours."""

# pyright: basic

from collections.abc import Callable, Sequence

from opendp.domains import atom_domain, vector_domain
from opendp.measurements import make_gaussian, make_laplace
from opendp.metrics import l1_distance, l2_distance
from opendp.mod import enable_features

enable_features("contrib")


def bare_gaussian(scale: float) -> Callable[[Sequence[int]], list[int]]:
    return make_gaussian(vector_domain(atom_domain(T="i64")), l2_distance(T=float), scale=scale)


def bare_laplace(scale: float) -> Callable[[Sequence[int]], list[int]]:
    return make_laplace(vector_domain(atom_domain(T="i64")), l1_distance(T="i64"), scale=scale)

"""The model: one population moving through health care by documented causal equations.

`simulate` turns a shard into events; docs/synthetic-model.md writes the equations out.
"""

from synthetic.model.effect import true_effect
from synthetic.model.parameters import SCENARIOS, Parameters, parameters_for, without_effects
from synthetic.model.shard import SHARD_PERSONS, Shard, simulate

__all__ = [
    "SCENARIOS",
    "SHARD_PERSONS",
    "Parameters",
    "Shard",
    "parameters_for",
    "simulate",
    "true_effect",
    "without_effects",
]

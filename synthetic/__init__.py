"""A small synthetic helsefellesskap in register shape: the demo's default data.

Everything in it is drawn from a seed and the published figures in `calibration`; no record of a
real person was used. It is right in a few rates (admissions, length of stay, readmissions) and
plausible, no more, in everything else: do not learn about Oslo from it.
"""

from synthetic.generate import generate
from synthetic.writing import GeneratedFile

__all__ = ["GeneratedFile", "generate"]

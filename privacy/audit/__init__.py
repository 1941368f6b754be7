"""Attacks on the mechanisms that are installed here: what they cost at least, and what is caught.

one_run    a lower bound on epsilon from one run, with many planted persons
checks     statistical and exhaustive checks that a sound mechanism passes
variants   mechanisms broken on purpose, each of which a check must fail
report     all of it together, as `sloyfe audit privacy` prints it
"""

from privacy.audit.report import Audited, audit

__all__ = ["Audited", "audit"]

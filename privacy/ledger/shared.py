"""The global ledger: one chain of every attempt, whoever is asked, that all sites countersign.

A site's own ledger knows what that site is asked. A person may be at others too, which are asked
other things, in other rosters and for other purposes. A site that knows nothing of them charges
each answer as if all n sites of the helsefellesskap had given it. With the global ledger it may
charge less, and a person is bounded all the same:

    announce  the coordinator adds one entry for each attempt: roster, and what it costs a person
              at every site of the roster (L)
    note      a site adds the entries, in their order, to its own ledger, charges L to itself, and
              signs each (over the entry's hash, and so over all before it); one that would bring
              it above its budget it declines: it neither charges nor signs that one
    answer    a question brings the signatures. A site that is asked charges L (|R| + |M|) / |R|,
              where M are the sites outside the roster R whose signature it has not seen: they may
              have been told another story

Theorem. If no site's charges exceed its budget, a person at all n sites loses no more than the
mean of the n budgets, whatever the coordinator does. Proof: of an answered attempt, those who
signed but were not asked are charged L each, the |R| who were asked L (|R| + |M|) / |R| each. All
but M and R have signed, so that the n sites together are charged at least
(n - |R| - |M|) L + L (|R| + |M|) = n L. Summed over all attempts: the sum of their charges is at
least n times what the person loses, and at most the sum of their budgets.

It holds for chains that were forked on purpose, and without any signature (M is everyone else). A
site that signs and does not charge weakens it: with f of those, the bound is n / (n - f) times the
mean of the others' budgets.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, model_validator

from privacy.accounting.composition import Loss
from privacy.ledger.chain import Entry, entry_hash
from privacy.signatures import is_signed_by, sign

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
MOST_SITES = 500
ATTEMPT = "attempt"
"""The one kind of entry there is."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Announced(_Record):
    """One attempt, before it is made. No part of it comes from a record.

    roster: sites that are asked, sorted. rho, delta, pure: what it costs a person at every one of
    them, as in `Charge`. years: every data-year that can change the answers.
    """

    question_id: Hash
    attempt_id: Hash
    indicator: Name
    period: Annotated[str, Field(max_length=32)]
    roster: Annotated[list[Name], Field(min_length=1, max_length=MOST_SITES)]
    rho: Annotated[float, Field(ge=0, le=1e12)]
    delta: Annotated[float, Field(ge=0, le=1)] = 0.0
    pure: Annotated[float, Field(ge=0, le=1e12)] | None = None
    years: Annotated[list[Annotated[int, Field(ge=1900, le=2199)]], Field(min_length=1)]

    @model_validator(mode="after")
    def _lists_are_sets(self) -> "Announced":
        if any(list(of) != sorted(set(of)) for of in (self.roster, self.years)):
            raise ValueError("roster and years are sorted, without repetition")
        return self

    @property
    def loss(self) -> Loss:
        return Loss(self.rho, self.delta, self.pure)

    def covers(self, loss: Loss, roster: Sequence[str], years: Sequence[int]) -> bool:
        """Whether those who noted this were charged all of `loss`, in all `years`."""
        pure_is_covered = loss.pure is None or (self.pure is not None and self.pure >= loss.pure)
        return (
            list(roster) == self.roster
            and set(years) <= set(self.years)
            and self.rho >= loss.rho
            and self.delta >= loss.delta
            and pure_is_covered
        )


class SharedEntry(_Record):
    """An entry of the chain, as it travels."""

    seq: Annotated[int, Field(ge=1)]
    at: Annotated[str, Field(max_length=40)]
    kind: Literal["attempt"]
    body: Announced
    previous: Hash
    hash: Hash

    @classmethod
    def of(cls, entry: Entry) -> "SharedEntry":
        return cls.model_validate(entry.__dict__)

    @property
    def is_whole(self) -> bool:
        """Whether the hash is over the rest."""
        body = self.body.model_dump(mode="json")
        return self.hash == entry_hash(self.seq, self.at, self.kind, body, self.previous)


class Forked(Exception):
    """An entry contradicts the chain that this site has signed: it was told another story."""


def countersign(key: Ed25519PrivateKey, site: str, entry: SharedEntry) -> str:
    """`site` has charged this entry, and every one before it that it signed."""
    return sign(key, _statement(site, entry))


def has_countersigned(key: Ed25519PublicKey, site: str, entry: SharedEntry, signature: str) -> bool:
    return is_signed_by(key, _statement(site, entry), signature)


def _statement(site: str, entry: SharedEntry) -> dict[str, str]:
    return {"global_ledger": entry.hash, "site": site}

"""The coordinator's copy of the global ledger, and what the sites have signed of it.

<state>/global-ledger.sqlite            one entry for each attempt (`privacy.ledger.shared`)
<state>/countersignatures/<site>.json   how far the site knows it, and its signature of each entry

An attempt is announced before it is asked. A site that is offline is told later; until then the
others charge for it as well.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from federated.contract.catalogue import Indicator
from federated.contract.messages import (
    MOST_ENTRIES,
    Countersignature,
    Malformed,
    Notice,
    decode_from_site,
    encode,
)
from federated.coordinator.config import CoordinatorConfig
from federated.coordinator.rounds import Asked, Exchange, write_whole
from privacy.accounting import charged_years
from privacy.ledger import ATTEMPT, Announced, Chain, SharedEntry, Verification, has_countersigned
from privacy.signatures import load_public_key

NAME = "global ledger"
_MOST_ROUNDS = 20


@dataclass
class _Signed:
    """known: entries that the site has, as far as it has said. signatures: by an entry's hash.

    forgot: it once knew more than it said later: its ledger was lost, or put back from a backup.
    """

    known: int
    signatures: dict[str, str]
    forgot: bool = False


class GlobalLedger:
    """Open it with `GlobalLedger.open`, or with `read` to look at it alone."""

    def __init__(self, chain: Chain, folder: Path, keys: Mapping[str, Ed25519PublicKey]) -> None:
        self._chain = chain
        self._folder = folder
        self._keys = keys

    @classmethod
    def open(cls, coordinator: CoordinatorConfig) -> Self:
        """Open or create it. Raises Problem where its chain is broken, or a key cannot be read."""
        chain = Chain.open(_path(coordinator), NAME)
        return cls(chain, _folder(coordinator), _keys(coordinator))

    @classmethod
    def read(cls, coordinator: CoordinatorConfig) -> Self:
        return cls(Chain.read(_path(coordinator), NAME), _folder(coordinator), _keys(coordinator))

    def close(self) -> None:
        self._chain.close()

    def announce(self, asked: Asked, indicator: Indicator, through: int) -> None:
        """Add the attempt, unless it is there. through: last year that any site's data reach."""
        before = indicator.definition.data_years.before
        told = Announced(
            question_id=asked.question_id,
            attempt_id=asked.attempt_id,
            indicator=asked.indicator,
            period=asked.period,
            roster=list(asked.roster),
            rho=asked.rho(indicator),
            years=list(charged_years(int(asked.period), before, through)),
        )
        with self._chain.writing() as append:
            if self._entry(asked.attempt_id) is None:
                append(ATTEMPT, told.model_dump(mode="json"))

    @property
    def members(self) -> set[str]:
        """Those who can countersign."""
        return set(self._keys)

    def entries(self) -> list[SharedEntry]:
        return [SharedEntry.of(entry) for entry in self._chain.entries()]

    def signatures(self, attempt_id: str) -> dict[str, str]:
        """Of the attempt's entry, by site; empty if it was not announced."""
        entry = self._entry(attempt_id)
        return {} if entry is None else self.signatures_of(entry)

    def signatures_of(self, entry: SharedEntry) -> dict[str, str]:
        found = {site: self._signed(site).signatures.get(entry.hash) for site in self._keys}
        return {site: signature for site, signature in found.items() if signature is not None}

    def tell(self, exchange: Exchange) -> None:
        """Tell every site with a key what it does not know yet, and keep what it signs.

        A site that does not reply, or replies with something else, is told again next time.
        """
        waiting = set(self._keys)
        for _ in range(_MOST_ROUNDS):
            notices = {site: n for site in sorted(waiting) if (n := self._notice(site)) is not None}
            if not notices:
                return
            replies = exchange({site: encode(notice) for site, notice in notices.items()})
            for site, notice in notices.items():
                before = self._signed(site).known
                self._note(site, notice, replies.get(site, ""))
                if self._signed(site).known == before:
                    waiting.discard(site)

    def known(self) -> dict[str, int]:
        """How many entries each site has, as far as it has said."""
        return {site: self._signed(site).known for site in self._keys}

    def forgetful(self) -> list[str]:
        """Sites that once knew more than they said later. They are told all of it again."""
        return [site for site in self._keys if self._signed(site).forgot]

    def verify(self) -> Verification:
        return self._chain.verify()

    def _entry(self, attempt_id: str) -> SharedEntry | None:
        found = [e for e in self._chain.entries() if e.body["attempt_id"] == attempt_id]
        return SharedEntry.of(found[-1]) if found else None

    def _notice(self, site: str) -> Notice | None:
        unknown = [SharedEntry.of(e) for e in self._chain.entries(self._signed(site).known)]
        return Notice(site=site, entries=unknown[:MOST_ENTRIES]) if unknown else None

    def _note(self, site: str, notice: Notice, reply: bytes | str) -> None:
        if isinstance(reply, str):
            return
        try:
            message = decode_from_site(reply)
        except Malformed:
            return
        if not isinstance(message, Countersignature) or message.site != site:
            return
        last, _ = self._chain.head()
        signed = self._signed(site)
        signed.forgot |= message.known < signed.known
        signed.known = min(message.known, last)
        for entry, signature in zip(notice.entries, message.signatures, strict=False):
            if signature is not None and has_countersigned(
                self._keys[site], site, entry, signature
            ):
                signed.signatures[entry.hash] = signature
        self._folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._file(site), json.dumps(asdict(signed)).encode())

    def _signed(self, site: str) -> _Signed:
        try:
            return _Signed(**json.loads(self._file(site).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return _Signed(0, {})

    def _file(self, site: str) -> Path:
        return self._folder / f"{site}.json"


def countersigned(
    coordinator: CoordinatorConfig, indicator: Indicator, exchange: Exchange, through: int
) -> Callable[[Asked], Mapping[str, str]]:
    """What `ask` needs: announces an attempt, and gives the signatures that came of it."""

    def announce(asked: Asked) -> Mapping[str, str]:
        with closing(GlobalLedger.open(coordinator)) as ledger:
            ledger.announce(asked, indicator, through)
            if not ledger.members <= set(asked.roster):  # else everyone charges for it anyway
                ledger.tell(exchange)
            return ledger.signatures(asked.attempt_id)

    return announce


def last_data_year(records: Iterable[Mapping[str, dict[str, dict[str, list[int]]]]]) -> int:
    """The last year that a release so far was charged to; 0 if there is none."""
    years = (year for r in records for of in r["privacy"]["data_years"].values() for year in of)
    return max(years, default=0)


def _path(coordinator: CoordinatorConfig) -> Path:
    return coordinator.state_path / "global-ledger.sqlite"


def _folder(coordinator: CoordinatorConfig) -> Path:
    return coordinator.state_path / "countersignatures"


def _keys(coordinator: CoordinatorConfig) -> dict[str, Ed25519PublicKey]:
    return {
        member.id: load_public_key(coordinator.path(member.identity_public_key))
        for member in coordinator.members
        if member.identity_public_key is not None
    }

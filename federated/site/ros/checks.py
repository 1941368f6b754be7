"""Evidence: each check looks at this installation now, and says what it saw without any data.

A check that cannot look is `missing`; none of them raises. What they read stays here: they count
and compare, and put no value of a record into words.
"""

# ruff: noqa: S608 -- what is spliced in is named in the contract

import importlib.metadata
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import duckdb
from cryptography import x509
from packaging.requirements import Requirement

from federated.contract.catalogue import Indicator, load_versions
from federated.site.approving import standing
from federated.site.config import SiteConfig
from federated.site.peers import identity_of, peers_of
from federated.site.ros.attacks import attacks_refused
from federated.site.ros.common import imported_file
from federated.site.warehouse import current_deliveries
from privacy.approval import Approval, Kind, State
from privacy.audit import Audited, audit
from privacy.gate import budget_rho
from privacy.gate.door import AUDIT
from privacy.ledger import Chain, Ledger
from privacy.ros import Evidence, Finding

WARNING_DAYS = 14
FRESH_DAYS = {"npr": 75, "kuhr": 200, "kpr-omsorg": 430}
"""Age of a delivery's end at which the next one is overdue: monthly, by tertial, yearly; each with
some weeks for the sender."""
OTHERWISE_FRESH_DAYS = 430
MOST_QUARANTINED = 0.05
SAMPLED_PERSONS = 500
CANARIES = 2_000


@dataclass(frozen=True)
class Look:
    """What the checks look at. project: folder of the dbt project."""

    site: SiteConfig
    project: Path
    now: datetime

    def approved(self) -> tuple[State, Approval | None]:
        state, decision = standing(self.site, self.now)
        return state, decision if isinstance(decision, Approval) else None

    def installed(self) -> dict[tuple[str, str], Indicator]:
        found = load_versions(self.site.manifest_path, self.project)
        return {(indicator.id, indicator.fingerprint): indicator for indicator in found}

    def warehouse(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self.site.warehouse_path), read_only=True)


Seen = tuple[Finding, str, str]
Check = Callable[[Look], Seen]
HOLDS, FAILS, MISSING = Finding.HOLDS, Finding.FAILS, Finding.MISSING
FOLLOWS = ("approval_valid", "definitions_match")
"""Evidence that is a consequence of an approval. The one that is asked for would bring it, for it
names the definitions that are installed: risks are judged for the decision as if these held."""


def look(of: Look) -> dict[str, Evidence]:
    """Every check, by its name."""
    found: dict[str, Evidence] = {}
    for name, check in CHECKS.items():
        try:
            finding, nb, en = check(of)
        except Exception as error:  # its text may hold a value: only the type is told
            kind = type(error).__name__
            finding, nb, en = MISSING, f"Kunne ikke undersøkes ({kind}).", f"No look ({kind})."
        found[name] = Evidence(name, finding, nb, en)
    return found


def _held(holds: bool, nb: tuple[str, str], en: tuple[str, str]) -> Seen:
    """The first words where it holds, the second where it does not."""
    place = 0 if holds else 1
    return (HOLDS if holds else FAILS), nb[place], en[place]


# -- what is decided -------------------------------------------------------------------------------


def approval_valid(of: Look) -> Seen:
    state, approval = of.approved()
    if state is State.NONE:
        return MISSING, "Ingen godkjenning er gitt.", "Nothing has been approved."
    if state is not State.VALID or approval is None:
        return FAILS, f"Godkjenningen gjelder ikke: {state}.", f"The approval is {state}."
    left = (approval.until - of.now).days
    if left < WARNING_DAYS:
        return (
            FAILS,
            f"Godkjenningen går ut om {left} dager.",
            f"The approval expires in {left} days.",
        )
    return (
        HOLDS,
        f"Gyldig til {approval.until:%d.%m.%Y}, gitt av {approval.by}.",
        f"Valid until {approval.until:%Y-%m-%d}, given by {approval.by}.",
    )


def definitions_match(of: Look) -> Seen:
    _, approval = of.approved()
    if approval is None:
        return MISSING, "Ingen definisjoner er godkjent.", "No definition has been approved."
    installed = of.installed()
    other = sorted(i for i in approval.scope.indicators.items() if i not in installed)
    names = ", ".join(name for name, _ in other)
    count = len(approval.scope.indicators)
    return _held(
        not other,
        (f"{count} godkjente er installert uendret.", f"Endret: {names}."),
        (
            f"{len(approval.scope.indicators)} approved are installed unchanged.",
            f"Changed: {names}.",
        ),
    )


def policy_closed(of: Look) -> Seen:
    policy = of.site.policy
    answered = sum(how == "auto" for how in policy.answers.values())
    return _held(
        policy.demo is None,
        (
            f"{answered} indikatorer er navngitt; alt annet avslås.",
            "Demobrytere er på: de løfter grensene på syntetiske data.",
        ),
        (
            f"{answered} indicators are named; all else is refused.",
            "Demo switches are on: they lift the limits on synthetic data.",
        ),
    )


def purposes_divided(of: Look) -> Seen:
    purposes = of.site.policy.purposes
    return _held(
        bool(purposes),
        (f"Budsjett for {len(purposes)} formål.", "Budsjettet er ikke delt på formål."),
        (f"Budgets for {len(purposes)} purposes.", "The budget is not divided by purpose."),
    )


def no_linkage(of: Look) -> Seen:
    _, approval = of.approved()
    linked = approval is not None and Kind.BLINDED_TOKENS in approval.scope.kinds
    return _held(
        not linked,
        ("Koblingsmeldinger er ikke godkjent.", "Koblingsmeldinger er godkjent."),
        ("Linkage messages are not approved.", "Linkage messages are approved."),
    )


# -- what has been spent ---------------------------------------------------------------------------


def ledger_whole(of: Look) -> Seen:
    if not of.site.ledger_path.is_file():
        return MISSING, "Det er ingen hovedbok ennå.", "There is no ledger yet."
    with closing(Ledger.read(of.site.ledger_path)) as ledger:
        verification = ledger.verify()
    return _held(
        verification.ok,
        (
            f"{verification.entries} innførsler henger sammen.",
            f"Innførsel {verification.first_bad} stemmer ikke.",
        ),
        (
            f"{verification.entries} entries follow from one another.",
            f"Entry {verification.first_bad} does not fit.",
        ),
    )


def budget_left(of: Look) -> Seen:
    if not of.site.ledger_path.is_file():
        return MISSING, "Det er ingen hovedbok ennå.", "There is no ledger yet."
    with closing(Ledger.read(of.site.ledger_path)) as ledger:
        spent = ledger.spent()
    most = budget_rho(of.site.policy, "real")
    share = max((s.rho for s in spent.values()), default=0.0) / most
    return _held(
        share <= 1,
        (
            f"Mest brukt av et dataårs budsjett: {100 * share:.0f} prosent.",
            f"Budsjettet er overskredet: {100 * share:.0f} prosent.",
        ),
        (
            f"Most spent of a data-year's budget: {100 * share:.0f} per cent.",
            f"The budget is exceeded: {100 * share:.0f} per cent.",
        ),
    )


def audit_log_whole(of: Look) -> Seen:
    if not of.site.audit_path.is_file():
        return MISSING, "Ingenting er sendt ennå.", "Nothing has left yet."
    with closing(Chain.read(of.site.audit_path, AUDIT)) as chain:
        verification = chain.verify()
    return _held(
        verification.ok,
        (f"{verification.entries} meldinger er loggført.", "Loggen er endret."),
        (f"{verification.entries} messages are logged.", "The log was changed."),
    )


def global_ledger(of: Look) -> Seen:
    identity, peers = identity_of(of.site), peers_of(of.site)
    if identity is None:
        return MISSING, "Virksomheten har ingen egen nøkkel.", "The site has no identity key."
    others = of.site.policy.federation_sites - 1
    return _held(
        len(peers) >= others,
        (
            f"Kjenner {len(peers)} andre virksomheters nøkler.",
            f"Kjenner bare {len(peers)} av {others} andre virksomheters nøkler.",
        ),
        (
            f"Knows the keys of {len(peers)} other sites.",
            f"Knows the keys of only {len(peers)} of {others} other sites.",
        ),
    )


def answers_given(of: Look) -> Seen:
    if not of.site.ledger_path.is_file():
        return MISSING, "Ingen spørsmål er besvart.", "No question has been answered."
    with closing(Ledger.read(of.site.ledger_path)) as ledger:
        released = sum(a.release_id is not None for a in ledger.attempts())
    return _held(
        released > 0,
        (f"{released} svar inngår i utleveringer.", "Ingen svar er utlevert ennå."),
        (f"{released} answers are in releases.", "No answer has been released yet."),
    )


# -- what is installed -----------------------------------------------------------------------------


@cache
def audited() -> list[Audited]:
    """Of the software, which is the same as long as this process is; it takes half a minute."""
    return audit(canaries=CANARIES)


def mechanisms_audited(_: Look) -> Seen:
    found = audited()
    bad = [m.name for m in found if not m.sound or m.not_caught]
    caught = sum(m.broken_variants_caught for m in found)
    return _held(
        not bad,
        (
            f"{len(found)} mekanismer holdt; {caught} ødelagte varianter ble avslørt.",
            f"Holdt ikke: {', '.join(bad)}.",
        ),
        (
            f"{len(found)} mechanisms held; {caught} broken variants were caught.",
            f"Did not hold: {', '.join(bad)}.",
        ),
    )


def attack_refused(of: Look) -> Seen:
    tried, got_through = attacks_refused(of.site, of.project)
    return _held(
        tried > 0 and not got_through,
        (
            f"{tried} uriktige spørsmål ble stilt og avslått av riktig grunn.",
            f"Ikke avslått som ventet: {', '.join(got_through)}.",
        ),
        (
            f"{tried} wrongful questions were put, and refused for the right reason.",
            f"Not refused as expected: {', '.join(got_through)}.",
        ),
    )


def versions_locked(of: Look) -> Seen:
    lock = of.project.parent / "requirements.lock"
    if not lock.is_file():
        return MISSING, "Låsefilen følger ikke med.", "The lock file is not here."
    pinned = dict(_pinned(lock.read_text(encoding="utf-8")))
    other = sorted(name for name, version in pinned.items() if _differs(name, version))
    return _held(
        not other,
        (f"{len(pinned)} pakker har låst versjon.", f"Annen versjon: {', '.join(other)}."),
        (f"{len(pinned)} packages are as locked.", f"Another version: {', '.join(other)}."),
    )


def _pinned(lock: str) -> Iterator[tuple[str, str]]:
    """(name, version) of what the lock file asks for on this machine."""
    for line in lock.replace("\\\n", " ").splitlines():
        text = line.partition("--hash")[0].strip()
        if not text or text.startswith(("#", "-")):
            continue
        required = Requirement(text)
        (pin,) = required.specifier
        if required.marker is None or required.marker.evaluate():
            yield required.name, pin.version


def _differs(name: str, version: str) -> bool:
    try:
        return importlib.metadata.version(name) != version
    except importlib.metadata.PackageNotFoundError:
        return False  # not installed here, so it cannot do anything


def transport_key(of: Look) -> Seen:
    key = of.site.path(of.site.keys.transport)
    if not key.is_file():
        return MISSING, "Transportnøkkelen finnes ikke.", "There is no transport key."
    return (
        HOLDS,
        "Virksomheten har sin egen transportnøkkel.",
        "The site has its own transport key.",
    )


def certificate_valid(of: Look) -> Seen:
    file = of.site.path(of.site.coordinator.ca_certificate)
    until = x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    left = (until - of.now).days
    return _held(
        left >= WARNING_DAYS,
        (f"Gyldig til {until:%d.%m.%Y}.", f"Går ut om {left} dager."),
        (f"Valid until {until:%Y-%m-%d}.", f"Expires in {left} days."),
    )


def files_private(of: Look) -> Seen:
    files = [of.site.path(name) for name in of.site.keys.private.values()]
    files += [of.site.ledger_path, of.site.audit_path, of.site.approvals_path]
    files += [of.site.assessments_path, imported_file(of.site)]
    open_ = [
        f.name for f in files if f.is_file() and f.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    ]
    return _held(
        not open_,
        ("Nøkler, hovedbok og logg er bare for eieren.", f"Andre kan lese: {', '.join(open_)}."),
        (
            "Keys, ledger and log are for their owner alone.",
            f"Others can read: {', '.join(open_)}.",
        ),
    )


# -- the data --------------------------------------------------------------------------------------


def deliveries_fresh(of: Look) -> Seen:
    with closing(of.warehouse()) as connection:
        rows = connection.execute(
            "select format, max(period_to), bool_and(period_stated) from landing.delivery "
            "where state = 'current' and period_to is not null group by 1 order by 1"
        ).fetchall()
    if not rows:
        return MISSING, "Ingenting er levert.", "Nothing has been delivered."
    late = [name for name, end, _ in rows if of.now.date() - _day(end) > _overdue(name)]
    # An end that no sender has stated is the date of some row.
    ends = ", ".join(f"{name} {_day(end):%Y-%m}" if stated else name for name, end, stated in rows)
    return _held(
        not late,
        (f"Rekker til: {ends}.", f"Forsinket: {', '.join(late)} ({ends})."),
        (f"Reach: {ends}.", f"Overdue: {', '.join(late)} ({ends})."),
    )


def _overdue(name: str) -> timedelta:
    return timedelta(days=FRESH_DAYS.get(name, OTHERWISE_FRESH_DAYS))


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def period_stated(of: Look) -> Seen:
    with closing(of.warehouse()) as connection:
        deliveries = current_deliveries(connection)
    unstated = sorted(deliveries.through.keys() - deliveries.stated)
    return _held(
        not unstated,
        ("Avsenderne har oppgitt perioden.", f"Perioden er ikke oppgitt: {', '.join(unstated)}."),
        ("Senders have stated the period.", f"No stated period: {', '.join(unstated)}."),
    )


def quarantine_small(of: Look) -> Seen:
    with closing(of.warehouse()) as connection:
        found = connection.execute(
            "select sum(rows_quarantined), sum(rows_in) from landing.delivery "
            "where state = 'current'"
        ).fetchone()
    if found is None or not found[1]:
        return MISSING, "Ingenting er levert.", "Nothing has been delivered."
    share = found[0] / found[1]
    return _held(
        share <= MOST_QUARANTINED,
        (
            f"Høyst {100 * MOST_QUARANTINED:.0f} prosent av radene er i karantene.",
            f"Mer enn {100 * MOST_QUARANTINED:.0f} prosent av radene er i karantene.",
        ),
        (
            f"At most {100 * MOST_QUARANTINED:.0f} per cent of rows are in quarantine.",
            f"More than {100 * MOST_QUARANTINED:.0f} per cent of rows are in quarantine.",
        ),
    )


def key_kind_known(of: Look) -> Seen:
    """What the models found in the deliveries, not what the site file says of them."""
    with closing(of.warehouse()) as connection:
        kinds = {
            kind
            for (kind,) in connection.execute(
                "select distinct key_kind from tokens.key_kind"
            ).fetchall()
        }
    if not kinds:
        return MISSING, "Ingen personnumre er levert.", "No person numbers were delivered."
    names = ", ".join(sorted(kinds))
    return _held(
        len(kinds) == 1 and "mixed" not in kinds,
        (f"Ett slag personnummer i koblingen: {names}.", f"Flere slag personnumre: {names}."),
        (f"One kind of person number in linkage: {names}.", f"Several kinds: {names}."),
    )


def logs_clean(of: Look) -> Seen:
    """Person numbers of a random sample, in every text file that the running parts write."""
    files = [f for f in log_files(of.site.state_path) if f.is_file()]
    if not files:
        return MISSING, "Det er ingen logger ennå.", "There are no logs yet."
    with closing(of.warehouse()) as connection:
        tables = {
            name
            for (name,) in connection.execute(
                "select table_name from information_schema.columns "
                "where table_schema = 'landing' and column_name = 'person_id'"
            ).fetchall()
        }
        persons = {
            str(person)
            for table in sorted(tables)
            for (person,) in connection.execute(
                f"select distinct person_id from landing.{table} where length(person_id) > 5 "
                f"using sample {SAMPLED_PERSONS}"
            ).fetchall()
        }
    if not persons:
        return MISSING, "Det er ingen personer å lete etter.", "There is nobody to look for."
    wanted = re.compile("|".join(re.escape(p) for p in persons))
    hits = sum(bool(wanted.search(f.read_text(encoding="utf-8", errors="replace"))) for f in files)
    return _held(
        hits == 0,
        (
            f"Inntil {SAMPLED_PERSONS} personnumre fra hver tabell ble lett etter i {len(files)} "
            "logger; ingen ble funnet.",
            f"Personnumre står i {hits} av {len(files)} logger.",
        ),
        (
            f"Up to {SAMPLED_PERSONS} person numbers of each table were looked for in "
            f"{len(files)} logs; none was found.",
            f"Person numbers stand in {hits} of {len(files)} logs.",
        ),
    )


def log_files(state: Path) -> Iterator[Path]:
    """Where the parts of a site write, as far as they have. state: its state folder."""
    yield state / "agent" / "agent.log"
    yield from sorted((state / "logs").glob("*.log"))
    yield from sorted((state / "dbt").glob("**/*.log"))


CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        approval_valid,
        definitions_match,
        policy_closed,
        purposes_divided,
        no_linkage,
        ledger_whole,
        budget_left,
        audit_log_whole,
        global_ledger,
        answers_given,
        mechanisms_audited,
        attack_refused,
        versions_locked,
        transport_key,
        certificate_valid,
        files_private,
        deliveries_fresh,
        period_stated,
        quarantine_small,
        key_kind_known,
        logs_clean,
    )
}

"""`sloyfe releases`: published releases, and the reading room that is built of them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from federated.contract.withdrawal import Withdrawal
    from portal.room.editions import Shelf

app = typer.Typer(no_args_is_help=True, help="Published releases, and a site to read them on.")

Coordinator = Annotated[Path, typer.Option(help="Its folder or coordinator.yaml.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.callback()
def releases() -> None:
    """Published releases, and a site to read them on."""


@app.command()
def verify(
    folder: Annotated[Path, typer.Option("--release", help="The release's folder.")],
    key: Annotated[Path, typer.Option(help="The coordinator's public release key (PEM).")],
) -> None:
    """Check that every file of a release is as the coordinator signed it."""
    from federated.coordinator.release import verify_release
    from privacy.signatures import load_public_key

    verify_release(folder, load_public_key(key))
    print("verified: every file is as it was signed")


@app.command("list")
def list_(coordinator: Coordinator, as_json: AsJson = False) -> None:
    """Every release: indicator, period, edition, cost, and whether it stands."""
    from federated.contract.withdrawal import read_withdrawals, withdrawn
    from federated.coordinator.config import load_coordinator
    from federated.coordinator.release import load_release, release_ids

    place = load_coordinator(coordinator).releases_path
    holding = withdrawn(read_withdrawals(place))
    found = [
        _entry(load_release(place / name).record, holding.get(name)) for name in release_ids(place)
    ]
    if as_json:
        print(json.dumps({"releases": found}, indent=2, ensure_ascii=False))
        return
    for entry in found:
        print(
            f"{entry['release_id']}: {entry['indicator']}, {entry['period']}, edition "
            f"{entry['edition']}, {entry['published_at'][:10]}, ε {entry['epsilon']:.3g}"
        )
        if entry["withdrawn"] is not None:
            instead = entry["withdrawn"]["successor"]
            print(f"  withdrawn: {entry['withdrawn']['reason_nb']}")
            print(f"  read instead: {instead}" if instead else "  nothing stands in its place yet")
    if not found:
        print("nothing has been released yet")


@app.command()
def withdraw(
    release: Annotated[str, typer.Argument(help="Id of the release, as `list` says it.")],
    coordinator: Coordinator,
    reason: Annotated[str, typer.Option(help="Why, in bokmål, for those who read it.")],
    by: Annotated[str, typer.Option(help="Who decides, as the organisation names the role.")],
    reason_en: Annotated[str | None, typer.Option(help="The same in English.")] = None,
    successor: Annotated[
        str | None, typer.Option(help="Id of the release to read instead; may be named later.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say that a release is wrong. It stays where it is, marked; the ledgers keep its cost."""
    from federated.coordinator.config import load_coordinator
    from federated.coordinator.withdrawing import withdraw_release
    from privacy.signatures import load_signing_key

    config = load_coordinator(coordinator)
    notice = withdraw_release(
        config.releases_path,
        release,
        load_signing_key(config.path(config.release_key)),
        reason_nb=reason,
        reason_en=reason_en,
        successor=successor,
        by=by,
    )
    if as_json:
        print(json.dumps(notice.model_dump(mode="json"), indent=2, ensure_ascii=False))
        return
    print(f"withdrawn: {notice.release_id}, notice {notice.number}")
    print("what it cost stays in every ledger; build the site again so that readers see it")


@app.command()
def site(
    out: Annotated[Path, typer.Option(help="Folder of the site; an earlier one is replaced.")],
    coordinator: Annotated[
        Path | None, typer.Option(help="The coordinator's folder or coordinator.yaml.")
    ] = None,
    releases: Annotated[
        Path | None, typer.Option(help="Or: a folder of releases, fetched from a coordinator.")
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(help="The coordinator's public release key (PEM), to check a fetched folder."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Build the reading room: a static site of all releases, in bokmål and English."""
    from portal.room.build import build_site, parts_of
    from sloyfe.console import Bar

    shelves, name = _shelves(coordinator, releases, key)
    with Bar("building the reading room", parts_of(shelves)) as bar:
        written = build_site(shelves, out.resolve(), name=name, progress=bar.next)
    if as_json:
        print(json.dumps(written.document(), indent=2, ensure_ascii=False))
    else:
        print(
            f"{written.releases} releases, {written.pages} pages: {written.folder / 'index.html'}"
        )


def _shelves(
    coordinator: Path | None, releases: Path | None, key: Path | None
) -> tuple["list[Shelf]", str | None]:
    """Every release, checked against the coordinator's signature where its key is known."""
    from federated.coordinator.config import load_coordinator
    from federated.coordinator.release import verify_release
    from portal.room.editions import read_shelves
    from privacy.problem import Problem
    from privacy.signatures import load_public_key, load_signing_key

    if coordinator is not None and releases is None:
        config = load_coordinator(coordinator)
        public = load_signing_key(config.path(config.release_key)).public_key()
        place, name = config.releases_path, config.name
    elif releases is not None and coordinator is None:
        if not releases.is_dir():
            raise Problem("there is no such folder", str(releases), "Name a folder of releases.")
        public = load_public_key(key) if key is not None else None
        place, name = releases, None
    else:
        raise Problem(
            "it is not said where the releases are",
            "--coordinator, --releases",
            "Name one of the two.",
        )
    check = (lambda folder: verify_release(folder, public)) if public is not None else None
    return (read_shelves(place, check, public) if check else read_shelves(place)), name


def _entry(record: dict[str, Any], withdrawal: "Withdrawal | None") -> dict[str, Any]:
    return {
        "release_id": record["release_id"],
        "indicator": record["indicator"]["id"],
        "version": record["indicator"]["version"],
        "period": record["period"],
        "edition": record["edition"],
        "published_at": record["published_at"],
        "epsilon": record["privacy"]["epsilon"],
        "rho": record["privacy"]["rho"],
        "withdrawn": None if withdrawal is None else withdrawal.model_dump(mode="json"),
    }

"""What a demo ends by printing: released what, at what cost to each ledger, and where to look."""

from typing import Any

from rich.console import Console
from rich.table import Table


def print_summary(document: dict[str, Any]) -> None:
    console = Console(highlight=False)
    landed = Table(title="Landed", title_justify="left")
    for heading in ("site", "kind", "rows in", "landed", "quarantined"):
        landed.add_column(heading, justify="left" if heading in ("site", "kind") else "right")
    for site in document["sites"]:
        counts = (site["rows_in"], site["rows_landed"], site["rows_quarantined"])
        landed.add_row(site["name"], site["kind"], *(str(count) for count in counts))
    console.print(landed)

    ledgers = Table(title="Cost to each ledger", title_justify="left")
    for heading in ("site", "ρ spent", "ρ budget a data-year", "entries", "verified"):
        ledgers.add_column(heading, justify="left" if heading == "site" else "right")
    for ledger in document["ledgers"]:
        ledgers.add_row(
            ledger["site"],
            f"{ledger['rho_spent']:.4f}",
            f"{ledger['rho_budget']:.4f}",
            str(ledger["entries"]),
            "yes" if ledger["verified"] else "NO",
        )
    console.print(ledgers)

    for release in document["releases"]:
        mark = "" if release["private"] else "  [bold red]IKKE PRIVAT[/bold red]"
        console.print(
            f"Released: {release['indicator']}, {release['period']}: {release['cells']} cells at "
            f"ε = {release['epsilon']:.3g}, δ = {release['delta']:.0e}{mark}"
        )
        console.print(f"  look at {release['page']}", soft_wrap=True)
    for page in document["ros"].values():
        console.print(f"ROS, decided on by a demo that has read nothing: {page}", soft_wrap=True)
    console.print(f"Read all releases: {document['reading_room']}", soft_wrap=True)
    console.print(f"See it in Dagster: sloyfe dev --out {document['out']}", soft_wrap=True)

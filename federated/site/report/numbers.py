"""Under which kind of number the tokens of a site's registers stand, and who has none."""

import duckdb

from style.tables import Column, Table

_KINDS = {
    "npr_lnr": "NPRs løpenummer",
    "kpr_lnr": "KPRs løpenummer",
    "synthea": "Syntheas eget",
    "mixed": "blandet",
}
"""Kinds with a meaning of their own; any other is a name from the site file, shown as it is."""
_REGISTERS = {"npr": "NPR", "kpr": "KPR"}
_COUNTS = {
    "persons": "Personer",
    "with_common_number": "Med felles løpenummer",
    "ambiguous": "Ikke entydig i nøkkelfilen",
    "unmapped": "Ikke i nøkkelfilen",
    "mixed_numbers": "Levert med to slag",
    "without_national_id": "Uten fødselsnummer",
}
"""Columns of `tokens.key_kind` -> their headings."""
_NOTE = (
    "To virksomheter kan bare kobles der slaget i koblingen er det samme og ikke blandet. Den som "
    "ikke har felles løpenummer, er ikke med i noen indikator som krever kobling."
)


def number_kinds(connection: duckdb.DuckDBPyConnection) -> Table | None:
    """`tokens.key_kind`, a row per register; None where it is not built or nothing was delivered.

    Counts are of persons.
    """
    names = ", ".join(_COUNTS)
    try:
        found = connection.execute(
            f"select register, number_kind, key_kind, {names} from tokens.key_kind "  # noqa: S608 -- ours
            "order by register"
        ).fetchall()
    except duckdb.CatalogException:
        return None
    if not found:
        return None
    return Table(
        title_nb="Løpenumre i koblinger etter register",
        title_en="Person numbers in linkage by register",
        columns=(
            *(Column(heading, "text") for heading in ("Register", "Slag levert", "Slag i kobling")),
            *(Column(heading, "count") for heading in _COUNTS.values()),
        ),
        rows=tuple(
            (_REGISTERS[register], _KINDS.get(own, own), _KINDS.get(common, common), *counts)
            for register, own, common, *counts in found
        ),
        note_nb=_NOTE,
    )

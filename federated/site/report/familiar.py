"""The five tables that partners know from the Oslo presentation of 2023, in their familiar form.

By sector and bydel: a line per sector, its bydeler under it, Oslo last. The change is by the year it
starts from; the presentation divided by the year it ended in.
"""

from collections.abc import Mapping

from federated.site.report.figures import Figures
from federated.site.report.tables import Names, Table


def familiar_tables(figures: Mapping[str, Figures], names: Names) -> list[Table]:
    """Those of the five that this site's indicators carry. figures: by indicator id."""
    return []

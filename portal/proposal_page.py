"""The page of a proposed indicator, for those who read it before they approve or refuse."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from federated.contract.catalogue import Indicator
from portal import theme
from portal.catalogue_page import WORDS, environment


def render_proposal(
    indicator: Indicator, trials: Sequence[Mapping[str, Any]], software: str
) -> str:
    """One page that needs no network and no script. trials: as in `proposal.json`."""
    return (
        environment()
        .get_template("proposal.html.j2")
        .render(
            indicator=indicator,
            trials=trials,
            software=software,
            **WORDS,
            stylesheet=Markup(theme.stylesheet()),  # noqa: S704 -- ours, no input in it
        )
    )

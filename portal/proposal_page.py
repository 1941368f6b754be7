"""The page of a proposed indicator, for those who read it before they approve or refuse."""

from collections.abc import Mapping, Sequence
from typing import Any

from federated.contract.catalogue import Indicator
from portal.catalogue_page import WORDS
from style.pages import environment


def render_proposal(
    indicator: Indicator, trials: Sequence[Mapping[str, Any]], software: str
) -> str:
    """One page that needs no network and no script. trials: as in `proposal.json`."""
    return (
        environment("portal")
        .get_template("proposal.html.j2")
        .render(
            indicator=indicator,
            trials=trials,
            software=software,
            **WORDS,
        )
    )

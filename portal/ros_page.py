"""A site's ROS for people: one page in bokmål, one in English, from the report's data alone."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from portal.ros_picture import flow_picture
from style.pages import environment

Language = Literal["nb", "en"]
OTHER: dict[Language, tuple[Language, str]] = {"nb": ("en", "en.html"), "en": ("nb", "index.html")}
LIKELIHOOD = {
    "nb": (
        "sjeldnere enn hvert hundrede år",
        "sjeldnere enn hvert tiende år",
        "hvert tiende år",
        "hvert år",
        "hver måned",
    ),
    "en": (
        "less than every hundred years",
        "less than every ten years",
        "every ten years",
        "every year",
        "every month",
    ),
}
CONSEQUENCE = {
    "nb": ("ikke merkbar", "ubetydelig", "moderat", "alvorlig", "svært alvorlig"),
    "en": ("not noticeable", "negligible", "moderate", "serious", "very serious"),
}
"""The lowest first; a scale of four begins at the second (`privacy.ros.scale`)."""

PICTURE = {
    "nb": (
        "Dataflyt inn i, gjennom og ut av virksomheten",
        "Registre leses inn, blir til tabeller og indikatorer, og agenten svarer koordinatoren. "
        "Tabellen under bildet sier det samme, strek for strek.",
    ),
    "en": (
        "Data flows into, through and out of the organisation",
        "Registers are landed, become tables and indicators, and the agent answers the "
        "coordinator. The table below the picture says the same, line by line.",
    ),
}
"""The picture's title, and its text for those who do not see it."""


def render_ros(document: Mapping[str, Any], language: Language) -> str:
    """The whole page; nothing in it is fetched from elsewhere.

    document: as `sloyfe ros build --json` writes it to `ros.json`.
    """
    risks = [
        {
            **risk,
            "number": number,
            "measures": [{**m, "title": m[f"title_{language}"]} for m in risk["measures"]],
        }
        for number, risk in enumerate(document["risks"], 1)
    ]
    levels = {
        when: Counter(risk[when]["level"] for risk in risks) for when in ("initial", "residual")
    }
    other, other_page = OTHER[language]
    steps: int = document["scale"]["steps"]
    return (
        environment("portal")
        .get_template("ros.html.j2")
        .render(
            lang=language,
            other=other,
            other_page=other_page,
            document=document,
            risks=risks,
            levels=levels,
            matrices={when: _matrix(risks, when, steps) for when in ("initial", "residual")},
            likelihood=LIKELIHOOD[language][-steps:],
            consequence=CONSEQUENCE[language][-steps:],
            scale=document["scale"],
            picture=flow_picture(document, language, *PICTURE[language]),
            assets=_numbered(document["assets"], document),
            flows=_flows(document),
            lacking=[e for e in document["evidence"] if e["status"] != "holds"],
            t=lambda nb, en: nb if language == "nb" else en,
            of=lambda content, name: content[f"{name}_{language}"],
        )
    )


def _matrix(risks: list[dict[str, Any]], when: str, steps: int) -> list[list[list[int]]]:
    """Numbers of the risks in each square: rows by likelihood, the highest first."""
    return [
        [
            [
                risk["number"]
                for risk in risks
                if (risk[when]["likelihood"], risk[when]["consequence"]) == (likely, grave)
            ]
            for grave in range(1, steps + 1)
        ]
        for likely in range(steps, 0, -1)
    ]


def _numbered(concerned: list[dict[str, Any]], document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """With the numbers of the events that each is concerned by."""
    number = {risk["id"]: n for n, risk in enumerate(document["risks"], 1)}
    return [
        {**one, "risk_numbers": sorted(number[risk] for risk in one["risks"])} for one in concerned
    ]


def _flows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Numbered as in the picture, with the assets that they run between."""
    by_id = {asset["id"]: asset for asset in document["assets"]}
    return [
        {**flow, "number": n, "source": by_id[flow["source"]], "target": by_id[flow["target"]]}
        for n, flow in enumerate(_numbered(document["flows"], document), 1)
    ]

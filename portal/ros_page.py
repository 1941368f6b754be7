"""A site's ROS for people: one page in bokmål, one in English, from the report's data alone."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from markupsafe import Markup

from portal.ros_history import changes, picture
from privacy.ros.register import STEPS, Level
from style.pages import environment

Language = Literal["nb", "en"]
OTHER: dict[Language, tuple[Language, str]] = {"nb": ("en", "en.html"), "en": ("nb", "index.html")}
LIKELIHOOD = {
    "nb": ("sjeldnere enn hvert tiende år", "hvert tiende år", "hvert år", "hver måned"),
    "en": ("less than every ten years", "every ten years", "every year", "every month"),
}
CONSEQUENCE = {
    "nb": ("ubetydelig", "moderat", "alvorlig", "svært alvorlig"),
    "en": ("negligible", "moderate", "serious", "very serious"),
}


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
            matrices={when: _matrix(risks, when) for when in ("initial", "residual")},
            likelihood=LIKELIHOOD[language],
            consequence=CONSEQUENCE[language],
            scale=document["scale"],
            lacking=[e for e in document["evidence"] if e["status"] != "holds"],
            risk_title={risk["id"]: risk[f"title_{language}"] for risk in risks},
            red_if_approved=[r for r in risks if r["if_approved"]["level"] == Level.RED],
            history_changes=changes(document["history"]),
            history_picture=_over_time(document["history"], language),
            t=lambda nb, en: nb if language == "nb" else en,
            of=lambda content, name: content[f"{name}_{language}"],
        )
    )


def _over_time(history: list[dict[str, Any]], language: Language) -> Markup:
    """The plot, and for those who do not see it how many were red at first and are now."""
    if not history:
        return Markup()
    first, last = (list(of["levels"].values()).count("red") for of in (history[0], history[-1]))
    if language == "nb":
        title = "Risiko over tid"
        text = f"{first} røde ved første viste vurdering, {last} ved den siste."
    else:
        title, text = "Risk over time", f"{first} red at the first assessment shown, {last} now."
    return picture(history, title, text)


def _matrix(risks: list[dict[str, Any]], when: str) -> list[list[list[int]]]:
    """Numbers of the risks in each square: rows by likelihood, the highest first."""
    return [
        [
            [
                risk["number"]
                for risk in risks
                if (risk[when]["likelihood"], risk[when]["consequence"]) == (likely, grave)
            ]
            for grave in range(1, STEPS + 1)
        ]
        for likely in range(STEPS, 0, -1)
    ]

"""A site's ROS for people: one page in bokmål, one in English, from the report's data alone."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from markupsafe import Markup

from portal.ros_history import changes, picture
from portal.ros_picture import flow_picture
from privacy.ros import Level
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

PARTS = {
    "indicators": ("Indikatorer og definisjoner", "Indicators and definitions"),
    "message_kinds": ("Hva slags meldinger som kan gå ut", "Kinds of message that may leave"),
    "kinds": ("Hva slags meldinger som kan gå ut", "Kinds of message that may leave"),
    "linkage": ("Kobling", "Linkage"),
    "budgets": ("Budsjetter", "Budgets"),
    "peers": ("Deltakere og nøklene deres", "Participants and their keys"),
    "coordinator": ("Koordinatoren", "The coordinator"),
    "deliveries": ("Registre, og om data er syntetiske", "Registers, and whether synthetic"),
    "operator": ("Drift", "Operator"),
    "code_line": ("Versjonslinje", "Version line"),
    "judgements": ("Vurderinger i risikoregisteret", "Judgements of the risk register"),
    "answers": ("Svar fra mennesker", "Answers by people"),
    "differences": (
        "Avgjorte forskjeller fra felles ROS",
        "Decided differences from the common",
    ),
    "common": ("Felles ROS", "The common risk analysis"),
    "common_issued": ("Ny utgave av felles ROS", "A new edition of the common risk analysis"),
    "scale": ("Skala", "Scale"),
    "assessed_within_days": ("Hvor gammel vurderingen kan være", "How old an assessment may be"),
    "code_version": ("Programversjon", "Version of the code"),
    "wording": ("Ordlyd i risikoregisteret", "Wording of the risk register"),
    "owners": ("Eiere og frister", "Owners and deadlines"),
}
"""Parts of a decision's scope, and of what is compared with a common ROS."""


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
    place = 0 if language == "nb" else 1
    parts = {part: words[place] for part, words in PARTS.items()}
    words = {
        **parts,
        **{leaving["id"]: leaving[f"name_{language}"] for leaving in document["leaves"]},
        **{risk["id"]: risk[f"title_{language}"] for risk in risks},
        **{asked["question"]: asked[language] for asked in document["questions"]},
        "site": "virksomheten" if language == "nb" else "the organisation",
        "risk": "risiko" if language == "nb" else "risk",
    }
    questions: dict[str, list[Any]] = {}
    for asked in document["questions"]:
        questions.setdefault(asked["indicator"] or "", []).append(asked)
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
            risk_title={risk["id"]: risk[f"title_{language}"] for risk in risks},
            red_if_approved=[r for r in risks if r["if_approved"]["level"] == Level.RED],
            history_changes=changes(document["history"]),
            history_picture=_over_time(document["history"], language),
            parts=parts,
            questions=questions,
            names=words,
            said_of=lambda key: ": ".join(words.get(part, part) for part in key.split("/")),
            day=_day,
            figure=lambda value: _figure(value, language),
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


def _figure(value: float, language: Language) -> str:
    """With as many decimals as it takes to tell it from nothing; a comma in Norwegian."""
    places = 2 if value >= 0.01 else 12
    told = f"{value:.{places}f}".rstrip("0").rstrip(".")
    return told.replace(".", ",") if language == "nb" else told


def _day(moment: str) -> str:
    return f"{moment[8:10]}.{moment[5:7]}.{moment[:4]}"


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

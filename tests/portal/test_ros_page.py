"""The ROS as people read it: in two languages, on paper, and with what is missing in red."""

import json
import os
import re
import zipfile
import zlib
from contextlib import suppress
from copy import deepcopy
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from federated.site.ros.answers import QUESTIONS, SITE_QUESTIONS
from portal.ros_history import LEVELS
from portal.ros_page import render_ros
from portal.ros_report import write_report
from privacy.ros import Evidence, Finding, Scale, assess, load_register
from privacy.ros.scale import LIMITS
from privacy.ros.shape import SCHEMA, as_document
from style import theme

REGISTER = load_register()
ACCENT = theme.ACCENT.light
CHECKS = sorted({measure.evidence for measure in REGISTER.measures})


def asset(name: str, kind: str, *, inside: bool = True, holds: list[str]) -> dict[str, Any]:
    return {"id": name, "kind": kind, "name_nb": f"{name} nb", "name_en": f"{name} en",
            "inside": inside, "holds": holds, "holders": ["FHI"] if kind == "register" else [],
            "risks": ["small_cell"]}  # fmt: skip


def flow(source: str, target: str, kind: str, *, crosses: bool = False, **more: Any) -> Any:
    return {
        "id": f"{source}-{target}", "kind": kind, "source": source, "target": target,
        "nb": f"fra {source} til {target}", "en": f"from {source} to {target}", "crosses": crosses,
        "carries": [f"{source}_x"], "unused": [], "fields": [], "run_by": [], "least": None,
        "most": None, "risks": ["small_cell", "differencing"],
        "protections": [
            {"measure": "noise", "nb": "Støy på", "en": "Noise on", "holds": True},
            {"measure": None, "nb": "Ikke forseglet", "en": "Not sealed", "holds": False},
        ],
    } | more  # fmt: skip


LANDSCAPE = {
    "assets": [
        asset("register:npr", "register", inside=False, holds=["npr_stay"]),
        asset("landing", "landing", holds=["npr_stay"]),
        asset("marts", "models", holds=["fct_stay"]),
        asset("indicator:a", "indicator", holds=["atom_a"]),
        asset("agent", "agent", holds=[]),
        asset("software", "software", holds=["sloyfe 0"]),
        asset("ledger", "ledger", holds=["ledger.sqlite"]),
        asset("approvals", "approvals", holds=["approvals.sqlite"]),
        asset("reports", "reports", holds=["report"]),
        asset("coordinator", "coordinator", inside=False, holds=["c:1"]),
        asset("peer:ahus", "peer", inside=False, holds=["ahus.pub"]),
    ],
    "flows": [
        flow("register:npr", "landing", "delivery", crosses=True, unused=["npr_unread"]),
        flow("landing", "marts", "model"),
        flow("marts", "indicator:a", "model"),
        flow("indicator:a", "agent", "read"),
        flow("agent", "coordinator", "figures_out", crosses=True, carries=["answer"], least=2048,
             most=4096, fields=[{"name": "values", "form": "array of integer"}]),
        flow("agent", "ledger", "record"),
        flow("approvals", "agent", "trust"),
        flow("marts", "reports", "own_report"),
    ],
    "runs": [{"job": "build", "layers": {"marts": 11}, "checks": 143}],
}  # fmt: skip


def document(*lacking: str, answered: bool = False, scale: Scale | None = None) -> dict[str, Any]:
    """As a site writes it, with evidence for everything but `lacking`."""
    scale = scale or Scale()
    evidence = {
        name: Evidence(
            name,
            Finding.FAILS if name in lacking else Finding.HOLDS,
            f"sett {name}",
            f"seen {name}",
        )
        for name in CHECKS
    }
    said = {
        "answer": "Kvalitetsforbedring <i>",
        "by": "Personvernombud",
        "on": "2026-11-01",
        "source": "own",
    }
    found = {
        "schema": SCHEMA,
        "site": {"id": "ous", "name": "Oslo <b> sykehus", "kind": "hospital", "operator": "Drift"},
        "built_at": "2026-11-28T12:00:00+00:00",
        "code_version": "0.1.0",
        "fingerprint": "a" * 64,
        "scope": {"major": {"budgets": {"demo": None}}},
        "scale": {"green": scale.green, "yellow": scale.yellow, "steps": scale.steps},
        "risks": [
            {
                **a.risk.model_dump(exclude={"measures", "likelihood", "consequence", "patient"}),
                "initial": {
                    "likelihood": a.likelihood,
                    "consequence": a.consequence,
                    "level": a.initial,
                },
                "residual": {
                    "likelihood": a.residual_likelihood,
                    "consequence": a.residual_consequence,
                    "level": a.residual,
                },
                "measures": [
                    {**m.model_dump(include={"id", "title_nb", "title_en", "evidence"}),
                     "counts": m in a.holding}
                    for m in (*a.holding, *a.lacking)
                ],
                "if_approved": {
                    "likelihood": a.residual_likelihood,
                    "consequence": a.residual_consequence,
                    "level": a.residual,
                },
                "owner": None,
                "deadline": None,
            }
            for a in assess(REGISTER, evidence, scale)
        ],
        "evidence": [
            {"id": e.id, "status": e.finding, "seen_nb": e.seen_nb, "seen_en": e.seen_en}
            for e in evidence.values()
        ],
        **LANDSCAPE,
        "leaves": [],
        "epsilon": {"per_person_year": 4.0, "delta": 1e-6, "years": 10, "all_years": 14.03},
        "questions": [
            {"indicator": None if q in SITE_QUESTIONS else "readmission", "question": q,
             "nb": asked.nb, "en": asked.en, "answer": said if answered else None}
            for q, asked in QUESTIONS.items()
        ],
        "judgements": [],
        "open_questions": 0 if answered else 15,
        "inherited_share": 0.0,
        "common": None,
        "history": [assessment("2026-11-28", evidence)],
        "decision": {
            "state": "none", "by": None, "until": None, "scope": None, "changed": [],
            "accepted_red": [], "stopped_by": [], "demo": False,
            "synthetic_only": False,
        },
    }  # fmt: skip
    return as_document(found)


def assessment(on: str, evidence: dict[str, Evidence]) -> dict[str, Any]:
    levels = {a.risk.id: a.residual.value for a in assess(REGISTER, evidence)}
    return {"at": f"{on}T12:00:00+00:00", "fingerprint": "a" * 64, "levels": levels}


def text(page: str) -> str:
    without_style = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", without_style))


def test_the_first_lines_say_how_things_stand():
    page = text(render_ros(document(), "nb"))
    assert "18 hendelser er vurdert. Uten tiltak er 9 røde." in page
    assert "er 0 røde" in page
    assert "0 av 21 bevis mangler eller holder ikke." in page
    assert "15 spørsmål kan bare mennesker svare på, og er åpne." in page
    english = text(render_ros(document(), "en"))
    assert "18 events were assessed." in english
    assert "15 questions that only people can answer are open." in english


@pytest.mark.parametrize("language", ["nb", "en"])
def test_every_risk_measure_and_evidence_is_told(language):
    page = text(render_ros(document(), language)).replace("&#39;", "'")
    for risk in REGISTER.risks:
        assert getattr(risk, f"title_{language}") in page
    for measure in REGISTER.measures:
        assert getattr(measure, f"title_{language}") in page
    for check in CHECKS:
        assert check in page


def test_what_does_not_hold_is_said_where_it_counts():
    lacking = document("mechanisms_audited")
    page = text(render_ros(lacking, "nb"))
    assert "teller ikke nå" in page
    assert "holder ikke" in page
    assert "teller ikke nå" not in text(render_ros(document(), "nb"))


def test_answers_of_people_stand_with_their_name_and_nothing_is_filled_in():
    assert text(render_ros(document(), "nb")).count("ikke besvart") == len(QUESTIONS)
    page = render_ros(document(answered=True), "nb")
    assert "ikke besvart" not in text(page)
    assert "Personvernombud, 2026-11-01" in page


def test_what_people_write_is_no_markup():
    page = render_ros(document(answered=True), "nb")
    assert "Kvalitetsforbedring &lt;i&gt;" in page
    assert "Oslo &lt;b&gt; sykehus" in page


def test_demo_switches_are_marked():
    demo = deepcopy(document())
    demo["scope"]["major"]["budgets"]["demo"] = {"epsilon_per_release": 1e9}
    assert "Demobrytere er på" in render_ros(demo, "nb")
    assert "Demobrytere" not in render_ros(document(), "nb")


def test_every_risk_stands_in_one_square_before_and_one_after():
    page = render_ros(document(), "nb")
    matrices = re.findall(r'<table class="matrix">.*?</table>', page, re.DOTALL)
    for number in range(1, len(REGISTER.risks) + 1):
        assert "".join(matrices).count(f'href="#risk-{number}"') == 2
        assert page.count(f'id="risk-{number}"') == 1


def test_the_files_are_written_and_the_pdf_is_tagged(tmp_path):
    files = write_report(document(), tmp_path / "ros")
    assert {kind: path.is_file() for kind, path in files.items()} == dict.fromkeys(
        ("html", "english", "pdf", "xlsx", "json"), True
    )
    pdf = files["pdf"].read_bytes()
    assert pdf.startswith(b"%PDF-")
    objects = inflated(pdf)
    for tag in (b"/StructTreeRoot", b"/MarkInfo <</Marked true>>", b"/Lang (nb)", b"/H1", b"/TH"):
        assert tag in objects, tag
    assert json.loads(files["json"].read_text(encoding="utf-8")) == document()


def sheets(file: Path) -> dict[str, list[list[Any]]]:
    """Every sheet's rows below its headings, in the order of the sheets."""
    with zipfile.ZipFile(file) as book:
        strings = [
            unescape(re.sub(r"<[^>]+>", "", found))
            for found in re.findall(r"<si>(.*?)</si>", book.read("xl/sharedStrings.xml").decode())
        ]
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        found: dict[str, list[list[Any]]] = {}
        for place, name in enumerate(names, 1):
            content = book.read(f"xl/worksheets/sheet{place}.xml").decode()
            rows = re.findall(r'<row r="(\d+)"[^>]*>(.*?)</row>', content, re.DOTALL)
            found[name] = [
                [
                    strings[int(value)] if kind else float(value)
                    for kind, value in re.findall(
                        r'<c r="[A-Z]+\d+"[^>]*?(?: t="(s)")?><v>(.*?)</v></c>', row
                    )
                ]
                for number, row in rows
                if int(number) > 4  # heading, a blank row, title, columns
            ]
    return found


def inflated(pdf: bytes) -> bytes:
    """What its compressed streams hold, one after another."""
    found = b""
    for start in re.finditer(rb"stream\r?\n", pdf):
        with suppress(zlib.error):
            found += zlib.decompressobj().decompress(pdf[start.end() :])
    return found


def test_what_has_changed_since_the_last_decision_is_told_in_words():
    page = text(render_ros(document(), "nb"))
    assert "Det er ikke besluttet noe på grunnlag av en slik rapport før." in page
    changed = document()
    changed["decision"] |= {
        "state": "none", "by": "Personvernombud", "until": "2027-03-01T00:00:00+00:00",
        "scope": {"major": {}},
        "changed": [
            {"part": "answers", "weight": "major", "which": ["readmission/purpose"]},
            {"part": "judgements", "weight": "major", "which": ["small_cell"]},
            {"part": "code_version", "weight": "minor", "which": []},
        ],
    }  # fmt: skip
    page = text(render_ros(changed, "nb"))
    assert "Ingen godkjenning gjelder · Personvernombud · til 01.03.2027" in page
    assert "Svar fra mennesker readmission: Hva er formålet? ny beslutning trengs" in page
    assert "Gjenkjenning i små celler ny beslutning trengs" in page
    assert "Programversjon til orientering" in page
    changed["decision"]["changed"] = []
    assert "Nothing has changed since." in text(render_ros(changed, "en"))


def test_what_is_inherited_and_what_differs_is_told():
    common = document(answered=True)
    for question in common["questions"][:4]:
        question["answer"]["source"] = "common"
    common |= {
        "common": {
            "issuer": "helse", "holds": True, "watched_is_broken": False,
            "edition": {"name": "Helse <x>", "by": "Ombud", "issued": "2026-11-01T10:00:00Z",
                        "until": "2027-11-01T00:00:00Z"},
        },
        "inherited_share": 0.7249, "open_questions": 3,
        "judgements": [
            {"key": "risk/small_cell", "judgements": 1, "source": "open", "differs": True},
            {"key": "budgets", "judgements": 1, "source": "own", "differs": True},
        ],
    }  # fmt: skip
    page = text(render_ros(common, "nb"))
    assert "bygger på felles ROS fra Helse &lt;x&gt; (Ombud, 01.11.2026, til 01.11.2027)" in page
    assert "72 prosent av vurderingene. Her gjenstår 3." in page
    assert "risiko: Gjenkjenning i små celler – ikke avgjort" in page
    assert "Budsjetter – avgjort her" in page
    assert page.count("; arvet)") == 4
    common["common"] |= {"holds": False, "watched_is_broken": True}
    page = text(render_ros(common, "nb"))
    assert "gjelder ikke lenger; ingenting arves." in page
    assert "ikke undertegnet av utgiveren" in page
    common["common"]["edition"] = None
    assert "er ikke hentet inn" in text(render_ros(common, "nb"))


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_words_are_those_that_were_read(language):
    """A change of words shows in the difference; SLOYFE_WRITE_SNAPSHOTS=1 writes them anew."""
    file = Path(__file__).parent / "snapshots" / f"ros.{language}.txt"
    page = re.sub(r"<style>.*?</style>", "", render_ros(document(), language), flags=re.DOTALL)
    page = re.sub(r"</(h\d|p|li|tr|dt|dd|caption|text)>", "\n", page)
    lines = [line for part in page.split("\n") if (line := text(part).strip())]
    words = "\n".join(lines) + "\n"
    if os.environ.get("SLOYFE_WRITE_SNAPSHOTS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(words, encoding="utf-8")
    assert words == file.read_text(encoding="utf-8")


def test_each_language_points_to_the_other():
    assert 'href="en.html"' in render_ros(document(), "nb")
    assert 'href="index.html"' in render_ros(document(), "en")
    assert '<html lang="en">' in render_ros(document(), "en")


# -- decision and history --------------------------------------------------------------------------


def assessed_again(*lacking: tuple[str, ...]) -> dict[str, Any]:
    """The last report of several, each without the evidence named."""
    reports = [document(*names) for names in lacking]
    levels = [of["history"][0]["levels"] for of in reports]
    history = [
        {"at": f"2026-11-{day:02}T12:00:00+00:00", "fingerprint": "a" * 64, "levels": of}
        for day, of in enumerate(levels, 1)
    ]
    return reports[-1] | {"history": history}


def test_a_first_assessment_says_that_it_is():
    page = render_ros(document(), "nb")
    assert "Dette er den første vurderingen" in text(page)
    assert 'id="history-title"' not in page
    assert "This is the first assessment" in text(render_ros(document(), "en"))


def test_risk_over_time_is_drawn_and_what_changed_is_told():
    page = render_ros(assessed_again((), ("mechanisms_audited",), ()), "nb")
    drawn = drawing(page, "history-title")
    heights: dict[str, float] = {}
    for height, fill in re.findall(r'height="([\d.]+)" fill="(#\w+)"', drawn):
        heights[fill] = heights.get(fill, 0) + float(height)
    assert heights[LEVELS["red"][0]] > 0
    assert "0 røde ved første viste vurdering, 0 ved den siste." in drawn
    assert re.findall(r">(\d\d\.11\.)<", drawn) == ["01.11.", "02.11.", "03.11."]
    told = text(page)
    assert "02.11.2026: Gjenkjenning i små celler: gul → rød" in told or (
        "02.11.2026: Gjenkjenning i små celler: grønn → rød" in told
    )
    assert "03.11.2026: Gjenkjenning i små celler: rød → " in told


def test_assessments_that_agree_say_so():
    page = text(render_ros(assessed_again((), ()), "nb"))
    assert "Ingen hendelse har skiftet nivå." in page


def test_many_assessments_fit_and_the_newest_stand_last():
    many = assessed_again(*[()] * 28)
    page = render_ros(many, "nb")
    drawn = drawing(page, "history-title")
    (width,) = re.findall(r'viewBox="0 0 ([\d.]+) ', drawn)
    assert float(width) <= 720
    dates = re.findall(r">(\d\d\.11\.)<", drawn)
    assert dates[0] == "05.11." and len(dates) <= 12


def decided(**changes: Any) -> dict[str, Any]:
    found = document()
    standing = {"state": "approved", "by": "Ombud", "until": "2027-01-01T00:00:00+00:00"}
    return found | {"decision": found["decision"] | standing | changes}


def test_a_demo_s_decision_is_marked_loudly():
    demo = decided(by="DEMO: nobody has read this", demo=True)
    assert "DEMO: ingen har lest dette" in text(render_ros(demo, "nb"))
    assert "DEMO: nobody has read this" in text(render_ros(demo, "en"))
    assert "DEMO" not in render_ros(decided(), "nb")


@pytest.mark.parametrize(
    ("stopped_by", "says"),
    [
        ("small_cell", "Rød, og ikke godtatt: Gjenkjenning i små celler."),
        ("assessment_missing", "mangler eller er endret"),
        ("assessment_stale", "Siste vurdering er for gammel"),
        ("assessment_of_another_scope", "gjelder et annet omfang"),
        ("no_report", "ingen har besluttet på en hel rapport"),
    ],
)
def test_what_stops_answers_is_said_at_the_top(stopped_by, says):
    page = text(render_ros(decided(stopped_by=[stopped_by]), "nb"))
    assert "Svar er stanset" in page and says in page
    assert "Svar er stanset" not in text(render_ros(decided(), "nb"))


def test_the_decision_box_names_what_is_red_and_what_was_accepted():
    red = document("mechanisms_audited")
    names = [r["id"] for r in red["risks"] if r["if_approved"]["level"] == "red"]
    assert "small_cell" in names
    page = render_ros(red, "nb")
    for name in names:
        assert f"<code>{name}</code>" in page
    accepted = text(render_ros(decided(accepted_red=["small_cell"]), "nb"))
    assert "selv om de var røde: Gjenkjenning i små celler." in accepted


@pytest.mark.parametrize(("steps", "lowest"), [(4, "ubetydelig"), (5, "ikke merkbar")])
def test_the_matrix_has_as_many_steps_as_the_scale(steps, lowest):
    page = render_ros(document(scale=Scale(*LIMITS[steps], steps)), "nb")
    matrix = page[page.index('<table class="matrix">') : page.index("</table>")]
    assert matrix.count("<td class=") == steps**2
    assert f"1 {lowest}</th>" in matrix
    assert f"{steps} svært alvorlig</th>" in matrix
    for number in range(1, len(REGISTER.risks) + 1):
        assert matrix.count(f'href="#risk-{number}"') == 1
    assert f"konsekvens på {'fire' if steps == 4 else 'fem'} trinn" in text(page)


def test_the_picture_has_every_flow_and_marks_what_crosses_the_border():
    page = render_ros(document(), "nb")
    picture = drawing(page, "flows-title")
    labels = re.findall(r'text-anchor="middle" font-weight="650">([^<]+)<', picture)
    drawn = [n for label in labels for n in numbers(label)]
    assert sorted(drawn) == list(range(1, len(LANDSCAPE["flows"]) + 1))
    # Filled numbers are those of the flows that cross.
    filled = re.findall(rf'<rect [^>]*rx="11" fill="{ACCENT}"', picture)
    assert len(filled) == sum(one["crosses"] for one in LANDSCAPE["flows"])
    assert picture.count('stroke-dasharray="9 6"') == 1
    assert "Oslo &lt;b&gt; sykehus: virksomhetens grense" in picture


def numbers(label: str) -> list[int]:
    found: list[int] = []
    for part in label.split(", "):
        first, _, last = part.partition("–")
        found += range(int(first), int(last or first) + 1)
    return found


def drawing(page: str, title: str) -> str:
    """The one picture that is named by the title of this id."""
    start = page.rindex("<svg", 0, page.index(f'id="{title}"'))
    return page[start : page.index("</svg>", start)]


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_table_says_what_the_picture_shows(language):
    page = render_ros(document(), language)
    rows = re.findall(r'<tr id="flow-(\d+)">(.*?)</tr>', page, re.DOTALL)
    assert len(rows) == len(LANDSCAPE["flows"])
    number = {risk["id"]: n for n, risk in enumerate(document()["risks"], 1)}
    for (shown, row), one in zip(rows, LANDSCAPE["flows"], strict=True):
        assert int(shown) == LANDSCAPE["flows"].index(one) + 1
        assert one[language] in row
        crosses = {"nb": ("nei", "ja"), "en": ("no", "yes")}[language][one["crosses"]]
        assert f"<td>{crosses}</td>" in row
        assert one["protections"][0][language] in row
        assert f'<li class="lacks">{one["protections"][1][language]}</li>' in row
        for risk in one["risks"]:
            assert f'href="#risk-{number[risk]}"' in row
    assert "2048–4096 byte" in rows[4][1]
    assert "<code>values</code> (array of integer)" in rows[4][1]
    assert "npr_unread" in rows[0][1]


def test_the_workbook_is_the_register_in_both_languages(tmp_path):
    lacking = document("mechanisms_audited", answered=True)
    book = sheets(write_report(lacking, tmp_path / "ros")["xlsx"])
    assert list(book) == ["Hendelser", "Tiltak", "Bevis", "Spørsmål", "Dataflyt", "Verdier"]
    risks = book["Hendelser"]
    assert len(risks) == len(REGISTER.risks)
    for risk, row in zip(lacking["risks"], risks, strict=True):
        assert row[:3] == [risk["id"], risk["title_nb"], risk["title_en"]]
        for when, place in (("initial", 8), ("residual", 11)):
            graded = risk[when]
            assert row[place : place + 2] == [graded["likelihood"], graded["consequence"]]
            assert row[place + 2].endswith(graded["level"])
        for measure in risk["measures"]:
            assert any(measure["id"] in str(value) for value in row)
    assert len(book["Tiltak"]) == sum(len(risk["measures"]) for risk in lacking["risks"])
    assert ["mechanisms_audited", "holder ikke / fails"] in [r[:2] for r in book["Bevis"]]
    assert len(book["Bevis"]) == len(CHECKS)
    assert all("Kvalitetsforbedring <i>" in row for row in book["Spørsmål"])
    assert [row[0] for row in book["Dataflyt"]] == list(range(1, 9))
    assert len(book["Verdier"]) == len(LANDSCAPE["assets"])
    unanswered = sheets(write_report(document(), tmp_path / "open")["xlsx"])["Spørsmål"]
    assert all(row[3] == "–" for row in unanswered)

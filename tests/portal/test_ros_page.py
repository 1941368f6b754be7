"""The ROS as people read it: in two languages, on paper, and with what is missing in red."""

import json
import re
import zipfile
import zlib
from contextlib import suppress
from copy import deepcopy
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from federated.site.ros.answers import QUESTIONS
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
    said = {"answer": "Kvalitetsforbedring <i>", "by": "Personvernombud", "on": "2026-11-01"}
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
            {"indicator": "readmission", "question": q, "nb": nb, "en": en,
             "answer": said if answered else None}
            for q, (nb, en) in QUESTIONS.items()
        ],
        "open_questions": 0 if answered else len(QUESTIONS),
    }  # fmt: skip
    return as_document(found)


def text(page: str) -> str:
    without_style = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", without_style))


def test_the_first_lines_say_how_things_stand():
    page = text(render_ros(document(), "nb"))
    assert "18 hendelser er vurdert. Uten tiltak er 9 røde." in page
    assert "er 0 røde" in page
    assert "0 av 21 bevis mangler eller holder ikke." in page
    assert "9 spørsmål kan bare mennesker svare på, og er åpne." in page
    english = text(render_ros(document(), "en"))
    assert "18 events were assessed." in english
    assert "9 questions that only people can answer are open." in english


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


def test_each_language_points_to_the_other():
    assert 'href="en.html"' in render_ros(document(), "nb")
    assert 'href="index.html"' in render_ros(document(), "en")
    assert '<html lang="en">' in render_ros(document(), "en")


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
    picture = drawing(page)
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


def drawing(page: str) -> str:
    start = page.index("flows-title")
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

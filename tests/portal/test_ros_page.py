"""The ROS as people read it: in two languages, on paper, and with what is missing in red."""

import json
import re
import zlib
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest

from federated.site.ros.answers import QUESTIONS
from portal.ros_page import render_ros
from portal.ros_report import write_report
from privacy.ros import Evidence, Finding, assess, load_register

REGISTER = load_register()
CHECKS = sorted({measure.evidence for measure in REGISTER.measures})


def document(*lacking: str, answered: bool = False) -> dict[str, Any]:
    """As a site writes it, with evidence for everything but `lacking`."""
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
        "schema": 1,
        "site": {"id": "ous", "name": "Oslo <b> sykehus", "kind": "hospital", "operator": "Drift"},
        "built_at": "2026-11-28T12:00:00+00:00",
        "code_version": "0.1.0",
        "fingerprint": "a" * 64,
        "scope": {"major": {"budgets": {"demo": None}}},
        "scale": {"green": 4, "yellow": 8, "steps": 4},
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
            for a in assess(REGISTER, evidence)
        ],
        "evidence": [
            {"id": e.id, "status": e.finding, "seen_nb": e.seen_nb, "seen_en": e.seen_en}
            for e in evidence.values()
        ],
        "leaves": [],
        "epsilon": {"per_person_year": 4.0, "delta": 1e-6, "years": 10, "all_years": 14.03},
        "questions": [
            {"indicator": "readmission", "question": q, "nb": nb, "en": en,
             "answer": said if answered else None}
            for q, (nb, en) in QUESTIONS.items()
        ],
        "open_questions": 0 if answered else len(QUESTIONS),
    }  # fmt: skip
    return json.loads(json.dumps(found))


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
    for number in range(1, len(REGISTER.risks) + 1):
        assert page.count(f'href="#risk-{number}"') == 2
        assert page.count(f'id="risk-{number}"') == 1


def test_the_files_are_written_and_the_pdf_is_tagged(tmp_path):
    files = write_report(document(), tmp_path / "ros")
    assert {kind: path.is_file() for kind, path in files.items()} == dict.fromkeys(
        ("html", "english", "pdf", "json"), True
    )
    pdf = files["pdf"].read_bytes()
    assert pdf.startswith(b"%PDF-")
    objects = inflated(pdf)
    for tag in (b"/StructTreeRoot", b"/MarkInfo <</Marked true>>", b"/Lang (nb)", b"/H1", b"/TH"):
        assert tag in objects, tag
    assert json.loads(files["json"].read_text(encoding="utf-8")) == document()


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

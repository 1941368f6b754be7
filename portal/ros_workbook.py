"""The ROS as a workbook, for those who keep their risks in one: the register and its grounds."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from style.tables import Column, Kind, Table, Value
from style.workbook import workbook

_LEVEL = {"green": "grønn / green", "yellow": "gul / yellow", "red": "rød / red"}
_STATUS = {
    "holds": "holder / holds",
    "fails": "holder ikke / fails",
    "missing": "mangler / missing",
}
_SURE = {"strong": "sterk / strong", "medium": "middels / medium", "weak": "svak / weak"}
_YES = {True: "ja / yes", False: "nei / no"}

Part = Mapping[str, Any]


def ros_workbook(document: Part) -> bytes:
    """Sheets of risks, measures, evidence, questions, flows and assets, in both languages.

    document: as `ros.json` has it.
    """
    site = document["site"]["name"]
    heading = f"ROS: {site} · {document['built_at'][:10]} · {document['fingerprint'][:12]}"
    made = datetime.fromisoformat(document["built_at"])
    demo = document["scope"]["major"]["budgets"]["demo"] is not None
    if demo:
        heading += " · demobrytere er på / demo switches are on"
    with workbook(heading, alarm=demo, created=made) as (book, buffer):
        for name, title_en, columns, rows in (
            ("Hendelser", "Events", _RISKS, _risks(document)),
            ("Tiltak", "Measures", _MEASURES, _measures(document)),
            ("Bevis", "Evidence", _EVIDENCE, _evidence(document)),
            ("Spørsmål", "Questions", _QUESTIONS, _questions(document)),
            ("Dataflyt", "Data flows", _FLOWS, _flows(document)),
            ("Verdier", "Assets", _ASSETS, _assets(document)),
        ):
            title = f"{name} / {title_en}"
            book.sheet(name, [Table(title, title_en, columns, tuple(rows))])
    return buffer.getvalue()


def _columns(*of: tuple[str, str, int]) -> tuple[Column, ...]:
    """(heading, the same in English if it is another, width): a number where that is at most 6."""
    kind: Mapping[bool, Kind] = {True: "count", False: "text"}
    return tuple(
        Column(f"{nb} / {en}" if en else nb, kind[width <= 6], width) for nb, en, width in of
    )


_RISKS = _columns(
    ("Id", "", 20), ("Hendelse", "", 28), ("Event", "", 28), ("Beskrivelse", "", 40),
    ("Description", "", 40), ("Årsak", "", 30), ("Cause", "", 30), ("KITR", "CIAR", 8),
    ("Sannsynlighet før", "likelihood before", 6), ("Konsekvens før", "consequence before", 6),
    ("Nivå før", "level before", 16), ("Sannsynlighet nå", "likelihood now", 6),
    ("Konsekvens nå", "consequence now", 6), ("Nivå nå", "level now", 16),
    ("Kunnskapsstyrke", "knowledge", 16), ("Tiltak som teller", "measures that count", 30),
    ("Tiltak som ikke teller nå", "measures that do not count now", 30), ("Eier", "owner", 20),
    ("Frist", "deadline", 12),
)  # fmt: skip


def _risks(document: Part) -> Iterable[tuple[Value, ...]]:
    for risk in document["risks"]:
        counts = {m: ", ".join(of["id"] for of in risk["measures"] if of["counts"] is m)
                  for m in (True, False)}  # fmt: skip
        yield (
            risk["id"],
            *(risk[f"{part}_{lang}"] for part in ("title", "event", "cause")
              for lang in ("nb", "en")),
            "".join(risk["affects"]),
            *_graded(risk["initial"]),
            *_graded(risk["residual"]),
            _SURE[risk["knowledge"]],
            counts[True] or None,
            counts[False] or None,
            risk["owner"],
            risk["deadline"],
        )  # fmt: skip


def _graded(of: Part) -> tuple[Value, ...]:
    return of["likelihood"], of["consequence"], _LEVEL[of["level"]]


_MEASURES = _columns(
    ("Hendelse", "event", 20), ("Tiltak", "measure", 20), ("Tekst", "", 44), ("Text", "", 44),
    ("Bevis", "evidence", 22), ("Teller nå", "counts now", 12),
)  # fmt: skip


def _measures(document: Part) -> Iterable[tuple[Value, ...]]:
    for risk in document["risks"]:
        for m in risk["measures"]:
            yield (
                risk["id"], m["id"], m["title_nb"], m["title_en"], m["evidence"], _YES[m["counts"]]
            )  # fmt: skip


_EVIDENCE = _columns(
    ("Undersøkt", "looked at", 24), ("Funn", "finding", 20), ("Sett", "", 60), ("Seen", "", 60)
)


def _evidence(document: Part) -> Iterable[tuple[Value, ...]]:
    for seen in document["evidence"]:
        yield seen["id"], _STATUS[seen["status"]], seen["seen_nb"], seen["seen_en"]


_QUESTIONS = _columns(
    ("Indikator", "indicator", 30), ("Spørsmål", "", 40), ("Question", "", 40),
    ("Svar", "answer", 60), ("Av", "by", 24), ("Dato", "date", 12),
)  # fmt: skip


def _questions(document: Part) -> Iterable[tuple[Value, ...]]:
    """One that nobody has answered has an empty answer: never one of ours."""
    for asked in document["questions"]:
        said = asked["answer"] or {"answer": None, "by": None, "on": None}
        yield (
            asked["indicator"], asked["nb"], asked["en"], said["answer"], said["by"], said["on"]
        )  # fmt: skip


_FLOWS = _columns(
    ("Nr.", "no.", 6), ("Fra", "from", 26), ("Til", "to", 26), ("Hva", "", 44),
    ("What", "", 44), ("Over grensen", "over the border", 14), ("Bærer", "carries", 30),
    ("Felt", "fields", 44), ("Brukes ikke", "not used", 20), ("Minst byte", "least bytes", 6),
    ("Høyst byte", "most bytes", 6), ("Kjøres av", "run by", 12), ("Beskyttelse", "", 44),
    ("Protection", "", 44), ("Holder ikke nå", "does not hold now", 44),
    ("Hendelser", "events", 30),
)  # fmt: skip


def _flows(document: Part) -> Iterable[tuple[Value, ...]]:
    """Numbered as on the page."""
    name = {asset["id"]: asset["name_nb"] for asset in document["assets"]}
    for number, flow in enumerate(document["flows"], 1):
        holding = [p for p in flow["protections"] if p["holds"]]
        lacking = [f"{p['nb']} / {p['en']}" for p in flow["protections"] if not p["holds"]]
        yield (
            number,
            name[flow["source"]],
            name[flow["target"]],
            flow["nb"],
            flow["en"],
            _YES[flow["crosses"]],
            _listed(flow["carries"]),
            _listed(f"{field['name']}: {field['form']}" for field in flow["fields"]),
            _listed(flow["unused"]),
            flow["least"],
            flow["most"],
            _listed(flow["run_by"]),
            _listed(p["nb"] for p in holding),
            _listed(p["en"] for p in holding),
            _listed(lacking),
            _listed(flow["risks"]),
        )


_ASSETS = _columns(
    ("Id", "", 30), ("Verdi", "", 34), ("Asset", "", 34),
    ("I virksomheten", "inside", 14), ("Består av", "made up of", 50), ("Holdes av", "held by", 30),
    ("Hendelser", "events", 40),
)  # fmt: skip


def _assets(document: Part) -> Iterable[tuple[Value, ...]]:
    for asset in document["assets"]:
        yield (
            asset["id"], asset["name_nb"], asset["name_en"], _YES[asset["inside"]],
            _listed(asset["holds"]), _listed(asset["holders"]), _listed(asset["risks"]),
        )  # fmt: skip


def _listed(names: Iterable[str]) -> str | None:
    found: Sequence[str] = list(names)
    return "; ".join(found) or None

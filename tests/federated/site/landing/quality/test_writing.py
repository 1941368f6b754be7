"""The report as files: what stands in them, what does not, and who may read them."""

import json
import re
from html.parser import HTMLParser

import pytest

from federated.site.landing.quality import RULES, report_folder, write_quality_report
from federated.site.landing.quality.charts import drawn_variables, rows_by_month
from federated.site.landing.quality.facts import TableFacts
from privacy.problem import Problem
from tests.federated.site.landing.quality.made_landing import Made, in_month, stays

PERIOD = ("2024-01-01", "2024-03-31")
SECRET = ("SECRETPERSON", "SECRETEPISODE", "SECRETSECTOR", "SECRETRAW", "SECRETCODE")


@pytest.fixture(scope="module")
def report():
    """Dirt of many kinds, beside an earlier delivery, with values that must not show."""
    made = Made()
    made.deliver("d1", npr_stay=[r for m in "123" for r in in_month(f"2024-0{m}", 60)])
    dirty = [
        *in_month("2024-01", 25, innTid=None, sektor="SECRETSECTOR"),
        *in_month("2024-02", 30, komNrHjem2="-1", tilstand_1_1="SECRETCODE"),
        *in_month("2024-02", 5, lopenr="SECRETPERSON", episodeID="SECRETEPISODE", kjonn=1),
        *in_month("2024-02", 5, lopenr="SECRETPERSON", kjonn=2),
        *in_month("2024-03", 12, NCSP_1="NFB20", NCSP_2="NFB20"),
    ]
    rejected = [("npr_stay", ["missing:lopenr"], {"utDato": "2024-01-02", "lopenr": "SECRETRAW"})]
    yield made.deliver("d2", npr_stay=dirty, rejected=rejected, period=PERIOD)
    made.close()


@pytest.fixture(scope="module")
def written(report, tmp_path_factory):
    return write_quality_report(report, tmp_path_factory.mktemp("out") / "new" / "out")


def test_json_holds_every_finding_and_the_months(report, written):
    document = json.loads(written.json.read_text(encoding="utf-8"))
    assert document["schema"] == "sloyfe-quality/1"
    assert set(document) == {
        *("schema", "delivery", "previous", "limits", "summary", "tables", "findings"),
    }
    assert document["delivery"] == {
        "delivery_id": "d2",
        "format": "npr",
        "period_from": "2024-01-01",
        "period_to": "2024-03-31",
        "period_stated": True,
        "extracted_on": "2024-04-10",
    }
    assert document["previous"]["delivery_id"] == "d1"
    assert len(document["findings"]) == len(report.findings) > 5
    assert set(document["findings"][0]) == {
        *("rule", "family", "table", "variable", "month", "severity", "count", "of", "share"),
        *("previous_share", "reason", "sentence_nb", "sentence_en"),
    }
    [table] = document["tables"]
    assert [m["rows"] for m in table["months"]] == [25, 40, 12]
    assert [m["quarantined"] for m in table["months"]] == [1, 0, 0]
    assert table["rows"] == 77 and table["quarantined"] == 1 and table["rows_before"] == 180
    [time] = [v for v in table["variables"] if v["variable"] == "innTid"]
    assert time["filled"] == 52 and time["share"] == 52 / 77 and time["previous_share"] == 1.0
    assert [m["filled"] for m in time["by_month"]] == [0, 40, 12]


def test_the_summary_counts_the_findings(report, written):
    summary = json.loads(written.json.read_text(encoding="utf-8"))["summary"]
    for family, counts in summary.items():
        for severity, count in counts.items():
            mine = [f for f in report.findings if (f.family, f.severity) == (family, severity)]
            assert len(mine) == count
    assert sum(sum(counts.values()) for counts in summary.values()) == len(report.findings)


def test_neither_file_repeats_a_value_of_a_record(written):
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert [secret for secret in SECRET if secret in text] == []
        assert "NFB20" not in text and "I500" not in text


class _Page(HTMLParser):
    """Collects the elements that matter here."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.ids, self.pictures = list[str](), list[str](), 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append(tag)
        if name := attributes.get("id"):
            self.ids.append(name)
        if attributes.get("role") == "img":
            self.pictures += 1
            assert attributes.get("aria-labelledby")


def test_the_page_stands_alone_and_says_that_it_is_internal(written):
    text = written.html.read_text(encoding="utf-8")
    page = _Page(text)
    assert "Internt – eksakte tall, forlater ikke virksomheten" in text
    assert "script" not in page.tags and "link" not in page.tags and "img" not in page.tags
    assert not re.search(r"(?:src|href)=\"https?:", text)
    assert 'lang="nb"' in text and 'lang="en"' in text


def test_every_picture_has_a_text_and_ids_are_not_shared(written):
    text = written.html.read_text(encoding="utf-8")
    page = _Page(text)
    assert page.pictures == 2
    assert len(page.ids) == len(set(page.ids))
    assert text.count("</desc>") == 2 and "Minst utfylt: " in text


def test_the_page_explains_the_rules_that_spoke_and_no_other(report, written):
    text = written.html.read_text(encoding="utf-8")
    spoke = {finding.rule for finding in report.findings}
    for rule in RULES:
        assert (f"<code>{rule.id}</code>" in text) == (rule.id in spoke)


def test_a_page_without_findings_and_one_without_rows(made, tmp_path):
    sound = write_quality_report(made.deliver("d1", npr_stay=stays(20)), tmp_path / "sound")
    assert "Ingen funn" in sound.html.read_text(encoding="utf-8")
    empty = write_quality_report(made.deliver("d2", register="kuhr", period=None), tmp_path / "no")
    assert json.loads(empty.json.read_text(encoding="utf-8"))["tables"] == []


def test_a_delivery_of_undated_rows_is_drawn(made, tmp_path):
    keys = [{"npr_lnr": f"N{i}", "kpr_lnr": f"K{i}"} for i in range(5)]
    report = made.deliver(register="person-key", person_key=keys)
    text = write_quality_report(report, tmp_path).html.read_text(encoding="utf-8")
    assert "uten dato" in text and _Page(text).pictures == 2


def test_only_the_owner_may_read_it(written):
    assert written.json.stat().st_mode & 0o777 == 0o600
    assert written.html.stat().st_mode & 0o777 == 0o600
    assert written.html.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in sorted(written.html.parent.iterdir())] == [
        "quality.html",
        "quality.json",
    ]


def test_a_newer_report_takes_the_place_of_an_older(made, report, tmp_path):
    folder = report_folder(tmp_path, "d")
    write_quality_report(report, folder)
    newer = write_quality_report(made.deliver("d3"), folder)
    assert json.loads(newer.json.read_text(encoding="utf-8"))["delivery"]["delivery_id"] == "d3"


def test_a_file_in_the_way_is_named(report, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(Problem, match="needs a folder"):
        write_quality_report(report, tmp_path / "file")


def test_a_folder_that_cannot_be_made_is_told(report, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(Problem, match="cannot be written: Not a directory"):
        write_quality_report(report, tmp_path / "file" / "folder")


def test_of_numbered_variables_the_first_alone_is_drawn():
    names = ["tilstand_1_1", "tilstand_1_2", "tilstand_2_1", "NCSP_1", "NCSP_12", "bydel2", "aar"]
    facts = TableFacts("npr_stay", {"2024-01": 1}, {}, filled={name: {} for name in names})
    assert drawn_variables(facts) == ["tilstand_1_1", "NCSP_1", "bydel2", "aar"]


def test_bars_show_the_rows_of_both_deliveries():
    now = TableFacts("npr_stay", {"2024-01": 7}, {})
    before = TableFacts("npr_stay", {"2024-01": 9, "2024-02": 4}, {})
    drawn = rows_by_month(now, before, ["2024-01", "2024-02"]).to_dict()["data"]["values"]
    assert {(b["delivery"], b["month"]): b["rows"] for b in drawn} == {
        ("denne", "2024-01"): 7,
        ("denne", "2024-02"): 0,
        ("forrige", "2024-01"): 9,
        ("forrige", "2024-02"): 4,
    }

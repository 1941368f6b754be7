"""Whatever is wrong with a command ends in one line on standard error and an exit code."""

import json
import socket
from pathlib import Path

import pytest

from privacy.ledger import Budget, Charge, Ledger
from tests.federated.site.homes import write_site
from tests.registers import NPR_ROW as NPR
from tests.sloyfe.sources import PATIENT, write_csv, write_synthea


@pytest.fixture
def refused(sloyfe):
    """Run what must fail; returns the one line that says so. Steps that were begun may show."""

    def run(*arguments: str | Path) -> str:
        code, stdout, stderr = sloyfe(*arguments)
        said = [line for line in stderr if not line.startswith(("✓", "✗"))]
        assert code != 0
        assert stdout == ""
        assert len(said) == 1, stderr
        assert said[0].startswith("sloyfe: ")
        return said[0]

    return run


@pytest.fixture
def site(tmp_path):
    return write_site(tmp_path / "ous", None, declared_synthetic=False)


def test_a_demo_of_nothing_sensible_ends_before_anything_is_made(refused, tmp_path):
    source = f"synthea:{write_synthea(tmp_path / 'source')}"
    out = tmp_path / "out"
    cases = [
        (["--sites", "0"], "(--sites)"),
        (["--sites", "51"], "(--sites)"),
        (["--epsilon", "0"], "(--epsilon)"),
        (["--epsilon", "-1"], "(--epsilon)"),
        (["--epsilon", "nan"], "(--epsilon)"),
        (["--epsilon", "inf"], "(--epsilon)"),
        (["--persons", "0"], "(--persons)"),
        (["--period", "20x4"], "(--period)"),
        (["--period", "2024", "--period", "next"], "(--period)"),
        (["--source", "csv:source"], "`csv:source` is not a source (--source). Write `synthea:"),
        (["--source", "source"], "(--source)"),
        (["--source", "synthea:nowhere"], "there is no patients.csv"),
        (["--source", source, "--epsilon", "2.5"], "add --declare-synthetic"),
        (["--source", source, "--record-wire", "wire"], "(--record-wire)"),
        (["--sites", "three"], "'three' is not a valid integer"),
        (["--port", "70000"], "70000"),
        (["--speed", "9"], "No such option"),
    ]
    for arguments, said in cases:
        assert said in refused("demo", "--out", out, *arguments), arguments
        assert not out.exists()


def test_a_port_in_use_ends_the_demo_before_anything_long_is_started(refused, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refused("demo", "--out", tmp_path / "out", "--port", str(port))
    assert f"port {port} cannot be listened on" in line
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_else_is_left_alone(refused, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("mine")
    line = refused("demo", "--out", tmp_path / "thesis")
    assert "not a demo" in line and str(tmp_path / "thesis") in line and "--out" in line
    assert len(list((tmp_path / "thesis").iterdir())) == 1


def real_form_number() -> str:
    """A valid number of the real form: born 1 January 1970, the first whose check digits exist."""
    for individual in range(100, 500):
        digits = [int(d) for d in f"010170{individual}"]
        first = -sum(a * b for a, b in zip(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2), strict=True)) % 11
        digits.append(first)
        weights = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
        second = -sum(a * b for a, b in zip(digits, weights, strict=True)) % 11
        if first < 10 and second < 10:
            return "".join(map(str, [*digits, second]))
    raise AssertionError("there is one")


def test_a_valid_national_identity_number_stops_the_demo_and_is_not_repeated(refused, tmp_path):
    number = real_form_number()
    source = write_synthea(tmp_path / "source", patients=[PATIENT, PATIENT | {"SSN": number}])
    out = tmp_path / "out"
    line = refused("demo", "--out", out, "--source", f"synthea:{source}", "--declare-synthetic")
    assert "patients.csv, line 3" in line and number not in line
    assert not out.exists()


def test_an_unknown_site_is_named_whatever_is_asked_of_it(refused, tmp_path):
    nowhere = tmp_path / "nowhere"
    for arguments in (
        ("ingest", "--format", "npr", "--source", "x.csv"),
        ("ledger", "show"),
        ("ledger", "verify"),
        ("site", "build"),
        ("site", "up"),
    ):
        line = refused(*arguments, "--site", nowhere)
        assert "there is no such site" in line and str(nowhere) in line
    assert "no such coordinator" in refused("coordinator", "up", "--coordinator", nowhere)
    assert "no helsefellesskap" in refused("dev", "--out", nowhere)


def test_a_mistake_in_a_site_file_is_named_by_line(refused, site):
    file = site.folder / "site.yaml"
    file.write_text(file.read_text().replace("operator:", "oprator:"))
    line = refused("ledger", "show", "--site", site.folder)
    assert f"{file}, line" in line and "operator" in line


def test_a_delivery_that_cannot_be_read_is_named(refused, site, tmp_path):
    wrong = [{k: v for k, v in NPR.items() if k != "utDato"}]
    npr = write_csv(tmp_path / "npr.csv", [NPR])
    cases = [
        (("npr", tmp_path / "missing.csv"), "missing.csv"),
        (("dips", npr), "unknown format `dips`"),
        (("npr", write_csv(tmp_path / "wrong.csv", wrong)), "utDato"),
        (("synthea", write_synthea(tmp_path / "source")), "no share of a Synthea source"),
        (("npr", npr, "--period-from", "2024-01-01"), "the period is stated in part"),
        (("npr", npr, "--extracted", "2025-01-01"), "the period is stated in part"),
        (("npr", npr, "--period-from", "1/1", "--period-to", "2024-12-31"), "`1/1` is not a day"),
        (
            ("npr", npr, "--period-from", "2024-12-31", "--period-to", "2024-01-01"),
            "ends before it begins",
        ),
    ]
    for (form, source, *more), said in cases:
        line = refused(
            *("ingest", "--site", site.folder, "--format", form, "--source", source), *more
        )
        assert said in line


def test_a_site_without_a_ledger_says_so(refused, site):
    for command in ("show", "verify"):
        line = refused("ledger", command, "--site", site.folder)
        assert "no ledger yet" in line and str(site.ledger_path) in line


def test_a_release_that_cannot_be_verified_says_why(refused, tmp_path):
    key = tmp_path / "release.pub"
    line = refused("release", "verify", "--release", tmp_path, "--key", key)
    assert "the key cannot be read" in line
    key.write_text("-----BEGIN PUBLIC KEY-----\n")
    line = refused("release", "verify", "--release", tmp_path, "--key", key)
    assert "not an Ed25519 key" in line


def test_a_command_that_is_not_one_is_one_line_too(refused):
    assert "No such command 'publish'" in refused("publish")
    assert "Missing option '--site'" in refused("ledger", "show")


def test_help_is_not_an_error(sloyfe):
    code, stdout, stderr = sloyfe("--help")
    assert (code, stderr) == (0, []) and "demo" in stdout
    code, stdout, _ = sloyfe()
    assert code == 2 and "demo" in stdout


def test_json_is_all_that_stands_on_standard_output(sloyfe, site, tmp_path):
    npr = write_csv(tmp_path / "npr.csv", [NPR, NPR | {"episodeID": "E2", "utDato": "2024-02-30"}])
    ingest = ("ingest", "--site", site.folder, "--format", "npr", "--source", npr)
    code, stdout, _ = sloyfe(*ingest, "--json")
    report = json.loads(stdout)
    assert code == 0
    assert (report["rows_in"], report["rows_landed"], report["rows_quarantined"]) == (2, 1, 1)
    code, stdout, _ = sloyfe(*ingest)
    assert code == 0 and stdout.startswith("unchanged: 2 rows in")

    ledger = Ledger.open(site.ledger_path)
    charge = Charge(
        "q", "a", "readmission", "2024", "all", "discrete Gaussian",
        0.5, 0.25, (2023, 2024), ("ahus", "ous"),
    )  # fmt: skip
    ledger.reserve(charge, Budget(1.0, 0.0, {"all": 1.0}))
    ledger.close()
    code, stdout, stderr = sloyfe("ledger", "show", "--site", site.folder, "--json")
    shown = json.loads(stdout)
    assert (code, stderr) == (0, [])
    assert shown["spent"] == {"2023": 0.5, "2024": 0.5}
    assert shown["attempts"][0]["state"] == "reserved"
    code, stdout, _ = sloyfe("ledger", "show", "--site", site.folder)
    assert code == 0 and "no release; stays spent" in stdout
    code, stdout, stderr = sloyfe("ledger", "verify", "--site", site.folder, "--json")
    assert (code, stderr) == (0, []) and json.loads(stdout)["ok"] is True


def test_a_damaged_ledger_is_shown_as_such_with_its_own_exit_code(sloyfe, site):
    ledger = Ledger.open(site.ledger_path)
    ledger.refusal("q", "a", "budget_spent")
    ledger.close()
    site.ledger_path.with_suffix(".head").unlink()
    code, stdout, _ = sloyfe("ledger", "verify", "--site", site.folder, "--json")
    assert code == 1 and json.loads(stdout)["ok"] is False
    code, stdout, _ = sloyfe("ledger", "verify", "--site", site.folder)
    assert code == 1 and stdout.startswith("NOT verified")

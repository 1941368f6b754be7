"""The generator's promises: the same bytes, the register's shape, rates in bands, known dirt."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ruamel.yaml import YAML

from synthetic import GeneratedFile, calibration, generate
from synthetic.registers import NPR_DEFECTS

REPOSITORY = Path(__file__).parents[2]
HOSPITALS = ("north", "east", "south")
PERSONS = 40_000
YEARS = range(2022, 2025)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@dataclass(frozen=True)
class Generated:
    folder: Path
    files: list[GeneratedFile]


def _generate(
    out: Path, persons: int = 500, seed: int = 3, hospitals: Sequence[str] = HOSPITALS
) -> Generated:
    files = generate(
        out,
        persons=persons,
        years=YEARS,
        hospitals=hospitals,
        municipality="town",
        seed=seed,
        signing_key=KEY,
    )
    return Generated(out, files)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return _generate(tmp_path_factory.mktemp("generated"), persons=PERSONS)


def _rows(file: GeneratedFile) -> pd.DataFrame:
    return pd.read_csv(file.path, sep=";", dtype=str, keep_default_na=False)


def _good_rows(file: GeneratedFile) -> pd.DataFrame:
    return _rows(file).iloc[: file.rows - file.defective_rows]


@pytest.fixture(scope="module")
def stays(large: Generated) -> pd.DataFrame:
    """Inpatient stays of all hospitals with `start`, `end` and age."""
    npr = pd.concat(
        [_good_rows(f).assign(hospital=f.site) for f in large.files if f.format == "npr"]
    )
    npr = npr[npr.omsorgsniva == "1"]
    return npr.assign(
        start=pd.to_datetime(npr.innDato + " " + npr.innTid.replace("", "00:00:00")),
        end=pd.to_datetime(npr.utDato + " " + npr.utTid),
        age=npr.innDato.str[:4].astype(int) - npr.fodselsar.astype(int),
    )


@pytest.fixture(scope="module")
def episodes(stays: pd.DataFrame) -> pd.DataFrame:
    """Stays of a person chained at gaps of at most eight hours, with the next episode beside."""
    stays = stays.sort_values(["lopenr", "start"])
    latest_end = stays.groupby("lopenr").end.cummax().shift()
    is_new = (stays.lopenr != stays.lopenr.shift()) | (
        stays.start > latest_end + pd.Timedelta("8h")
    )
    chained = stays.groupby(is_new.cumsum()).agg(
        lopenr=("lopenr", "first"),
        start=("start", "min"),
        end=("end", "max"),
        age=("age", "first"),
        urgency=("innmateHast", "first"),
        state=("utTilstand", "max"),
        first_hospital=("hospital", "first"),
        last_hospital=("hospital", "last"),
    )
    following = chained.groupby("lopenr").shift(-1)
    chained["readmitted"] = (following.start <= chained.end + pd.Timedelta("30D")) & (
        following.urgency == "1"
    )
    chained["readmitted_here"] = chained.readmitted & (
        following.first_hospital == chained.last_hospital
    )
    return chained


def _index(episodes: pd.DataFrame) -> pd.DataFrame:
    return episodes.query("state == '1' and end < @pd.Timestamp(@YEARS.stop, 1, 1)")


def test_same_seed_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    first, again, other = (
        _generate(tmp_path / name, seed=seed) for name, seed in (("a", 3), ("b", 3), ("c", 4))
    )
    for one, two, three in zip(first.files, again.files, other.files, strict=True):
        assert one.path.read_bytes() == two.path.read_bytes()
        assert one.path.read_bytes() != three.path.read_bytes()


@pytest.mark.parametrize(
    ("contract", "model", "files"),
    [
        ("npr.yml", "input_npr_stay", [f"{h}/npr/npr.csv" for h in HOSPITALS]),
        ("kuhr.yml", "input_kuhr_claim", ["town/kuhr/regning.csv"]),
        ("kuhr.yml", "input_kuhr_diagnosis", ["town/kuhr/diagnose.csv"]),
        ("kuhr.yml", "input_kuhr_tariff", ["town/kuhr/takst.csv"]),
        ("kpr_omsorg.yml", "input_kpr_care", ["town/kpr-omsorg/kpr_omsorg.csv"]),
    ],
)
def test_files_have_the_contract_s_columns(
    large: Generated, contract: str, model: str, files: list[str]
) -> None:
    yaml = YAML().load(REPOSITORY / "dbt_models" / "models" / "input_layer" / contract)
    (columns,) = [m["columns"] for m in yaml["models"] if m["name"] == model]
    expected = [column["config"]["meta"]["register_name"] for column in columns]
    for file in files:
        header = (large.folder / file).read_text(encoding="utf-8").partition("\n")[0]
        assert header.split(";") == expected


def test_all_registers_know_the_same_persons(large: Generated, stays: pd.DataFrame) -> None:
    claims = next(f for f in large.files if f.path.name == "regning.csv")
    known = set(_good_rows(claims).kpr_lnr)
    assert {len(person) for person in known} == {11}
    assert stays.lopenr.isin(known).mean() > 0.95


def test_admissions_of_the_old_are_near_the_published_rate(episodes: pd.DataFrame) -> None:
    acute = episodes[(episodes.age >= 75) & (episodes.urgency == "1")]
    shares = calibration.POPULATION.sum(axis=0) / calibration.POPULATION.sum()
    per_1000 = len(acute) / (PERSONS * shares[3:].sum() * (len(YEARS) + 2 / 12)) * 1000
    assert 330 < per_1000 < 410


def test_length_of_stay_of_the_old(episodes: pd.DataFrame) -> None:
    old = episodes[episodes.age >= 75]
    assert 4.4 < ((old.end - old.start) / pd.Timedelta("1D")).mean() < 5.0


def test_readmissions_are_near_the_published_rate(episodes: pd.DataFrame) -> None:
    index = _index(episodes)
    assert 0.155 < index.readmitted.mean() < 0.185
    assert index[index.age >= 75].readmitted.mean() > index[index.age < 18].readmitted.mean()
    elsewhere = 1 - index.readmitted_here.sum() / index.readmitted.sum()
    assert 0.12 < elsewhere < 0.28


def test_some_are_transferred_within_the_hospital_the_same_day(stays: pd.DataFrame) -> None:
    stays = stays.sort_values(["lopenr", "start"])
    gap = stays.start - stays.groupby("lopenr").end.shift()
    is_transfer = (gap <= pd.Timedelta("8h")) & (
        stays.hospital == stays.groupby("lopenr").hospital.shift()
    )
    assert 0.01 < is_transfer.mean() < 0.06
    assert (stays[is_transfer & (gap >= pd.Timedelta(0))].fraSted == "7").all()


def test_nobody_comes_back_from_the_dead(stays: pd.DataFrame) -> None:
    dead = stays[stays.dodDato != ""]
    assert 0.02 < len(dead) / len(stays) < 0.10
    assert (dead.innDato <= dead.dodDato).all()
    assert (stays.utTilstand == "2").sum() > 0
    assert (stays[stays.utTilstand == "2"].utDato == stays[stays.utTilstand == "2"].dodDato).all()


def test_follow_up_of_the_last_year_is_complete(large: Generated, stays: pd.DataFrame) -> None:
    for file in large.files:
        papers = YAML(typ="safe").load(file.path.parent / "delivery.yaml")
        assert papers["period_from"].isoformat() == "2022-01-01"
        assert papers["period_to"].isoformat() == "2025-02-28"
        assert papers["extracted_on"] > papers["period_to"]
    by_month = stays.utDato.str[:7].value_counts()
    assert by_month["2025-01"] > by_month["2024-12"] / 2
    assert stays.utDato.max() <= "2025-02-28"


def test_only_the_announced_rows_are_defective(large: Generated) -> None:
    for file in large.files:
        rows = _rows(file)
        assert len(rows) == file.rows
        assert 0 < file.defective_rows < 10
        if file.format == "npr":
            start = pd.to_datetime(rows.innDato, errors="coerce")
            found = {
                "broken_date": int(start.isna().sum()),
                "discharge_before_admission": int((pd.to_datetime(rows.utDato) < start).sum()),
                "unknown_care_level": int((~rows.omsorgsniva.isin(list("1238"))).sum()),
                "missing_person": int((rows.lopenr == "").sum()),
                "duplicate": int(rows.episodeID.duplicated().sum()),
            }
            assert found == file.defects
    assert large.files[0].defective_rows == len(NPR_DEFECTS)


def test_mark_verifies_and_names_every_file(large: Generated) -> None:
    for folder in {file.path.parent for file in large.files}:
        mark = json.loads((folder / "synthetic-mark.json").read_text(encoding="utf-8"))
        signature = base64.b64decode(mark.pop("signature"))
        canonical = json.dumps(mark, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        KEY.public_key().verify(signature, canonical.encode())
        assert mark["files"] == {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.glob("*.csv")
        }
        with pytest.raises(InvalidSignature):
            KEY.public_key().verify(signature, canonical.replace('"seed":3', '"seed":4').encode())


def test_one_hospital_and_one_person_are_enough(tmp_path: Path) -> None:
    generated = _generate(tmp_path, persons=1, hospitals=["only"])
    assert [file.site for file in generated.files] == ["only", "town", "town", "town", "town"]


def test_impossible_orders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="persons"):
        _generate(tmp_path, persons=0)
    with pytest.raises(ValueError, match="every site once"):
        _generate(tmp_path, hospitals=["town"])

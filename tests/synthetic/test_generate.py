"""The generator's promises: the same bytes, the register's shape, the signed mark, a clean stop."""

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated.site.landing import ingest
from federated.site.landing.contract import Table, load_contract
from synthetic import generate as generating
from synthetic.events import Events
from synthetic.generate import KEY_FOLDER, UNFINISHED, Generated, generate
from synthetic.model import Shard
from synthetic.population import everybody
from synthetic.writing import FileFormat
from tests.federated.site.homes import write_site
from tests.synthetic.random_events import simulate

HOSPITALS = ("ous", "diakonhjemmet", "ahus")
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PERSONS, A_SHARD = 2_500, 1_000
EVERYBODY = everybody(PERSONS, generating.window_of(range(2023, 2024)))


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generating, "SHARD_PERSONS", A_SHARD)
    monkeypatch.setattr(generating, "simulate", simulate)


def _generate(
    out: Path,
    *,
    persons: int = PERSONS,
    seed: int = 3,
    hospitals: Sequence[str] = HOSPITALS,
    file_format: FileFormat = "parquet",
    workers: int = 1,
    years: range = range(2023, 2024),
    dirt: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> Generated:
    return generate(
        out,
        persons=persons,
        years=years,
        seed=seed,
        signing_key=KEY,
        hospitals=hospitals,
        municipality="oslo",
        dirt=dirt,
        file_format=file_format,
        workers=workers,
        progress=progress,
    )


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[FileFormat, tuple[Path, Generated]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generating, "SHARD_PERSONS", A_SHARD)
        patch.setattr(generating, "simulate", simulate)
        folder = tmp_path_factory.mktemp("generated")
        return {
            form: (folder / form, _generate(folder / form, file_format=form))
            for form in ("csv", "parquet")
        }


def test_one_worker_or_two_the_bytes_are_the_same(tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    first = _generate(one, file_format="csv", workers=1, dirt=20.0)
    second = _generate(two, file_format="csv", workers=2, dirt=20.0)
    assert _bytes(one) == _bytes(two)
    assert [file.path.relative_to(one) for file in first.files] == [
        file.path.relative_to(two) for file in second.files
    ]


def test_another_seed_gives_other_bytes(tmp_path: Path) -> None:
    first, other = (_generate(tmp_path / str(seed), seed=seed) for seed in (3, 4))
    for one, two in zip(first.files, other.files, strict=True):
        # Who has which pseudonym is the same for every seed.
        assert (one.sha256 == two.sha256) == (one.register == "person-key")


def _scan(path: Path) -> str:
    if path.suffix == ".parquet":
        return f"read_parquet('{path}')"
    return f"read_csv('{path}', delim = ';', header = true, all_varchar = true, quote = '')"


def test_every_file_can_be_read_and_holds_as_many_rows_as_declared(made) -> None:
    for _, generated in made.values():
        for file in generated.files:
            assert hashlib.sha256(file.path.read_bytes()).hexdigest() == file.sha256
            rows = duckdb.execute(f"select count(*) from {_scan(file.path)}").fetchone()
            assert rows == (file.rows,)
            if file.path.suffix == ".parquet":
                assert pq.read_table(file.path).num_rows == file.rows
        assert generated.rows == sum(file.rows for file in generated.files)


def test_csv_and_parquet_say_the_same(made) -> None:
    for csv, parquet in zip(made["csv"][1].files, made["parquet"][1].files, strict=True):
        assert csv.path.stem == parquet.path.stem
        types = duckdb.execute(f"describe from {_scan(parquet.path)}").fetchall()
        typed = ", ".join(f'"{name}"::{kind} as "{name}"' for name, kind, *_ in types)
        one, other = f"(select {typed} from {_scan(csv.path)})", f"(from {_scan(parquet.path)})"
        differ = duckdb.execute(
            f"select count(*) from ((from {one} except all from {other}) union all "
            f"(from {other} except all from {one}))"
        ).fetchone()
        assert differ == (0,), csv.path


def _contract(register: str, stem: str) -> Table:
    tables = [table for table in load_contract() if table.register == register]
    return next(
        table for table in tables if not table.fragments or any(f in stem for f in table.fragments)
    )


def test_files_have_columns_of_their_contract_and_all_that_it_requires(made) -> None:
    for file in made["parquet"][1].files:
        contract = _contract(file.register, file.path.stem)
        known = {column.register_name for column in contract.columns}
        found = pq.read_schema(file.path).names
        assert set(contract.required) <= set(found) <= known
        assert set(contract.key) <= set(found)


def test_codes_of_closed_lists_are_in_the_list(made) -> None:
    checked = 0
    for file in made["csv"][1].files:
        found = pq.read_schema(_beside(made, file.path)).names
        for column in _contract(file.register, file.path.stem).columns:
            if column.closed_codes and column.register_name in found:
                values = duckdb.execute(
                    f'select distinct "{column.register_name}" from {_scan(file.path)}'
                ).fetchall()
                assert {value for (value,) in values} - {None} <= set(column.closed_codes)
                checked += 1
    assert checked > 20


def _beside(made, path: Path) -> Path:
    return made["parquet"][0] / path.relative_to(made["csv"][0]).with_suffix(".parquet")


def test_national_ids_are_unique_over_all_shards_and_belong_to_who_has_a_contact(made) -> None:
    out, _ = made["parquet"]
    ids: dict[str, set[str]] = {}
    for hospital in HOSPITALS:
        rows = duckdb.execute(
            f"select lopenr, fodselsnummer from '{out}/{hospital}/npr-ide/*.parquet'"
        ).fetchall()
        known = duckdb.execute(
            f"select lopenr from '{out}/{hospital}/npr/*.parquet' union "
            f"select lopenr from '{out}/{hospital}/npr-henvisning/*.parquet'"
        ).fetchall()
        assert {lopenr for lopenr, _ in rows} == {lopenr for (lopenr,) in known}
        assert len(rows) == len(known)
        for lopenr, number in rows:
            assert len(number) == 11 and number.isdigit()
            ids.setdefault(lopenr, set()).add(number)
    assert all(len(numbers) == 1 for numbers in ids.values())
    assert len(set.union(*ids.values())) == len(ids) > A_SHARD


def test_the_key_file_joins_what_the_registers_keep_apart(made) -> None:
    out, _ = made["parquet"]
    key = duckdb.execute(
        f"select npr_lnr, kpr_lnr from '{out}/oslo/person-key/*.parquet'"
    ).fetchall()
    assert len(key) == EVERYBODY == len({n for n, _ in key}) == len({k for _, k in key})
    strangers = duckdb.execute(
        f"select count(*) from '{out}/oslo/kuhr/regning*.parquet' anti join "
        f"'{out}/oslo/person-key/*.parquet' using (kpr_lnr)"
    ).fetchone()
    assert strangers == (0,)
    truth = duckdb.execute(
        f"select count(*) from '{out}/truth/population.parquet' t join "
        f"'{out}/oslo/person-key/*.parquet' k on k.npr_lnr = t.lopenr and k.kpr_lnr = t.kpr_lnr"
    ).fetchone()
    assert truth == (EVERYBODY,)


def test_the_truth_tells_how_it_was_made(made) -> None:
    out, _ = made["parquet"]
    truth = json.loads((out / "truth" / "truth.json").read_text())
    assert (truth["seed"], truth["persons"], truth["years"]) == (3, PERSONS, [2023, 2023])
    assert (truth["scenario"], truth["causal"]) == ("baseline", True)
    population = pq.read_table(out / "truth" / "population.parquet")
    assert population["number"].to_pylist() == list(range(EVERYBODY))
    assert population.column_names == [
        *("number", "lopenr", "kpr_lnr", "born", "is_female", "bydel", "dies_on"),
        *("moves_in", "moves_out", "lives_alone", "frailty", "conditions"),
    ]


def test_the_mark_signs_every_file_of_its_folder(made) -> None:
    for out, generated in made.values():
        folders = {file.path.parent for file in generated.files}
        assert {folder.relative_to(out).as_posix() for folder in folders} == {
            *(f"{h}/{register}" for h in HOSPITALS for register in ("npr", "npr-ide")),
            *(f"{h}/npr-henvisning" for h in HOSPITALS),
            *(f"oslo/{register}" for register in ("kuhr", "kpr-omsorg", "person-key")),
            *(f"{organisation}/befolkning" for organisation in (*HOSPITALS, "oslo")),
        }
        for folder in folders:
            mark = json.loads((folder / "synthetic-mark.json").read_text())
            signature = base64.b64decode(mark.pop("signature"))
            canonical = json.dumps(mark, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            KEY.public_key().verify(signature, canonical.encode())
            assert mark["files"] == {
                path.name: hashlib.sha256(path.read_bytes()).hexdigest()
                for path in folder.iterdir()
                if path.suffix in (".csv", ".parquet")
            }
            with pytest.raises(InvalidSignature):
                KEY.public_key().verify(
                    signature, canonical.replace('"seed":3', '"seed":4').encode()
                )
            assert (folder / "delivery.yaml").read_text() == (
                "period_from: 2023-01-01\nperiod_to: 2024-02-29\nextracted_on: 2024-03-15\n"
            )


def test_one_hospital_and_one_person_are_enough(tmp_path: Path) -> None:
    generated = _generate(tmp_path, persons=1, hospitals=["only"], file_format="csv")
    assert {file.path.name for file in generated.files} == {
        "npr.csv", "ide.csv", "henvisning.csv", "regning.csv", "diagnose.csv", "takst.csv",
        "tjeneste.csv", "funksjon.csv", "person_key.csv", "befolkning.csv",
    }  # fmt: skip


# -- stopping and going on -------------------------------------------------------------------------


class _Stopped:
    """Stops, as Ctrl-C does, when a shard has been reported."""

    def __init__(self, at: int) -> None:
        self.at, self.told = at, list[str]()

    def __call__(self, step: str) -> None:
        self.told.append(step)
        if len(self.told) == self.at:
            raise KeyboardInterrupt


_simulated: list[int] = []


def _simulate_and_tell(shard: Shard) -> Events:
    _simulated.append(shard.index)
    return simulate(shard)


def test_an_interrupted_call_goes_on_with_the_shards_that_were_done(
    made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, out = made["parquet"][0], tmp_path / "out"
    monkeypatch.setattr(generating, "simulate", _simulate_and_tell)
    _simulated.clear()
    with pytest.raises(KeyboardInterrupt):
        _generate(out, progress=_Stopped(2))
    assert _simulated == [0, 1]
    assert [path.name for path in out.iterdir()] == [UNFINISHED]
    _generate(out)
    assert _simulated == [0, 1, 2]
    assert _bytes(out) == _bytes(whole)


def test_a_shard_that_is_not_what_was_written_is_made_again(
    made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, out = made["parquet"][0], tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        _generate(out, progress=_Stopped(2))
    damaged = next((out / UNFINISHED).rglob("regning-0001.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:-1])
    monkeypatch.setattr(generating, "simulate", _simulate_and_tell)
    _simulated.clear()
    _generate(out)
    assert _simulated == [1, 2]
    assert _bytes(out) == _bytes(whole)


def test_another_order_does_not_go_on_with_what_was_left(tmp_path: Path) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    _generate(whole, seed=4)
    with pytest.raises(KeyboardInterrupt):
        _generate(out, progress=_Stopped(2))
    _generate(out, seed=4)
    assert _bytes(out) == _bytes(whole)


def test_two_workers_that_are_stopped_leave_no_process_behind(made, tmp_path: Path) -> None:
    import multiprocessing

    with pytest.raises(KeyboardInterrupt):
        _generate(tmp_path / "out", workers=2, progress=_Stopped(1))
    assert multiprocessing.active_children() == []
    _generate(tmp_path / "out", workers=2)
    assert _bytes(tmp_path / "out") == _bytes(made["parquet"][0])


def test_an_earlier_call_s_files_are_replaced_and_nobody_else_s(tmp_path: Path) -> None:
    out = tmp_path / "out"
    _generate(out, hospitals=["ous", "ahus"], dirt=5.0)
    (out / KEY_FOLDER).mkdir()
    _generate(out, hospitals=["ous"])
    assert {path.name for path in out.iterdir()} == {"ous", "oslo", "truth", KEY_FOLDER}
    (out / "thesis.txt").write_text("mine")
    with pytest.raises(FileExistsError):
        _generate(out)
    assert (out / "thesis.txt").read_text() == "mine"


def test_impossible_orders_are_refused_before_anything_is_made(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(ValueError, match="persons"):
        _generate(out, persons=0)
    with pytest.raises(ValueError, match="every site once"):
        _generate(out, hospitals=["oslo"])
    with pytest.raises(ValueError, match="years"):
        _generate(out, years=range(1999, 2001))
    with pytest.raises(ValueError, match="rate of dirt"):
        _generate(out, dirt=-1.0)
    with pytest.raises(ValueError, match="unknown format"):
        _generate(out, file_format="xml")  # type: ignore[arg-type]
    assert not out.exists()


# -- with the model itself -------------------------------------------------------------------------


def test_the_model_s_events_are_delivered_whole_and_alike_by_one_worker_or_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from synthetic import model

    monkeypatch.setattr(generating, "simulate", model.simulate)
    one = _generate(tmp_path / "1", workers=1)
    _generate(tmp_path / "2", workers=2)
    assert _bytes(tmp_path / "1") == _bytes(tmp_path / "2")
    rows = {file.register: 0 for file in one.files}
    for file in one.files:
        rows[file.register] += file.rows
    assert rows["kuhr"] > rows["npr"] > rows["npr-henvisning"] > 0
    assert rows["kpr-omsorg"] > 0
    _check_population_table(tmp_path / "1", years=[2023, 2024])


def _check_population_table(out: Path, years: list[int]) -> None:
    """Every organisation's is the plain count of the truth, on the morning of each 1 January."""
    recount = " union all ".join(
        f"""
        select {year} as aar, '0301' as kommuneNr, printf('0301%02d', bydel + 1) as bydel,
            date_sub('year', born, date '{year}-01-01') as alder,
            if(is_female, 2, 1) as kjonn, count(*) as antall
        from '{out}/truth/population.parquet'
        where born < '{year}-01-01' and coalesce(dies_on >= '{year}-01-01', true)
            and coalesce(moves_in < '{year}-01-01', true)
            and coalesce(moves_out >= '{year}-01-01', true)
        group by all
        """
        for year in years
    )
    counted = sorted(duckdb.execute(recount).fetchall())
    assert {year for year, *_ in counted} == set(years)
    for organisation in (*HOSPITALS, "oslo"):
        (file,) = (out / organisation / "befolkning").glob("*.parquet")
        assert file.name == "befolkning.parquet"
        assert duckdb.execute(f"from '{file}'").fetchall() == counted


def test_a_site_lands_every_row_of_the_model_s(tmp_path: Path, monkeypatch) -> None:
    from synthetic import model

    monkeypatch.setattr(generating, "simulate", model.simulate)
    made = _generate(tmp_path / "out", hospitals=["ous"], persons=A_SHARD)
    for organisation in ("ous", "oslo"):
        site = write_site(tmp_path / organisation, None, id=organisation, declared_synthetic=True)
        mine = {f.register: 0 for f in made.files if f.organisation == organisation}
        for file in made.files:
            if file.organisation == organisation:
                mine[file.register] += file.rows
        for register, rows in mine.items():
            report = ingest(site, register, tmp_path / "out" / organisation / register)
            assert (report.reasons, report.rows_landed) == ({}, rows), register


def test_without_causes_the_same_persons_live_another_life(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from synthetic import model

    seen: list[Shard] = []

    def remember(shard: Shard) -> Events:
        seen.append(shard)
        return simulate(replace(shard))

    monkeypatch.setattr(generating, "simulate", remember)
    for name, causal in (("causal", True), ("without", False)):
        generate(
            tmp_path / name,
            persons=10,
            years=range(2024, 2025),
            seed=1,
            signing_key=KEY,
            hospitals=["ous"],
            municipality="oslo",
            scenario="earlier_followup",
            causal=causal,
            workers=1,
        )
        truth = json.loads((tmp_path / name / "truth" / "truth.json").read_text())
        assert (truth["causal"], truth["scenario"]) == (causal, "earlier_followup")
    asked_for = model.parameters_for("earlier_followup")
    assert repr(seen[0].parameters) == repr(asked_for)
    assert repr(seen[1].parameters) == repr(model.without_effects(asked_for)) != repr(asked_for)

"""Dirt: what is counted in the manifest is in the files, and nothing clean is lost by it."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from federated.site.landing import ingest
from federated.site.landing.contract import load_contract
from federated.site.landing.quality.vocabulary import RULE
from synthetic import dirt, generate
from synthetic.dirt import as_text
from synthetic.generate import Generated
from synthetic.registers import Registers
from tests.federated.site.homes import site_yaml, write_site
from tests.synthetic.random_events import WINDOW, random_events, simulate
from tests.synthetic.sound import FAULTS, FLAWS, counted, lost

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RATE = 30.0


def _tables() -> dict[str, pa.Table]:
    events = random_events(400)
    of = Registers(events.people, WINDOW, 2)
    rng = np.random.default_rng(1)
    return {
        "npr": of.npr(events.stays, 0, "ous"),
        "henvisning": of.referrals(events.referrals, 0),
        "regning": of.claims(events.claims),
        "diagnose": of.diagnoses(rng, events.claims),
        "takst": of.tariffs(rng, events.claims),
        "tjeneste": of.care(events.care),
        "funksjon": of.functions(events.functions),
        "person_key": of.person_key(),
    }


TABLES = _tables()


@settings(max_examples=20, deadline=None)
@given(
    part=st.sampled_from(list(TABLES)),
    rate=st.floats(0, 1_000),
    seed=st.integers(0, 2**32),
    file_format=st.sampled_from(["csv", "parquet"]),
)
def test_what_is_said_to_be_put_in_is_there_at_any_rate(part, rate, seed, file_format) -> None:
    clean = TABLES[part]
    rng = np.random.default_rng(seed)
    flawed, landed = dirt.flawed(rng, part, clean, rate)
    faulty, refused = dirt.faulty_rows(
        rng, part, clean, flawed, shard=2, rate=rate, file_format=file_format
    )
    assert (faulty.num_rows if faulty else 0) == sum(one.count for one in refused)
    before = as_text(clean)
    dirty = pa.concat_tables([as_text(flawed), *([_as_read(faulty)] if faulty else [])])
    assert counted(part, before, dirty, as_text(TABLES["regning"])) == {
        one.kind: one.count for one in (*landed, *refused)
    }
    assert lost(before, dirty) == 0


def _as_read(table: pa.Table) -> pa.Table:
    """Empty text is what a reader takes for nothing; an open quote stands as one."""
    for index, name in enumerate(table.column_names):
        column = table.column(index)
        texts = [text.replace("\x01", '"') if text else None for text in column.to_pylist()]
        table = table.set_column(index, name, pa.array(texts, pa.string()))
    return table


def test_no_dirt_at_rate_zero_and_all_kinds_at_a_high_one() -> None:
    kinds = defaultdict(set)
    for part, clean in TABLES.items():
        flawed, landed = dirt.flawed(np.random.default_rng(1), part, clean, 0.0)
        assert flawed.equals(clean) and not landed
        flawed, landed = dirt.flawed(np.random.default_rng(1), part, clean, 300.0)
        _, refused = dirt.faulty_rows(
            np.random.default_rng(1), part, clean, flawed, shard=2, rate=300.0, file_format="csv"
        )
        kinds[part] = {one.kind for one in (*landed, *refused)}
    for kind in (*dirt.FAULTS, *dirt.FLAWS):
        assert kind.part == "ide" or kind.kind in kinds[kind.part], (kind.part, kind.kind)


def test_every_kind_is_counted_by_the_tests_and_known_to_who_reads() -> None:
    counted_otherwise = {"duplicate", "unreadable_line", "no_such_claim"}
    assert {(f.part, f.kind) for f in dirt.FAULTS if f.kind not in counted_otherwise} == set(FAULTS)
    by_person = {"other_sex", "second_pseudonym"}
    assert {(f.part, f.kind) for f in dirt.FLAWS if f.kind not in by_person} == set(FLAWS)
    assert {flaw.rule for flaw in dirt.FLAWS} <= set(RULE)
    columns = {c.register_name for table in load_contract() for c in table.columns}
    for fault in dirt.FAULTS:
        assert set(fault.values) - {""} <= columns
        _, _, column = fault.reason.partition(":")
        assert not column or column in columns
        assert 0 < fault.rate <= 1e-3
    assert all(0 < flaw.rate <= 1e-2 for flaw in dirt.FLAWS)


# -- files -----------------------------------------------------------------------------------------


def _generate(out: Path, file_format, rate: float | None) -> Generated:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generate, "SHARD_PERSONS", 1_500)
        patch.setattr(generate, "simulate", simulate)
        return generate.generate(
            out,
            persons=2_200,
            years=range(2023, 2025),
            seed=5,
            signing_key=KEY,
            hospitals=("ous", "ahus"),
            municipality="oslo",
            dirt=rate,
            file_format=file_format,
            workers=1,
        )


@pytest.fixture(scope="module", params=["csv", "parquet"])
def made(request, tmp_path_factory) -> tuple[Path, Generated, Path, Generated]:
    """The same population delivered dirty and clean."""
    folder = tmp_path_factory.mktemp(request.param)
    pair = [(folder / name, rate) for name, rate in (("dirty", RATE), ("clean", None))]
    return tuple(one for out, rate in pair for one in (out, _generate(out, request.param, rate)))  # type: ignore[return-value]


def _text(path: Path) -> pa.Table:
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        # Parquet knows no whole seconds: it reads back milliseconds.
        seconds = {pa.time32("ms"): pa.time32("s"), pa.timestamp("ms"): pa.timestamp("s")}
        schema = pa.schema([(f.name, seconds.get(f.type, f.type)) for f in table.schema])
        return _as_read(as_text(table.cast(schema)))
    header = path.open(encoding="utf-8").readline().rstrip("\n").split(";")
    return pa_csv.read_csv(
        path,
        parse_options=pa_csv.ParseOptions(delimiter=";", quote_char=False),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(header, pa.string()),
            strings_can_be_null=True,
            null_values=[""],
        ),
    )


def _part(path: Path) -> str:
    return path.stem.split("-")[0]


def _by_part(generated: Generated) -> Iterator[tuple[tuple[str, str, str], list[pa.Table]]]:
    tables = defaultdict(list)
    for file in generated.files:
        table = _text(file.path)
        assert table.num_rows == file.rows
        tables[file.organisation, file.register, _part(file.path)].append(table)
    yield from tables.items()


def test_the_manifest_is_what_is_in_the_files(made) -> None:
    out, dirty, _, clean = made
    manifest = json.loads((out / "dirt.json").read_text())
    assert manifest["rate"] == RATE
    said = defaultdict(Counter)
    for one in manifest["injected"]:
        path = out / one["organisation"] / one["register"] / one["file"]
        assert path.is_file()
        said[one["organisation"], one["register"], _part(path)][one["kind"]] += one["count"]
    clean_tables = {key: pa.concat_tables(tables) for key, tables in _by_part(clean)}
    for key, tables in _by_part(dirty):
        table, before = pa.concat_tables(tables), clean_tables[key]
        claims = clean_tables["oslo", "kuhr", "regning"]
        assert counted(key[2], before, table, claims) == dict(said[key]), key
        assert lost(before, table) == 0, key
    assert sum(file.rows for file in clean.files) < sum(file.rows for file in dirty.files)
    assert not (made[2] / "dirt.json").exists()


def test_the_manifest_agrees_with_the_files_that_are_returned(made) -> None:
    out, dirty, _, clean = made
    manifest = json.loads((out / "dirt.json").read_text())["injected"]
    for file in dirty.files:
        mine = [
            one
            for one in manifest
            if (one["organisation"], one["register"], one["file"])
            == (file.organisation, file.register, file.path.name)
        ]
        assert {one["kind"]: one["count"] for one in mine} == dict(file.defects)
    assert not any(file.defects for file in clean.files)


def test_a_site_quarantines_every_fault_lands_every_clean_row_and_reports_every_flaw(
    made, tmp_path
) -> None:
    out, _, _, clean = made
    public = tmp_path / "generator.pub"
    public.write_bytes(
        KEY.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    reasons, rules = defaultdict(Counter), defaultdict(Counter)
    for one in json.loads((out / "dirt.json").read_text())["injected"]:
        expected = reasons if one["becomes"] == "quarantined" else rules
        expected[one["organisation"], one["register"]][one["expected"]] += one["count"]
    clean_rows = Counter()
    for file in clean.files:
        clean_rows[file.organisation, file.register] += file.rows
    for organisation in ("ous", "oslo"):
        keys = site_yaml()["keys"] | {"generator": str(public)}
        site = write_site(
            tmp_path / organisation, None, id=organisation, declared_synthetic=False, keys=keys
        )
        for _, register in [place for place in clean_rows if place[0] == organisation]:
            place = organisation, register
            report = ingest(site, register, out / organisation / register)
            assert report.origin == "generated"
            assert report.reasons == dict(reasons[place]), place
            assert report.rows_quarantined == sum(reasons[place].values())
            assert report.rows_landed == clean_rows[place] + rules[place]["two_pseudonyms"]
            found = Counter()
            for finding in report.quality.findings:
                found[finding.rule] += finding.count
            assert {rule: found[rule] for rule in rules[place]} == dict(rules[place]), place
    assert reasons["ous", "npr"] and rules["ous", "npr"] and reasons["oslo", "kuhr"]

"""What lets a warehouse pass for synthetic, and what does not."""

import base64
import hashlib
import json
from datetime import date
from pathlib import Path

import duckdb
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from federated.site.landing import StatedPeriod, create_landing, ingest, warehouse_origin
from privacy.problem import Problem

KEY = Ed25519PrivateKey.generate()


def sign(folder: Path, *names: str, key: Ed25519PrivateKey = KEY, **changes) -> Path:
    content = {
        "generator": "sloyfe-synthetic",
        "version": "1",
        "seed": 7,
        "files": {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in names},
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    signature = base64.b64encode(key.sign(text.encode())).decode()
    file = folder / "synthetic-mark.json"
    file.write_text(json.dumps(content | {"signature": signature} | changes, indent=2))
    return file


@pytest.fixture
def public_key(tmp_path):
    file = tmp_path / "generator.pem"
    file.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return file


@pytest.fixture
def origin(public_key):
    def read(site, key=public_key, declared=False):
        with duckdb.connect(site.warehouse_path) as connection:
            return warehouse_origin(connection, key, declared)

    return read


@pytest.fixture
def marked(write_csv, npr_row):
    source = write_csv("npr.csv", [npr_row(1), npr_row(2, innDato="x")])
    sign(source.parent, source.name)
    return source


def test_a_marked_delivery_makes_a_generated_warehouse(
    make_site, marked, public_key, origin, query
):
    site = make_site(generator=public_key)
    assert ingest(site, "npr", marked).origin == "generated"
    assert origin(site) == "generated"
    [(stored, mark)] = query(site, "select origin, mark from landing.delivery")
    assert stored == "generated"
    assert json.loads(mark)["files"].keys() == {"npr.csv"}


def test_a_marked_folder(make_site, write_csv, npr_row, public_key, origin):
    site = make_site(generator=public_key)
    source = write_csv("npr/æ.csv", [npr_row(1)])
    write_csv("npr/b.csv", [npr_row(2)])
    (source.parent / "delivery.yaml").write_text("period_from: 2024-01-01\nperiod_to: 2024-12-31\n")
    sign(source.parent, "æ.csv", "b.csv", "delivery.yaml")
    assert ingest(site, "npr", source.parent).origin == "generated"
    assert origin(site) == "generated"
    papers = source.parent / "delivery.yaml"
    stated = papers.read_text()
    papers.write_text(stated.replace("2024-12-31", "2025-12-31"))
    with pytest.raises(Problem, match=r"`delivery\.yaml` is not the one the synthetic mark"):
        ingest(make_site("other", generator=public_key), "npr", source.parent)
    papers.write_text(stated)
    (source.parent / "b.csv").unlink()
    with pytest.raises(Problem, match=r"`b\.csv` that the synthetic mark names is missing"):
        ingest(make_site("other", generator=public_key), "npr", source.parent)


def test_without_the_key_or_the_mark_data_are_real_or_declared(
    make_site, marked, public_key, origin
):
    keyless = make_site("keyless")
    report = ingest(keyless, "npr", marked)
    assert report.origin == "real"
    assert any("was not believed" in note for note in report.notes)
    (marked.parent / "synthetic-mark.json").unlink()
    assert ingest(make_site("real", generator=public_key), "npr", marked).origin == "real"
    declared = make_site("declared", declared_synthetic=True)
    assert ingest(declared, "npr", marked).origin == "declared"
    assert origin(declared, declared=True) == "declared"
    assert origin(declared, declared=False) == "real"
    assert origin(keyless, declared=True) == "real"


@pytest.mark.parametrize("wrong", ["file", "signer", "content", "name", "json", "extra"])
def test_a_mark_that_is_wrong_stops(make_site, marked, public_key, wrong):
    site = make_site(generator=public_key)
    folder = marked.parent
    mark = folder / "synthetic-mark.json"
    if wrong == "file":
        marked.write_text(marked.read_text() + "\n")
    elif wrong == "signer":
        sign(folder, "npr.csv", key=Ed25519PrivateKey.generate())
    elif wrong == "content":
        sign(folder, "npr.csv", seed=8)
    elif wrong == "name":
        marked = marked.rename(folder / "real.csv")
    elif wrong == "json":
        mark.write_text(mark.read_text()[:-2])
    else:
        sign(folder, "npr.csv", note="hello")
    with pytest.raises(Problem, match="synthetic mark"):
        ingest(site, "npr", marked)
    assert not site.warehouse_path.exists()


def test_a_public_key_that_is_none(make_site, marked, tmp_path):
    key = tmp_path / "bad.pem"
    key.write_text("not a key")
    with pytest.raises(Problem, match="not an Ed25519 key"):
        ingest(make_site(generator=key), "npr", marked)


def test_generated_beside_declared_is_declared(
    make_site, marked, write_csv, npr_row, public_key, origin
):
    site = make_site(generator=public_key, declared_synthetic=True)
    ingest(site, "npr", marked)
    row = npr_row(9, innDato="2025-01-01", utDato="2025-01-02")
    later = StatedPeriod(date(2025, 1, 1), date(2025, 12, 31))
    report = ingest(site, "npr", write_csv("more/npr.csv", [row]), stated=later)
    assert report.origin == "declared"
    assert origin(site, declared=True) == "declared"
    assert origin(site, declared=False) == "real"


def test_an_empty_warehouse_is_real(public_key):
    with duckdb.connect() as connection:
        create_landing(connection)
        assert warehouse_origin(connection, public_key, declared=True) == "real"


@pytest.mark.parametrize(
    "tampering",
    [
        "update landing.delivery set mark = null",
        "update landing.delivery set mark = '{}'",
        "update landing.delivery set mark = replace(mark, '\"seed\":7', '\"seed\":8')",
        "update landing.delivery set sha256 = repeat('0', 64)",
        "update landing.delivery set state = 'replaced'",
        "insert into landing.npr_stay (episode_id, delivery_id) values ('E9', 'npr-unknown')",
        "insert into landing.npr_stay (episode_id) values ('E9')",
        "insert into landing.npr_stay (episode_id, delivery_id) "
        "select 'E9', delivery_id from landing.delivery",
    ],
)
def test_a_warehouse_that_was_touched_is_real(
    make_site, marked, public_key, origin, query, tampering
):
    site = make_site(generator=public_key)
    ingest(site, "npr", marked)
    query(site, tampering)
    assert origin(site) == "real"


def test_a_mark_made_for_another_generator_does_not_count_later(
    make_site, marked, public_key, origin, tmp_path
):
    site = make_site(generator=public_key)
    ingest(site, "npr", marked)
    other = tmp_path / "other.pem"
    other.write_bytes(
        Ed25519PrivateKey.generate()
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    assert origin(site, key=other) == "real"
    assert origin(site, key=None) == "real"

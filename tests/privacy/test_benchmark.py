"""The benchmark measures what it says; how long it takes is not tested."""

import json

from privacy.benchmark import compare, fill, plainly_hashed
from privacy.ledger import Ledger


def test_a_filled_ledger_is_a_real_one(tmp_path):
    fill(tmp_path / "full.sqlite", 30)
    ledger = Ledger.open(tmp_path / "full.sqlite")
    assert ledger.verify().entries == len(ledger.attempts()) == 30
    ledger.close()
    assert len(plainly_hashed(tmp_path / "full.sqlite")) == 64


def test_every_comparison_is_a_ratio(tmp_path):
    found = compare(tmp_path, cells=3000, entries=200, repeats=1)
    ratios = {n: v for n, v in vars(found).items() if "_vs_" in n}
    assert len(ratios) == 4 and all(value > 0 for value in ratios.values())


def test_the_command_prints_what_scripts_read(sloyfe):
    code, stdout, _ = sloyfe(
        "bench", "privacy", "--cells", "3000", "--entries", "200", "--repeats", "1", "--json"
    )
    found = json.loads(stdout)
    assert code == 0
    assert {"noise_vs_bare_opendp", "plan_vs_equal_split", "verify_vs_plain_sha256"} <= found.keys()

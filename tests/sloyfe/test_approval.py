"""The officer's commands: what they say, and what they leave behind."""

import json
import shutil

import pytest

from tests.federated.site.homes import write_site

UNTIL = ("--until", "2999-01-01")


@pytest.fixture
def approved_site(tmp_path, manifest):
    """A site with a manifest and an officer, and the options that sign for it."""
    site = write_site(tmp_path / "ous", manifest)
    key = site.folder / "keys" / "officer.key"
    return site, ("--site", site.folder, "--key", key, "--by", "personvernombud")


def test_sign_show_withdraw(sloyfe, approved_site):
    site, signing = approved_site
    code, stdout, _ = sloyfe("approval", "show", "--site", site.folder, "--json")
    assert code == 1 and json.loads(stdout) == {"state": "none", "decision": None}
    until = ("--until", "2027-06-01")
    roster = ("--sites", "ous", "--sites", "diakonhjemmet")
    code, stdout, stderr = sloyfe("approval", "sign", *signing, *until, *roster, "--json")
    approval = json.loads(stdout)
    assert (code, stderr) == (0, [])
    assert list(approval["scope"]["indicators"]) == ["readmission_30d_same_site"]
    assert approval["scope"]["sites"] == ["diakonhjemmet", "ous"]
    assert approval["scope"]["epsilon_per_release"] == site.policy.max_epsilon_per_release
    code, stdout, _ = sloyfe("approval", "show", "--site", site.folder)
    assert code == 0 and "state: valid" in stdout and "personvernombud" in stdout
    code, _, _ = sloyfe("approval", "withdraw", *signing)
    assert code == 0
    code, stdout, _ = sloyfe("approval", "show", "--site", site.folder, "--json")
    shown = json.loads(stdout)
    assert code == 1 and shown["state"] == "withdrawn" and shown["decision"]["serial"] == 2


def test_only_the_officer_s_key_signs(sloyfe, approved_site, tmp_path):
    site, signing = approved_site
    code, _, _ = sloyfe("approval", "key", tmp_path / "other.key")
    assert code == 0 and (tmp_path / "other.key.pub").is_file()
    other = [tmp_path / "other.key" if str(o).endswith("officer.key") else o for o in signing]
    code, _, stderr = sloyfe("approval", "sign", *other, *UNTIL, "--sites", "ous")
    assert code == 1 and "not the key of the officer" in stderr[0]
    assert not site.approvals_path.exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--until", "2999-01-01", "--sites", "ous"), "within three years"),
        (("--until", "2001-01-01", "--sites", "ous"), "ends after it begins"),
        (
            ("--until", "2027-06-01", "--sites", "ous", "--indicator", "unheard_of"),
            "there is no indicator `unheard_of`",
        ),
    ],
)
def test_a_mistake_is_told_and_nothing_is_signed(sloyfe, approved_site, options, says):
    site, signing = approved_site
    code, _, stderr = sloyfe("approval", "sign", *signing, *options)
    assert code == 1 and says in " ".join(stderr)
    code, stdout, _ = sloyfe("approval", "show", "--site", site.folder, "--json")
    assert json.loads(stdout)["state"] == "none"


def test_nothing_is_not_taken_for_everything(sloyfe, approved_site):
    site, signing = approved_site
    options = ("--until", "2027-06-01", "--sites", "ous", "--epsilon", "0")
    code, _, _ = sloyfe("approval", "sign", *signing, *options)
    assert code != 0 and not site.approvals_path.exists()


def test_a_site_without_an_officer_is_told_to_name_one(sloyfe, approved_site):
    site, signing = approved_site
    text = (site.folder / "site.yaml").read_text()
    (site.folder / "site.yaml").write_text(text.replace("  officer: keys/officer.pub\n", ""))
    code, _, stderr = sloyfe("approval", "sign", *signing, *UNTIL, "--sites", "ous")
    assert code == 1 and "names no officer" in stderr[0]
    shutil.rmtree(site.folder)

"""What the demo writes for each organisation can be read back, and says what was planned."""

import stat

import pytest

from dagster_project.demo.layout import make_organisations
from dagster_project.demo.plan import CLAIMS_AT
from dagster_project.helsefellesskap import load_helsefellesskap
from federated.site.landing.contract import tables_of
from privacy.gate import budget_rho, maximum_rho
from tests.dagster_project.homes import plan
from tests.sloyfe.sources import write_synthea


def made(out, made_from):
    make_organisations(made_from, out)
    return load_helsefellesskap(out)


def test_every_organisation_is_read_back_as_planned(tmp_path):
    home = made(tmp_path, plan(hospitals=3))
    kinds = {site.id: site.kind.value for site in home.sites}
    assert kinds == {
        "ous": "hospital",
        "diakonhjemmet": "hospital",
        "lovisenberg": "hospital",
        "oslo": "municipality",
    }
    assert home.coordinator.roster(["hospital"]) == ["diakonhjemmet", "lovisenberg", "ous"]
    assert home.coordinator.questions[0].periods == ["2023", "2024"]


@pytest.mark.parametrize("claims_at", CLAIMS_AT)
def test_both_layouts_read_the_same_claims_and_name_their_holder(tmp_path, claims_at):
    sites = {site.id: site for site in made(tmp_path, plan(claims_at=claims_at)).sites}
    holder = {"municipality": "oslo", "register": "fhi"}[claims_at]
    delivered = {
        site.id: register.path
        for site in sites.values()
        for register in site.registers
        if register.format == "kuhr"
    }
    assert delivered == {holder: tmp_path / "deliveries" / "oslo" / "kuhr"}
    for site in sites.values():
        tables = {table.name for r in site.registers for table in tables_of(r.format)}
        assert set(site.holders) == tables and set(site.holders.values()) == {site.name}
        (table,) = (r for r in site.registers if r.format == "befolkning")
        assert table.path.parent.name == ("oslo" if site.id == "fhi" else site.id)
    assert ("fhi" in sites) is (claims_at == "register")


def test_every_site_trusts_the_coordinator_with_keys_of_its_own(tmp_path):
    home = made(tmp_path, plan())
    listen = home.coordinator.listen
    keys = set()
    for site in home.sites:
        assert site.coordinator.address == f"{listen.host}:{listen.port}"
        authority = site.path(site.coordinator.ca_certificate).read_bytes()
        assert authority == home.coordinator.path(listen.ca_certificate).read_bytes()
        key = site.path(site.keys.transport)
        assert stat.S_IMODE(key.stat().st_mode) & 0o077 == 0
        keys.add(key.read_bytes())
    assert len(keys) == len(home.sites)
    for member in home.coordinator.members:
        assert home.coordinator.path(member.transport_public_key).is_file()


def test_making_them_again_keeps_every_key(tmp_path):
    def keys():
        files = [*tmp_path.rglob("*.key"), *tmp_path.rglob("*.pub"), *tmp_path.rglob("*.crt")]
        return {file: file.read_bytes() for file in files}

    made(tmp_path, plan())
    before = keys()
    made(tmp_path, plan())
    assert len(before) > 8 and keys() == before


@pytest.mark.parametrize(("epsilon", "switched"), [(2.0, False), (2.01, True), (1e6, True)])
def test_the_policies_let_through_what_was_planned_and_no_more(tmp_path, epsilon, switched):
    home = made(tmp_path, plan(epsilon=epsilon))
    (question,) = home.coordinator.questions
    for site in home.sites:
        assert (site.policy.demo is not None) is switched
        lifted = maximum_rho(site.policy, "generated") > maximum_rho(site.policy, "real")
        assert lifted is switched
        assert budget_rho(site.policy, "generated") >= maximum_rho(site.policy, "generated")
    assert question.epsilon == epsilon


def test_a_synthea_source_is_dealt_out_once(tmp_path):
    source = write_synthea(tmp_path / "source")
    home = made(tmp_path / "out", plan(f"synthea:{source}", declared_synthetic=True))
    shares = {site.id: site.synthea for site in home.sites}
    hospitals = [share.hospital for site, share in shares.items() if share and site != "oslo"]
    assert sorted(h for h in hospitals if h is not None) == [0, 1]
    assert shares["oslo"] is not None and shares["oslo"].hospital is None
    assert all(share is not None and share.of == 2 for share in shares.values())
    assert all(site.declared_synthetic for site in home.sites)


def test_generated_data_are_proved_and_not_declared(tmp_path):
    """Their signed mark says what they are; a declaration would be believed without one."""
    for site in made(tmp_path, plan(declared_synthetic=True)).sites:
        assert not site.declared_synthetic
        assert site.keys.generator is not None and site.path(site.keys.generator).is_file()

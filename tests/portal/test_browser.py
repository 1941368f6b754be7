"""The release page, the catalogue and the ROS by axe, light and dark, wide and narrow."""

import pytest

from dbt_models import PROJECT_DIR
from federated.contract.catalogue import load_versions
from portal.catalogue_page import render_catalogue
from portal.release_page import render_release
from portal.ros_page import render_ros
from tests.browser import CHROMIUM, axe_source, browser
from tests.federated.contract.parsed_project import manifest
from tests.portal.releases import write_release
from tests.portal.test_ros_page import document

__all__ = ["manifest"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not there"),
    pytest.mark.skipif(axe_source() is None, reason="axe-core is not there: make axe"),
]


@pytest.mark.parametrize("which", ["release", "catalogue", "ros"])
def test_axe_finds_nothing(which, tmp_path, manifest):
    page = tmp_path / "page.html"
    if which == "release":
        page.write_text(render_release(write_release(tmp_path / "release")), encoding="utf-8")
    elif which == "ros":
        page.write_text(render_ros(document("mechanisms_audited"), "nb"), encoding="utf-8")
    else:
        indicators = load_versions(manifest, PROJECT_DIR)
        page.write_text(render_catalogue(indicators), encoding="utf-8")
    axe = axe_source()
    assert axe is not None
    with browser(tmp_path / "chromium") as tab:
        for width, dark in ((1280, False), (390, True)):
            tab.open(page, width=width, dark=dark)
            assert tab.violations(axe) == []

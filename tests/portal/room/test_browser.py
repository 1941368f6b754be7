"""The site as a reader meets it: in a browser, by axe, on a phone, in the dark, on paper."""

import pytest

from portal.room.build import Site
from tests.browser import CHROMIUM, axe_source, browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not there"),
]
LOOKS = [(1280, False), (1280, True), (390, False), (390, True)]


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


def _some(site: Site) -> list[str]:
    """The index, each indicator, and the first edition page; the withdrawn one among them."""
    names = [n for n in site.files if n.endswith(".html")]
    return [n for n in names if "release/" not in n or "2024-e1" in n]


@pytest.mark.skipif(axe_source() is None, reason="axe-core is not there: make axe")
def test_axe_finds_nothing_with_everything_unfolded(tab, site):
    axe = axe_source()
    assert axe is not None
    for name in _some(site):
        for width, dark in LOOKS:
            tab.open(site.folder / name, width=width, dark=dark)
            tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert tab.violations(axe) == [], (name, width, dark)


def test_nothing_sticks_out_on_a_phone(tab, site):
    for name in _some(site):
        tab.open(site.folder / name, width=360)
        assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name


def test_the_keyboard_reaches_the_content_first_and_everything_folded(tab, site):
    tab.open(site.folder / "indicator/readmission_30d_same_site.html")
    keys = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
    reached = []
    for _ in range(60):
        tab.call("Input.dispatchKeyEvent", type="keyDown", **keys)
        tab.call("Input.dispatchKeyEvent", type="keyUp", **keys)
        reached.append(
            tab.evaluate(
                "document.activeElement.tagName + ' ' + (document.activeElement.className || '')"
            )
        )
    assert reached[0] == "A skip"
    folded = tab.evaluate("document.querySelectorAll('summary').length")
    assert sum(tag.startswith("SUMMARY") for tag in reached) >= folded


def test_on_paper_every_table_is_open_and_it_prints(tab, site, tmp_path):
    page = site.folder / "indicator/readmission_30d_same_site.html"
    tab.open(page, width=720, media="print")
    heights = tab.evaluate(
        "[...document.querySelectorAll('figure table')].map(t => t.getBoundingClientRect().height)"
    )
    assert heights and all(height > 20 for height in heights)
    tab.open(page)
    tab.pdf(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


def test_dark_is_dark(tab, site):
    for dark, below in ((False, False), (True, True)):
        tab.open(site.folder / "index.html", dark=dark)
        colour = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (int(colour[4:].split(",")[0]) < 100) is below

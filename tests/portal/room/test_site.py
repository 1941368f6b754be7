"""The built site: whole, in two languages, standing on its own, and honest about what was wrong."""

import hashlib
import itertools
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from portal.room import build
from portal.room.build import Site, build_site
from portal.room.editions import Shelf, Standing
from portal.words import BOKMAL, ENGLISH
from privacy.problem import Problem
from tests.portal.html_page import Page

FORBIDDEN = ("anonym", "no record moved", "never sees an exact count")


def _pages(site: Site) -> dict[str, Page]:
    return {
        name: Page((site.folder / name).read_text(encoding="utf-8"))
        for name in site.files
        if name.endswith(".html")
    }


@pytest.fixture(scope="module")
def pages(site: Site) -> dict[str, Page]:
    return _pages(site)


def _withdrawn(shelves: list[Shelf]):
    return next(e for s in shelves for e in s.editions if e.standing is Standing.WITHDRAWN)


def test_every_release_and_indicator_has_a_page_in_both_languages(site, shelves):
    for shelf in shelves:
        assert {f"indicator/{shelf.id}.html", f"en/indicator/{shelf.id}.html"} <= set(site.files)
        for edition in shelf.editions:
            assert {f"release/{edition.id}.html", f"en/release/{edition.id}.html"} <= set(
                site.files
            )
    assert {"index.html", "en/index.html", "index.json"} <= set(site.files)
    assert site.releases == 8
    assert site.pages == sum(name.endswith(".html") for name in site.files)


def test_every_link_leads_somewhere_in_the_site(site, pages):
    linked = set()
    for name, page in pages.items():
        for _, attributes in page.attributes:
            target = attributes.get("href")
            if target is None:
                continue
            path, _, anchor = target.partition("#")
            place = (site.folder / name).parent / path if path else site.folder / name
            assert place.resolve().is_file(), (name, target)
            if anchor:
                assert f'id="{anchor}"' in page.html
            linked.add(str(place.resolve().relative_to(site.folder.resolve())))
    assert set(site.files) - linked <= {"index.json", "index.html"} | linked


def test_pages_stand_on_their_own_and_can_be_found_ones_way_in(pages):
    for name, page in pages.items():
        english = name.startswith("en/")
        assert page.tags["script"] == page.tags["link"] == page.tags["img"] == 0
        assert "url(" not in page.html and "@import" not in page.html
        assert page.tags["h1"] == page.tags["main"] == page.tags["title"] - _titles(page) == 1
        assert page.attributes[0] == ("html", {"lang": "en" if english else "nb"})
        assert page.tags["caption"] == page.tags["table"]
        ids = Counter(a["id"] for _, a in page.attributes if a.get("id"))
        assert not ids or max(ids.values()) == 1, name
        for tag, attributes in page.attributes:
            if tag == "svg" and "aria-hidden" not in attributes:
                assert attributes["role"] == "img"
                assert all(label in ids for label in (attributes["aria-labelledby"] or "").split())
            if tag == "th":
                assert "scope" in attributes
        headings = [int(tag[1]) for tag, _ in page.attributes if re.fullmatch("h[1-6]", tag)]
        assert all(b - a <= 1 for a, b in itertools.pairwise(headings)), name


def _titles(page: Page) -> int:
    return sum(tag == "svg" and "role" in a for tag, a in page.attributes)


def test_pages_claim_nothing_they_may_not_and_hide_no_none(pages):
    for name, page in pages.items():
        assert not [words for words in FORBIDDEN if words in page.html.lower()], name
        assert not re.search(r"\bNone\b(?! of)", page.text) and "<Macro" not in page.text, name


def test_no_page_of_one_language_has_words_of_the_other(pages):
    for name, page in pages.items():
        other = BOKMAL if name.startswith("en/") else ENGLISH
        marks = re.findall(r'<span class="(?:ok|uncertain|suppressed)">([^<]*)</span>', page.html)
        assert not set(marks) & set(other.statuses.values()), name


def test_intervals_stand_beside_every_number_of_a_table(pages):
    cell = re.compile(
        r'<td class="number edge">([^<]*)</td><td class="error">([^<]*)</td>'
        r'<td><span class="(\w+)">'
    )
    seen = Counter[str]()
    for name, page in pages.items():
        for value, interval, status in cell.findall(page.html):
            seen[status] += 1
            if status in ("not_delivered", "not_applicable"):
                assert (value, interval) == ("–", ""), name
            elif status == "suppressed":
                assert value in ("&lt;5", "–"), name
            else:
                assert interval or value == "–", name
    assert set(seen) == {"ok", "uncertain", "suppressed", "not_applicable", "not_delivered"}


def test_a_withdrawn_release_is_marked_and_readable_and_nowhere_else(site, pages, shelves):
    wrong = _withdrawn(shelves)
    notice = wrong.withdrawal
    assert notice is not None and notice.reason_en is not None
    for folder, words, reason in (
        ("", "Trukket tilbake", notice.reason_nb),
        ("en/", "Withdrawn", notice.reason_en),
    ):
        page = pages[f"{folder}release/{wrong.id}.html"]
        assert words in page.text and reason in page.text
        assert f"release/{notice.successor}.html" in page.html
        assert 'class="is-withdrawn"' in page.html
        assert "data/" not in page.html
        history = pages[f"{folder}indicator/readmission_30d_same_site.html"]
        assert 'class="withdrawn"' in history.html
    assert not [name for name in site.files if name.startswith(f"data/{wrong.id}")]
    stands = next(s for s in shelves if s.id == "readmission_30d_same_site").newest
    shown = pages["index.html"].text
    assert stands is not None and "Akutt reinnleggelse ved samme sykehus" in shown


def test_an_indicator_whose_every_edition_was_withdrawn_says_so(tmp_path, shelves):
    wrong = _withdrawn(shelves)
    shelf = Shelf("readmission_30d_same_site", (wrong,))
    page = _pages(build_site([shelf], tmp_path / "room"))[
        "indicator/readmission_30d_same_site.html"
    ]
    assert "Trukket tilbake" in page.text
    assert 'class="big"' not in page.html


def test_the_manifest_names_every_file_with_its_hash(site, shelves):
    content = json.loads((site.folder / "index.json").read_text(encoding="utf-8"))
    assert (content["kind"], content["version"]) == (build.KIND, 1)
    entries = [r for indicator in content["indicators"] for r in indicator["releases"]]
    assert len(entries) == 8
    for entry in entries:
        for file in entry["files"]:
            found = (site.folder / file["path"]).read_bytes()
            assert file["sha256"] == hashlib.sha256(found).hexdigest()
        assert (site.folder / entry["pages"]["nb"]).is_file()
        assert bool(entry["files"]) == (entry["standing"] != "withdrawn")
        assert (entry["withdrawal"] is None) == (entry["standing"] != "withdrawn")


def test_without_releases_the_room_is_quiet_and_friendly(tmp_path):
    site = build_site([], tmp_path / "room")
    assert site.files == ["en/index.html", "index.html", "index.json"]
    pages = _pages(site)
    assert "Her er det stille ennå" in pages["index.html"].text
    assert "It is quiet here yet" in pages["en/index.html"].text


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_the_same_releases_give_the_same_bytes_and_replace_the_old_site(tmp_path, shelves):
    two = [shelf for shelf in shelves if shelf.id != "readmission_30d_same_site"]
    first = _hashes(build_site(two, tmp_path / "room").folder)
    (tmp_path / "room" / "left-over.html").write_text("x")
    seen: list[str] = []
    again = _hashes(build_site(two, tmp_path / "room", progress=seen.append).folder)
    assert again == first
    assert [f.name for f in tmp_path.iterdir()] == ["room"]
    assert len(seen) == build.parts_of(two)


def test_a_folder_that_is_not_a_site_is_left_alone(tmp_path):
    (tmp_path / "thesis.docx").write_text("three years")
    with pytest.raises(Problem, match="something other than an earlier site"):
        build_site([], tmp_path)
    assert [f.name for f in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_build_that_fails_leaves_the_old_site(tmp_path, shelves, monkeypatch):
    before = _hashes(build_site([], tmp_path / "room").folder)
    monkeypatch.setattr(build, "downloads", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        build_site(shelves[:1], tmp_path / "room")
    assert _hashes(tmp_path / "room") == before
    assert [f.name for f in tmp_path.iterdir()] == ["room"]


def test_a_place_that_cannot_be_written_is_one_clear_problem(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(Problem, match="cannot be written"):
        build_site([], tmp_path / "file" / "room")

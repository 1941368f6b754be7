"""`sloyfe catalogue`: every definition, for people and for programs."""

import json
from html.parser import HTMLParser

FIELDS = {
    "id", "version", "name_nb", "name_en", "definition_nb", "definition_en", "source", "owner",
    "levels", "keys", "bounds", "model", "tokens", "status",
}  # fmt: skip


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src"):
                self.links.append(value or "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_every_indicator_is_in_the_document_and_on_a_page_that_stands_on_its_own(sloyfe, tmp_path):
    code, said, _ = sloyfe("catalogue", "--out", tmp_path / "out")
    assert code == 0
    document = json.loads((tmp_path / "out" / "catalogue.json").read_text(encoding="utf-8"))
    indicators = document["indicators"]
    assert said.startswith(f"{len(indicators)} indicators: ")
    assert "readmission_30d_same_site" in {indicator["id"] for indicator in indicators}
    page = _Page()
    page.feed((tmp_path / "out" / "catalogue.html").read_text(encoding="utf-8"))
    text = " ".join(page.words)
    for indicator in indicators:
        assert indicator.keys() >= FIELDS
        assert page.ids.count(indicator["model"]) == 1
        for field in ("name_nb", "name_en", "definition_nb", "known_limits_nb", "source"):
            assert indicator[field] in text, (indicator["id"], field)
        for key in indicator["keys"]:
            assert key.get("calendar") or key["values"]
    assert "script" not in page.tags
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)


def test_a_folder_that_cannot_be_written_is_one_clear_line(sloyfe, tmp_path):
    (tmp_path / "file").write_text("x")
    code, said, errors = sloyfe("catalogue", "--out", tmp_path / "file")
    assert (code, said) == (1, "")
    assert "the catalogue cannot be written" in errors[-1]

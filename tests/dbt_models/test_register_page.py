"""The page of registers says what the contracts say."""

from pathlib import Path

from dbt_models.register_page import register_page
from tests.dbt_models.seeds import seed
from tests.dbt_models.test_contracts import TABLES, VARIABLES

PAGE = Path(__file__).parents[2] / "docs" / "registers.md"


def test_the_page_in_the_docs_is_the_one_the_contracts_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == register_page()


def test_the_page_has_every_variable_and_every_code() -> None:
    page = register_page()
    for table, variables in VARIABLES.items():
        section = page.split(f"\n## `{table}`\n", 1)[1].split("\n## ", 1)[0]
        assert TABLES[table]["description"] in section
        assert section.count("\n| `") == len(variables)
        assert all(f"| `{name}`" in section for name in variables)
    lists = page.split("\n## Kodelister\n", 1)[1]
    assert lists.count("\n| `") == len(seed("code_list"))

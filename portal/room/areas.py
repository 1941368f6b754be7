"""Where Oslo's bydeler stand on a tile map: about where they lie, one tile each, all as large."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tile:
    """column from the west, row from the north. lines: its name, broken to fit."""

    column: int
    row: int
    lines: tuple[str, ...]
    inside: bool = True
    """Whether it is one of the 15; Sentrum, Marka and the unknown are drawn apart."""


TILES = {
    "030107": Tile(0, 0, ("Vestre Aker",)),
    "030108": Tile(1, 0, ("Nordre Aker",)),
    "030109": Tile(2, 0, ("Bjerke",)),
    "030110": Tile(3, 0, ("Grorud",)),
    "030111": Tile(4, 0, ("Stovner",)),
    "030106": Tile(0, 1, ("Ullern",)),
    "030104": Tile(1, 1, ("St. Hans-", "haugen")),
    "030103": Tile(2, 1, ("Sagene",)),
    "030102": Tile(3, 1, ("Grünerløkka",)),
    "030112": Tile(4, 1, ("Alna",)),
    "030105": Tile(1, 2, ("Frogner",)),
    "030101": Tile(3, 2, ("Gamle Oslo",)),
    "030113": Tile(4, 2, ("Østensjø",)),
    "030114": Tile(3, 3, ("Nordstrand",)),
    "030115": Tile(3, 4, ("Søndre", "Nordstrand")),
    "030116": Tile(2, 2, ("Sentrum",), inside=False),
    "030117": Tile(0, 4, ("Marka",), inside=False),
    "030199": Tile(1, 4, ("Ikke oppgitt",), inside=False),
}

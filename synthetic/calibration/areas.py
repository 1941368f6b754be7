"""Oslo's bydeler and the hospital areas that the published tables group them in."""

from typing import Final

NAMES: Final = {
    "030101": "Gamle Oslo",
    "030102": "Grünerløkka",
    "030103": "Sagene",
    "030104": "St. Hanshaugen",
    "030105": "Frogner",
    "030106": "Ullern",
    "030107": "Vestre Aker",
    "030108": "Nordre Aker",
    "030109": "Bjerke",
    "030110": "Grorud",
    "030111": "Stovner",
    "030112": "Alna",
    "030113": "Østensjø",
    "030114": "Nordstrand",
    "030115": "Søndre Nordstrand",
}
CODES: Final = {name: code for code, name in NAMES.items()}

SECTORS: Final = {
    "OUS": ("030103", "030108", "030109", "030113", "030114", "030115"),
    "Diakonhjemmet": ("030105", "030106", "030107"),
    "Lovisenberg": ("030101", "030102", "030104"),
    "Akershus": ("030110", "030111", "030112"),
}
"""Sectors until 2025, the map of the published tables."""

ATLAS: Final = {"OUS": "OUS", "Diakonhjemmet": "Indre Oslo", "Lovisenberg": "Indre Oslo",
                "Akershus": "Akershus"}  # fmt: skip
"""Eldrehelseatlas joins Diakonhjemmet and Lovisenberg. Its Akershus is larger than the three
bydeler: they are taken to be like the rest of it [B]."""

"""Rows of register files as text, every one of them sound."""

NPR_ROW = {
    "episodeID": "E1",
    "lopenr": "P1",
    "aar": "2024",
    "institusjonID": "974589095",
    "omsorgsniva": "1",
    "innDato": "2024-03-01",
    "innTid": "08:30:00",
    "utDato": "2024-03-04",
    "utTid": "12:00:00",
    "innmateHast": "1",
    "tilstand_1_1": "I500",
    "korrvekt": "1.25",
    "bydel2": "030103",
    "kjonn": "2",
    "fodselsar": "1940",
    "dodDato": "",
}

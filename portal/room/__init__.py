"""The reading room: a static site of all releases, for partners and in two languages."""

"""How many examples hypothesis draws where each of them builds models or registers."""

from hypothesis import settings

THOROUGH = "thorough"
"""Profile of `make test-all`."""
_PART = 4


def register_profiles() -> None:
    settings.register_profile(THOROUGH, settings())


def examples(thorough: int) -> int:
    """`thorough` of them under that profile, a fourth in the default run."""
    is_thorough = settings.get_current_profile_name() == THOROUGH
    return thorough if is_thorough else -(-thorough // _PART)

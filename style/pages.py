"""Templates: a room's own first, then the frame that all pages share."""

from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from style import theme


@cache
def environment(package: str) -> Environment:
    """For the templates of `package`, which may extend `base.html.j2`."""
    found = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("style")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["stylesheet"] = Markup(theme.stylesheet())  # noqa: S704 -- ours, no input in it
    return found

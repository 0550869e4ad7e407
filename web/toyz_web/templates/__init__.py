"""Small pages that the server writes itself: HTML with ``{names}``, whose values are escaped."""

import re
from pathlib import Path

from tornado.escape import xhtml_escape

_FOLDER = Path(__file__).parent
_PAGES = {path.name: path.read_text(encoding="utf-8").rstrip() for path in _FOLDER.glob("*.html")}
_NAME = re.compile(r"\{([a-z_]+)\}")


class Markup(str):
    """HTML made by the server, which is not escaped."""

    __slots__ = ()


_STYLE = Markup((_FOLDER / "style.css").read_text(encoding="utf-8"))


def part(name: str, **values: str) -> Markup:
    """Fill in a part of a page.

    Parameters
    ----------
    name : str
        Name of a file of this folder.
    **values
        Replace ``{name}``; everything but `Markup` is escaped.
    """

    def fill(match: re.Match[str]) -> str:
        value = values[match[1]]
        return value if isinstance(value, Markup) else xhtml_escape(value)

    return Markup(_NAME.sub(fill, _PAGES[name]))


def render(name: str, *, title: str, head: str = "", **values: str) -> str:
    """Fill in a page; as `part`, within what all pages have."""
    title = f"{title} · Toyz" if title else "Toyz"
    return part("layout.html", title=title, head=head, style=_STYLE, content=part(name, **values))

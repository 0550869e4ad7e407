"""Small pages that the server writes itself: HTML with ``{names}``, whose values are escaped."""

from pathlib import Path

from tornado.escape import xhtml_escape

_FOLDER = Path(__file__).parent
_RAW = frozenset({"xsrf_field", "style"})
_STYLE = (_FOLDER / "style.css").read_text(encoding="utf-8")
_PAGES = {path.name: path.read_text(encoding="utf-8") for path in _FOLDER.glob("*.html")}


def render(page: str, **values: str) -> str:
    """Fill in a page.

    Parameters
    ----------
    page : str
        Name of a file of this folder.
    **values
        Replace ``{name}``; everything but markup made by the server is escaped.
    """
    html = _PAGES[page].replace("{style}", _STYLE)
    for name, value in values.items():
        html = html.replace(f"{{{name}}}", value if name in _RAW else xhtml_escape(value))
    return html

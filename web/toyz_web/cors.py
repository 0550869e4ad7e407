"""Which other sites' pages may read what a route answers (CORS)."""

from collections.abc import Sequence

METHODS = "GET, HEAD, OPTIONS"
_HEADERS = "Accept, Authorization, If-None-Match"
_EXPOSED = "ETag, Link"
_REMEMBERED = "86400"
"""Seconds for which a browser need not ask again."""
EVERYBODY = "*"


def cors_headers(origins: Sequence[str], origin: str | None) -> dict[str, str]:
    """Give the headers of an answer.

    Browsers are never told to send or accept cookies with such a request: a page of another site reads what
    everybody may, what a signed link opens, or what it has a token for.

    Parameters
    ----------
    origins : sequence of str
        Those that are allowed; ``*`` stands for all.
    origin : str or None
        That of the page which asks, as the browser says.
    """
    if not origins:
        return {}
    if EVERYBODY in origins:
        return {"Access-Control-Allow-Origin": EVERYBODY, "Access-Control-Expose-Headers": _EXPOSED}
    allowed = {"Vary": "Origin"}
    if origin is not None and origin in origins:
        allowed |= {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": _EXPOSED}
    return allowed


def preflight_headers() -> dict[str, str]:
    """Give what is said besides where a browser asks before it asks."""
    return {
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": _HEADERS,
        "Access-Control-Max-Age": _REMEMBERED,
    }

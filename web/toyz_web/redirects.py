"""Where a sign-in may lead: into this server and nowhere else."""

import re
import urllib.parse

_LOCAL = re.compile(r"/[!-\[\]-~]*")


def safe_next(target: str | None, base_url: str) -> str:
    """Give a local address to go on to.

    Parameters
    ----------
    target : str or None
        What the query asked for.
    base_url : str
        The prefix of this server, which the target must lie under.

    Returns
    -------
    str
        The target, or `base_url` if it could lead elsewhere: ``//h``, a backslash, another scheme,
        control characters, dots that climb out.
    """
    if not target or len(target) > 2000 or not _LOCAL.fullmatch(target):
        return base_url
    # Browsers drop or unescape some characters before they resolve, so the decoded form must be as harmless.
    for form in (target, urllib.parse.unquote(target)):
        path = re.split(r"[?#]", form, maxsplit=1)[0]
        if not form.isprintable() or form.startswith("//") or "\\" in path or "//" in path or ".." in path.split("/"):
            return base_url
    return target if target.startswith(base_url) else base_url

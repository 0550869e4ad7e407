"""What an image is called in a IIIF URL: one path segment that holds the file and how it is shown.

``share~1night 1~1exposure.fits;hdu=2;stretch=asinh``, percent-encoded. A slash inside an identifier would have
to travel as ``%2F``, which proxies like to undo, so slashes are written as JSON Pointer (RFC 6901) does:
``~1`` is a slash, ``~0`` a tilde and, since options begin with one, ``~2`` a semicolon.
"""

import re
from functools import lru_cache
from typing import Annotated
from urllib.parse import quote

import msgspec
from msgspec import Meta

from toyz.errors import InvalidParameter, NotFound
from toyz_web.operations import decode_query
from toyz_web.tile_wish import TileQuery

_ESCAPES = {"~": "~0", "/": "~1", ";": "~2"}
_MEANT = {written: meant for meant, written in _ESCAPES.items()}
_SAFE = "~;=,:@!-._"
"""What stays as it is in a path segment; nothing of it means anything to proxies."""
_ORDINARY = 1000
"""Characters of an identifier that is worth remembering."""


class Options(TileQuery, frozen=True, kw_only=True):
    """What follows the file in an identifier: the parameters of tiles, and some of its own.

    Attributes
    ----------
    version : str
        The image's id, where the identifier means this very file and not one that takes its place.
    expires : int
        Seconds since the epoch, of a signed identifier.
    signature : str
    """

    version: Annotated[str, Meta(pattern=r"^([0-9a-f]{32})?(?!\n)$")] = ""
    expires: Annotated[int, Meta(ge=0, le=10**11)] = 0
    signature: Annotated[str, Meta(max_length=64)] = ""

    def is_coloured(self, channels: int) -> bool:
        """Whether each picture of an image of so many channels has three."""
        return channels > 1 or self.colormap != "gray"

    def is_grey(self, channels: int) -> bool:
        """Whether each picture is grey, pixels without a value included."""
        red, green, blue = self.bad[1:3], self.bad[3:5], self.bad[5:7]
        return not self.is_coloured(channels) and (self.bad == "transparent" or red == green == blue)


_FIELDS = msgspec.structs.fields(Options)


class Identifier(msgspec.Struct, frozen=True):
    """A file, and how it is shown.

    Attributes
    ----------
    path : str
        ``share/relative/path``.
    options : Options
    """

    path: str
    options: Options = Options()

    @property
    def share(self) -> str:
        """The share of the file."""
        return self.path.partition("/")[0]

    @property
    def signed(self) -> bool:
        """Whether it claims to be signed."""
        return bool(self.options.signature or self.options.expires)

    @property
    def text(self) -> str:
        """The identifier itself; options that are as usual are left out."""
        given = [
            f"{field.name}={_written(value)}"
            for field in _FIELDS
            if (value := getattr(self.options, field.name)) != field.default
        ]
        return ";".join((re.sub("[~/;]", lambda found: _ESCAPES[found[0]], self.path), *given))

    @property
    def quoted(self) -> str:
        """The identifier as a segment of a URL's path."""
        return quote(self.text, safe=_SAFE)

    def replace(self, **options: object) -> "Identifier":
        """Give the same with other options."""
        return Identifier(self.path, msgspec.structs.replace(self.options, **options))


def parse(text: str) -> Identifier:
    """Read an identifier, percent-decoded; slashes may also stand as they are.

    Raises
    ------
    NotFound
        If it names no file of a share.
    InvalidParameter
        With the option's name, if one is unknown, mistyped or given twice.
    """
    # Each tile of a view names the image in the same words; what is odd need not be quick.
    return _parse_known(text) if len(text) <= _ORDINARY else _parse(text)


def _parse(text: str) -> Identifier:
    path, *options = text.split(";")
    path = re.sub("~.?", _meant, path)
    share, _, rest = path.partition("/")
    if not share or not rest:
        raise NotFound("There is no such image: an identifier begins with a share and a file, share~1file.")
    given: dict[str, list[bytes]] = {}
    for option in options:
        name, separator, value = option.partition("=")
        if not separator:
            raise InvalidParameter(f"an option is name=value, not {option[:64]!r}", field="identifier")
        given.setdefault(name, []).append(value.encode("utf-8", "surrogatepass"))
    decoded = decode_query(given, Options)
    assert isinstance(decoded, Options)
    return Identifier(path, decoded)


_parse_known = lru_cache(maxsize=1000)(_parse)


def _meant(found: re.Match[str]) -> str:
    meant = _MEANT.get(found[0])
    if meant is None:
        raise InvalidParameter("~ is written ~0, a slash ~1 and a semicolon ~2", field="identifier")
    return meant


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

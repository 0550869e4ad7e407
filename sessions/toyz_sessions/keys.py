"""Names made of what a file is: image ids and the names of files in a share's cache."""

import hashlib

SUFFIXES = {"pyramid": ".pyramid", "decode": ".npy", "decompress": ".unpacked"}
"""Of a build's output, by its kind."""
PARTIAL = ".partial"
"""Follows the suffix of what is not finished."""
RESUMABLE = frozenset({"pyramid"})
"""Kinds of build that go on from what an earlier one left."""


def digest(*parts: object) -> str:
    """Give 32 hexadecimal digits for some values; equal values, equal digits."""
    return hashlib.sha256("\0".join(str(part) for part in parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def image_id(identity: str, hdu: int | str, plane: int, state: str = "", layout: str = "", match: str = "") -> str:
    """Name what is shown of a file: its identity, the HDU or ``mosaic``, and the plane.

    Parameters
    ----------
    identity : str
        Device, inode, size and mtime of the file.
    layout, match : str
        Of a mosaic.
    state : str
        Tells apart what is seen of a file while it is still being unpacked.
    """
    return digest("image", identity, hdu, plane, state, layout, match)


def build_key(kind: str, identity: str, hdu: int | str = "", plane: int = 0, layout: str = "") -> str:
    """Name the output of a build; `layout` is that of a mosaic."""
    return digest(kind, identity, hdu, plane, layout)

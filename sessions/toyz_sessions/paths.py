"""What a user may write to name a file: ``share/relative/path``, and nothing else.

Names on disk are bytes. A byte that is not UTF-8 travels as a character of a private use area
(U+10FE00 + byte), so that every file can be named in JSON and opened again; a name that holds
such characters itself travels the same way, byte by byte, which keeps the mapping unambiguous.
"""

import os
import re

from toyz.errors import InvalidParameter, NotFound

_SHIFT = 0x10FE00 - 0xDC00
_LONGEST = 4096
_SHOWN = 200
_ESCAPED = re.compile("[\udc80-\udcff]")
_PRIVATE = re.compile("[\U0010fe80-\U0010feff]")
RESERVED = ".toyz-"
"""How names begin that Toyz gives to its own files in a share: unfinished uploads, the trash."""
_LONGEST_NAME = 255
_DEEPEST = 100
"""Folders that something new may lie in: what goes through all that a folder holds is asked for no more by it."""
_UNSHOWABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\U0010fe80-\U0010feff]"
)
_INVISIBLE = re.compile(
    "[\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    # A joiner is seen between letters of scripts that are joined, and nowhere else.
    "|(?<![\u0590-\u1fff])[\u200c\u200d]|[\u200c\u200d](?![\u0590-\u1fff])"
)
"""What leaves no mark (Unicode's default ignorable code points): two names that differ by it look the same."""


def split(path: str) -> tuple[str, str]:
    """Split a path into the share and the rest, which may be empty.

    Raises
    ------
    NotFound
        If it is absolute, too long, or has a NUL, an empty, ``.`` or ``..`` part, or one that is reserved.
    """
    share, slash, relative = path.partition("/")
    parts = relative.split("/") if slash else []
    if not share or "\0" in path or len(path) > _LONGEST:
        raise not_found(path)
    if any(part in ("", ".", "..") or part.startswith(RESERVED) for part in parts):
        raise not_found(path)
    return share, relative


def check_new_name(name: str, field: str = "parameters.name") -> None:
    """Refuse a name that no new file may have: one that cannot be shown as it is, or is too long for a disk.

    Raises
    ------
    InvalidParameter
    """
    if name in ("", ".", "..") or "/" in name:
        raise InvalidParameter("a name is not empty, not . or .., and has no slash", field=field)
    if _UNSHOWABLE.search(name):
        raise InvalidParameter("a new name has no control characters and none that hide or turn others", field=field)
    if _INVISIBLE.search(name) or name != name.strip():
        raise InvalidParameter("a new name has nothing invisible, nor spaces at its ends", field=field)
    if name.startswith(RESERVED):
        raise InvalidParameter(f"names that begin with {RESERVED} belong to Toyz", field=field)
    if len(name.encode()) > _LONGEST_NAME:
        raise InvalidParameter(f"a name takes at most {_LONGEST_NAME} bytes", field=field)


def check_new_path(path: str) -> None:
    """Refuse a path that nothing new may have: its name is none, or it lies too deep.

    Raises
    ------
    InvalidParameter
    """
    folder, _, name = path.rpartition("/")
    check_new_name(name)
    if folder.count("/") > _DEEPEST:
        raise InvalidParameter(f"something new lies in at most {_DEEPEST} folders", field="parameters.path")


def not_found(path: str) -> NotFound:
    """Give the error for a path that leads nowhere."""
    return NotFound(f"there is no {display(path)}")


def encode(relative: str) -> bytes:
    """Give the bytes on disk of a path as it travels.

    Raises
    ------
    NotFound
        If it is not text, or another spelling of a path: a file has one.
    """
    escaped = _PRIVATE.sub(lambda found: chr(ord(found[0]) - _SHIFT), relative)
    try:
        name = escaped.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise not_found(relative) from None
    if escaped != relative and decode(os.fsdecode(name)) != relative:
        raise not_found(relative)
    return name


def decode(name: str) -> str:
    """Give what travels for a name as the operating system's functions give it."""
    if name.isascii():
        return name
    plain = _PRIVATE.sub(lambda found: found[0].encode().decode("ascii", "surrogateescape"), name)
    return _ESCAPED.sub(lambda found: chr(ord(found[0]) + _SHIFT), plain)


def display(path: str) -> str:
    """Give what can be shown safely, for people: at most 200 characters, none that hide or turn others."""
    shown = path if len(path) <= _SHOWN else f"{path[:_SHOWN]}…"
    return _UNSHOWABLE.sub("\ufffd", shown)

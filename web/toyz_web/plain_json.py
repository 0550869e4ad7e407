"""JSON of clients that is kept: only what every reader of JSON can read."""

import re

import msgspec

from toyz.errors import InvalidParameter

STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_LONG = re.compile(rb"(?<![\d.eE+-])-?\d{19,}(?![\d.eE])")
"""Integers that may be beyond 64 bits: those of 18 digits never are."""
_LONGEST = 20
_LEAST, _BEYOND = -(1 << 63), 1 << 64


def check_plain(value: bytes, field: str) -> None:
    """Refuse text that is no UTF-8, numbers that are not finite, and integers beyond 64 bits.

    Raises
    ------
    InvalidParameter
    """
    # Long ones first: to make a number of many digits takes long.
    for found in _LONG.findall(STRING.sub(b'""', value)):
        if len(found.lstrip(b"-")) > _LONGEST or not _LEAST <= int(found) < _BEYOND:
            raise InvalidParameter("an integer has at most 64 bits", field=field)
    try:
        msgspec.json.decode(value)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise InvalidParameter(f"it cannot be read: {str(error)[:200]}", field=field) from None

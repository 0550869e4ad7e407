"""Binary portable graymaps (netpbm's ``pgm(5)``, type P5): bytes in, an array out."""

import re

import numpy as np
from numpy.typing import NDArray

from toyz.errors import CorruptFile

_GAP = rb"(?:\s|#[^\n]*\n)+"
_HEADER = re.compile(rb"P5" + _GAP + rb"(\d{1,6})" + _GAP + rb"(\d{1,6})" + _GAP + rb"(\d{1,5})\s")
_COMMENT = re.compile(rb"#\s*([^\n]*)\n")
_MAX_VALUE = 65535


def read_graymap(data: bytes) -> tuple[NDArray[np.uint8 | np.uint16], list[str]]:
    """Decode a graymap.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    ndarray
        ``(ny, nx)``; row 0 is the top. `uint8`, or `uint16` if the greatest value needs it.
    list of str
        The comments of its header.

    Raises
    ------
    CorruptFile
        If it is no graymap, or ends too early.
    """
    header = _HEADER.match(data)
    if header is None:
        raise CorruptFile("not a binary graymap: its header cannot be read")
    width, height, greatest = (int(text) for text in header.groups())
    if not (width and height and 0 < greatest <= _MAX_VALUE):
        raise CorruptFile(f"a graymap cannot have {width} × {height} pixels with values up to {greatest}")
    stored = np.dtype(np.uint8) if greatest < 256 else np.dtype(">u2")
    if len(data) - header.end() < width * height * stored.itemsize:
        raise CorruptFile("the graymap ends before its pixels do")
    pixels = np.frombuffer(data, stored, width * height, header.end()).reshape(height, width)
    comments = [text.decode("utf-8", "replace").strip() for text in _COMMENT.findall(header.group())]
    return pixels.astype(stored.newbyteorder("=")), comments

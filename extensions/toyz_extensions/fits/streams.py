"""The bytes of some tiles, fetched in as few reads as the gaps between them allow."""

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toyz.readers import OpenFile
from toyz_extensions.fits.tiling import Streams
from toyz_tiles.codecs.rice import PADDING
from toyz_tiles.codecs.rows import read_spans

_GAP = 16 << 10
"""Streams nearer to each other than this are fetched together."""

Integers = NDArray[np.int64]


def fetch(file: OpenFile, start: Integers, length: Integers) -> tuple[NDArray[np.uint8], Integers, Integers]:
    """Read some streams into one buffer.

    Parameters
    ----------
    file : OpenFile
    start, length : ndarray of int64
        Byte offsets in the file; a length of 0 or less is none.

    Returns
    -------
    buffer : ndarray of uint8
        The bytes, and `toyz_tiles.codecs.rice.PADDING` more.
    begin, end : ndarray of int64
        Of each stream in the buffer; equal where there is none, or the file ends before it does.
    """
    begin, end = np.zeros(start.size, np.int64), np.zeros(start.size, np.int64)
    present = np.flatnonzero(length > 0)
    if not present.size:
        return np.zeros(PADDING, np.uint8), begin, end
    order = present[np.argsort(start[present], kind="stable")]
    first = start[order]
    reach = np.maximum.accumulate(first + length[order])
    run = np.concatenate(([0], np.cumsum(first[1:] > reach[:-1] + _GAP)))
    heads = np.flatnonzero(np.concatenate(([True], run[1:] != run[:-1])))
    offsets, stops = first[heads], reach[np.append(heads[1:], first.size) - 1]
    bases = np.concatenate(([0], np.cumsum(stops - offsets)))
    buffer = np.empty(int(bases[-1]) + PADDING, np.uint8)
    got = _read(file, buffer, offsets, stops - offsets, bases)
    begin[order] = first - offsets[run] + bases[run]
    end[order] = begin[order] + length[order]
    lost = order[end[order] > (bases[:-1] + got)[run]]
    begin[lost] = end[lost] = 0
    return buffer, begin, end


def _read(file: OpenFile, buffer: NDArray[np.uint8], offsets: Integers, sizes: Integers, bases: Integers) -> Integers:
    """Read each run to its place; gives how many bytes of each there were."""
    got = np.zeros(offsets.size, np.int64)
    places = np.ascontiguousarray(bases[: offsets.size])
    read_spans(file.fd, np.ascontiguousarray(offsets), np.ascontiguousarray(sizes), places, buffer, got)
    buffer[-PADDING:] = 0
    return got


def unzipped(file: OpenFile, streams: Streams | None, number: int, pixels: int) -> bytes | None:
    """The bytes of a tile that is stored gzipped; None if it is not, or is damaged, or is too long."""
    data = verbatim(file, streams, number)
    if data is None:
        return None
    limit = 8 * pixels
    try:
        engine = zlib.decompressobj(zlib.MAX_WBITS | 32)
        plain = engine.decompress(data, limit + 1)
    except zlib.error:
        return None
    return plain if len(plain) <= limit else None


def verbatim(file: OpenFile, streams: Streams | None, number: int) -> bytes | None:
    """The bytes of a tile as they are stored; None if there are none, or the file ends before."""
    if streams is None or streams.length[number] <= 0:
        return None
    length = int(streams.length[number])
    data = file.pread(length, int(streams.start[number]))
    return data if len(data) == length else None


def pixels_of(data: bytes | None, pixels: int, *, real: bool) -> NDArray[Any] | None:
    """Make an array of big-endian pixels, whose type follows from their length."""
    kinds = {4: ">f4", 8: ">f8"} if real else {1: ">u1", 2: ">i2", 4: ">i4", 8: ">i8"}
    kind = kinds.get(len(data) // pixels) if data and len(data) % pixels == 0 else None
    return np.frombuffer(data or b"", kind) if kind else None

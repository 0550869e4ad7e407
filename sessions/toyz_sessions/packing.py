"""Files that are packed as a whole: gzip and bzip2.

Nothing in such a file can be read before all that comes ahead of it, so it is unpacked once,
by a builder, into the share's cache; the session reads what is there so far.
"""

import bz2
import os
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from isal import isal_zlib

from toyz.errors import CorruptFile, UnsupportedFile
from toyz.readers import OpenFile

CHUNK = 4 << 20
"""Bytes unpacked at a time."""
_INPUT = 1 << 20
"""Bytes read at a time; what a member leaves of them is copied, and some files have a member for each 64 kB."""


class _Gzip:
    """One gzip member, with the pull interface of `bz2.BZ2Decompressor`; ISA-L takes half the time of zlib."""

    def __init__(self) -> None:
        self._stream = isal_zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._stream.unconsumed_tail

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._stream.decompress(self._stream.unconsumed_tail + data, max_length)


_MAKERS: dict[str, Callable[[], "_Gzip | bz2.BZ2Decompressor"]] = {"gzip": _Gzip, "bzip2": bz2.BZ2Decompressor}
_MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2"}
_DAMAGED = (cast("type[Exception]", isal_zlib.error), OSError, ValueError)
"""What the two raise; ISA-L's is said to be an instance by its stub."""
_ENDINGS = (".gz", ".bz2")


def packing_of(head: bytes) -> str:
    """Name how a file that begins with `head` is packed: ``gzip``, ``bzip2`` or nothing.

    Raises
    ------
    UnsupportedFile
        For LZW (``.Z``), which no reader of ours unpacks.
    """
    if head.startswith(b"\x1f\x9d"):
        raise UnsupportedFile("The file is packed with the old 'compress' (.Z); unpack it, or pack it with gzip.")
    return next((name for magic, name in _MAGIC.items() if head.startswith(magic)), "")


def unpacked_name(name: str) -> str:
    """Give the name of the file inside: without ``.gz`` or ``.bz2``."""
    return next((name[: -len(ending)] for ending in _ENDINGS if name.lower().endswith(ending)), name)


End = Callable[[int, int], int | None]
"""``end(written, read)``: the length at which the file ends, once it is known and written."""


def unpack(file: OpenFile, output: BinaryIO, *, end: End, report: Callable[[float], None]) -> None:
    """Unpack a whole file, all its members, and flush after each chunk so that others can read along.

    Parameters
    ----------
    file : OpenFile
    output : binary file
    end : callable
        Asked after each chunk, given the bytes written and those read; it may raise, because a few
        kilobytes can hold terabytes.
    report : callable
        Told the fraction of the input that is done.

    Raises
    ------
    CorruptFile
        If nothing can be unpacked; damage later in the file ends the output there.
    """
    written, size = 0, max(1, file.size)
    for part, read in _parts(file):
        _write(output, part)
        written += len(part)
        length = end(written, read)
        if length is not None:
            output.truncate(length)
            break
        report(read / size)
    if not written:
        raise CorruptFile("The packed file holds nothing.")


def _parts(file: OpenFile) -> Iterator[tuple[bytes, int]]:
    """Give what the file holds, chunk by chunk, and how much of it has been read; end at damage.

    Raises
    ------
    CorruptFile
        If it is damaged at its beginning.
    """
    maker = _MAKERS[packing_of(file.pread(4, 0))]
    stream, offset, begun = maker(), 0, False
    data, ended = b"", False
    while True:
        if not data and not ended and stream.needs_input:
            data = file.pread(_INPUT, offset)
            offset += len(data)
            ended = not data
        try:
            part = stream.decompress(data, CHUNK)
        except _DAMAGED as error:
            if not begun:
                raise CorruptFile("The packed file is damaged at its beginning.") from error
            return
        data = b""
        if part:
            begun = True
            yield part, offset
        if stream.eof:
            data = stream.unused_data or file.pread(_INPUT, offset)
            offset += 0 if stream.unused_data else len(data)
            if not data.startswith(tuple(_MAGIC)):
                return
            stream = maker()
        elif ended and not part:
            return


def _write(output: BinaryIO, part: bytes) -> None:
    """Write a chunk; one of noughts only as a hole, which takes no room on the disk."""
    if not part[0] and part == bytes(len(part)):
        output.seek(len(part) - 1, os.SEEK_CUR)
        part = part[:1]
    output.write(part)
    output.flush()

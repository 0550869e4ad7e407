"""Files that are packed as a whole: gzip and bzip2.

Nothing in such a file can be read before all that comes ahead of it, so it is unpacked once,
by a builder, into the share's cache; the session reads what is there so far.
"""

import bz2
import zlib
from collections.abc import Callable
from typing import BinaryIO

from toyz.errors import CorruptFile, TooLarge, UnsupportedFile
from toyz.readers import OpenFile

CHUNK = 4 << 20


class _Gzip:
    """One gzip member, with the pull interface of `bz2.BZ2Decompressor`."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=31)

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


def unpack(file: OpenFile, output: BinaryIO, *, limit: int, report: Callable[[float], None]) -> None:
    """Unpack a whole file, all its members, and flush after each chunk so that others can read along.

    Parameters
    ----------
    file : OpenFile
    output : binary file
    limit : int
        Bytes that it may unpack to: a few kilobytes can hold terabytes.
    report : callable
        Told the fraction of the input that is done.

    Raises
    ------
    TooLarge
        Past the limit.
    CorruptFile
        If nothing can be unpacked; damage later in the file ends the output there.
    """
    maker = _MAKERS[packing_of(file.pread(4, 0))]
    stream, offset, written, size = maker(), 0, 0, max(1, file.size)
    data, ended = b"", False
    while True:
        if not data and not ended and stream.needs_input:
            data = file.pread(CHUNK, offset)
            offset += len(data)
            ended = not data
        try:
            part = stream.decompress(data, CHUNK)
        except (zlib.error, OSError, ValueError) as error:
            if not written:
                raise CorruptFile("The packed file is damaged at its beginning.") from error
            break
        data = b""
        written += len(part)
        if written > limit:
            raise TooLarge(f"The file unpacks to more than {limit >> 20} MB, the most that is allowed here.")
        output.write(part)
        output.flush()
        report(offset / size)
        if stream.eof:
            data = stream.unused_data or file.pread(CHUNK, offset)
            offset += 0 if stream.unused_data else len(data)
            if not data.startswith(tuple(_MAGIC)):
                break
            stream = maker()
        elif ended and not part:
            break
    if not written:
        raise CorruptFile("The packed file holds nothing.")

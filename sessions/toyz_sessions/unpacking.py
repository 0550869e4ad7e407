"""How far a packed file is unpacked: to where its own headers end, and never further than is allowed."""

import os
from collections.abc import Callable
from typing import BinaryIO

from toyz.errors import TooLarge
from toyz.readers import Extent, MeasuringReader, OpenFile
from toyz_sessions.opening import Readers, UnpackedFile
from toyz_sessions.packing import unpack

FREE = 64 << 20
"""Bytes that any file may unpack to, if it is allowed to hold so many."""
RATIO = 200
"""Times its size that a file may unpack to beyond that, if nothing in it says how long it is."""


def unpack_for_readers(
    packed: OpenFile, output: BinaryIO, readers: Readers, *, limit: int, report: Callable[[float], None]
) -> None:
    """Unpack a file as far as its reader reads it.

    Parameters
    ----------
    packed : OpenFile
    output : binary file
        Empty; open for reading, too.
    readers : Readers
    limit : int
        Bytes that it may unpack to.
    report : callable
        Told the fraction of the packed file that is done.

    Raises
    ------
    TooLarge
        As soon as it is known that the file is longer than the limit.
    CorruptFile, UnsupportedFile
    """
    so_far = UnpackedFile(os.dup(output.fileno()), packed)
    try:
        unpack(packed, output, end=Bounds(so_far, readers, limit).end, report=report)
    finally:
        so_far.close()


class Bounds:
    """Where the unpacking of one file ends.

    Parameters
    ----------
    file : OpenFile
        What there is of the unpacked file.
    readers : Readers
    limit : int
        Bytes.
    """

    def __init__(self, file: OpenFile, readers: Readers, limit: int) -> None:
        self._file, self._readers, self._limit = file, readers, limit
        self._extent: Extent | None = None
        self._begun = self._ended = False
        self._known = 0

    def end(self, written: int, read: int) -> int | None:
        """Give the length of the file once it is known and written.

        Parameters
        ----------
        written : int
            Bytes of the unpacked file.
        read : int
            Bytes of the packed one.

        Raises
        ------
        TooLarge, CorruptFile, UnsupportedFile
        """
        if not self._begun:
            self._begun = True
            reader = self._readers.reader_for(self._file)
            self._extent = reader.extent(self._file) if isinstance(reader, MeasuringReader) else None
        if self._extent is not None and not self._ended and written > self._known:
            self._known, self._ended = self._extent.look()
        if max(self._known, 0 if self._ended else written) > self._limit:
            raise TooLarge(f"The file unpacks to more than {self._limit >> 20} MB, the most that is allowed here.")
        if self._extent is None and written > max(FREE, RATIO * read):
            raise TooLarge(f"The file unpacks to more than {RATIO} times its size, which no picture does.")
        return self._known if self._ended and written >= self._known else None

"""A file object for libraries that want one, over a file that is only read at given places."""

import io
from collections.abc import Callable
from typing import Any

ReadAt = Callable[[int, int], bytes]
"""``read(length, offset)``: up to so many bytes; fewer only at the end."""


class PositionedStream(io.RawIOBase):
    """A read-only stream with a position of its own.

    Parameters
    ----------
    read : callable
    length : callable
        Gives the bytes that there are now.
    """

    def __init__(self, read: ReadAt, length: Callable[[], int]) -> None:
        self._read_at = read
        self._length = length
        self._position = 0

    @property
    def mode(self) -> str:
        """As of a file opened for reading; astropy asks."""
        return "rb"

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Where the next bytes are read."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go somewhere.

        Raises
        ------
        ValueError
            For a place before the beginning.
        """
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length()}[whence]
        if base + offset < 0:
            raise ValueError("a position before the file's beginning")
        self._position = base + offset
        return self._position

    def readinto(self, target: Any) -> int:
        """Fill a buffer as far as there is anything."""
        view = memoryview(target).cast("B")
        data = self._read_at(min(len(view), max(self._length() - self._position, 0)), self._position)
        view[: len(data)] = data
        self._position += len(data)
        return len(data)

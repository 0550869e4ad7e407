"""A cache bounded in bytes that forgets what was used least recently."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

import numpy as np

V = TypeVar("V")


def size_of(value: object) -> int:
    """Count the bytes of an array or of anything with a length in bytes.

    Raises
    ------
    TypeError
        For anything else: its size is then given to `ByteCache.put`.
    """
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, bytes | bytearray | memoryview):
        return len(value)
    raise TypeError(f"cannot tell the bytes of a {type(value).__name__}")


class ByteCache(Generic[V]):
    """Values by key, at most `limit` bytes together; for use from several threads.

    Parameters
    ----------
    limit : int
        Bytes; a value larger than this is not kept at all.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = Lock()
        self._entries: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()
        self._used = 0

    @property
    def used(self) -> int:
        """Bytes held now."""
        return self._used

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> V | None:
        """Give the value of `key` and count it as used, or None."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            return entry[0]

    def put(self, key: Hashable, value: V, size: int | None = None) -> None:
        """Keep a value, in place of an earlier one of the same key.

        Parameters
        ----------
        size : int, optional
            Its bytes; by default those of the array or bytes it is.
        """
        size = size_of(value) if size is None else size
        with self._lock:
            self._drop(key)
            if size > self.limit:
                return
            self._entries[key] = (value, size)
            self._used += size
            while self._used > self.limit:
                self._drop(next(iter(self._entries)))

    def discard(self, key: Hashable) -> None:
        """Forget one key, if it is there."""
        with self._lock:
            self._drop(key)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._used = 0

    def _drop(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._used -= entry[1]

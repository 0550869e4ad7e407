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


class _Recent(Generic[V]):
    # Values with their bytes, the least recently used first; for one thread.

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.used = 0
        self.entries: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()

    def get(self, key: Hashable) -> V | None:
        entry = self.entries.get(key)
        if entry is None:
            return None
        self.entries.move_to_end(key)
        return entry[0]

    def put(self, key: Hashable, value: V, size: int) -> None:
        self.drop(key)
        if size > self._limit:
            return
        self.entries[key] = (value, size)
        self.used += size
        while self.used > self._limit:
            self.drop(next(iter(self.entries)))

    def drop(self, key: Hashable) -> None:
        entry = self.entries.pop(key, None)
        if entry is not None:
            self.used -= entry[1]

    def clear(self) -> None:
        self.entries.clear()
        self.used = 0


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
        self._values: _Recent[V] = _Recent(limit)
        self._asked: _Recent[bool] = _Recent(limit)

    @property
    def used(self) -> int:
        """Bytes held now."""
        return self._values.used

    def __len__(self) -> int:
        return len(self._values.entries)

    def get(self, key: Hashable) -> V | None:
        """Give the value of `key` and count it as used, or None."""
        with self._lock:
            return self._values.get(key)

    def put(self, key: Hashable, value: V, size: int | None = None) -> None:
        """Keep a value, in place of an earlier one of the same key.

        Parameters
        ----------
        size : int, optional
            Its bytes; by default those of the array or bytes it is.
        """
        with self._lock:
            self._values.put(key, value, size_of(value) if size is None else size)

    def put_if_again(self, key: Hashable, value: V) -> None:
        """Keep a value if it is offered for the second time while it could still have been held.

        Most of what a hand pans over is seen once: to keep it would take new memory each time. And
        what comes round so seldom that it is gone before it is asked for is not kept for nothing.
        """
        with self._lock:
            size = size_of(value)
            if self._asked.get(key) is not None:
                self._values.put(key, value, size)
            self._asked.put(key, True, size)

    def discard(self, key: Hashable) -> None:
        """Forget one key, if it is there."""
        with self._lock:
            self._values.drop(key)
            self._asked.drop(key)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
            self._asked.clear()

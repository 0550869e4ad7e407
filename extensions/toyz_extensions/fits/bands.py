"""A store of decoded blocks of compressed images, bounded in bytes."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, Protocol

from numpy.typing import NDArray


class BandCache(Protocol):
    """Keeps decoded blocks; used from several threads at once."""

    def get(self, key: Hashable) -> NDArray[Any] | None:
        """The block of this key, or None."""

    def put(self, key: Hashable, value: NDArray[Any]) -> None:
        """Keep a block, which nobody changes afterwards."""


class Bands:
    """A `BandCache` that drops what was used longest ago.

    Parameters
    ----------
    limit : int
        Bytes kept at most, from the next `put` on; a block larger than half of it is not kept.
    """

    def __init__(self, limit: int = 32 << 20) -> None:
        self.limit = limit
        self._size = 0
        self._blocks: OrderedDict[Hashable, NDArray[Any]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Bytes kept now."""
        return self._size

    def get(self, key: Hashable) -> NDArray[Any] | None:
        """The block of this key, or None."""
        with self._lock:
            block = self._blocks.get(key)
            if block is not None:
                self._blocks.move_to_end(key)
            return block

    def put(self, key: Hashable, value: NDArray[Any]) -> None:
        """Keep a block, which nobody changes afterwards."""
        if 2 * value.nbytes > self.limit:
            return
        with self._lock:
            old = self._blocks.pop(key, None)
            self._size += value.nbytes - (old.nbytes if old is not None else 0)
            self._blocks[key] = value
            while self._size > self.limit:
                _, dropped = self._blocks.popitem(last=False)
                self._size -= dropped.nbytes

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._blocks.clear()
            self._size = 0

"""Folders that were listed lately, kept while they have not changed."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from toyz_sessions.folder import MOST, Scan
from toyz_sessions.listing import Sort

_FOLDERS = 8
_NAMES = MOST + MOST // 4
_SETTLED = 0.1
"""Seconds: a folder that changed within the clock's step of the scan may have changed again."""
_FRESH = 5.0
"""Seconds for which an order by size or date stands: files grow without the folder's knowledge."""

Names = Sequence[str]
Identity = tuple[int, int, int]
"""Device, inode and mtime in ns."""


class Scanned:
    """A scan, with the orders made of it."""

    def __init__(self, found: Scan) -> None:
        self.found = found
        self._orders: dict[Sort, tuple[float, Names, Names]] = {}

    @property
    def weight(self) -> int:
        """How many names it keeps."""
        return len(self.found.folders) + len(self.found.others)

    def ordered(
        self, sort: Sort, make: Callable[[Sequence[str]], Sequence[str]]
    ) -> tuple[Sequence[str], Sequence[str]]:
        """Give folders and the rest, each sorted by `make`."""
        known = self._orders.get(sort)
        now = time.monotonic()
        if known is None or (sort in ("size", "modified") and now - known[0] > _FRESH):
            known = (now, make(self.found.folders), make(self.found.others))
            self._orders[sort] = known
        return known[1], known[2]


class FolderCache:
    """The folders listed last, bounded in number and in names."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[int, int], tuple[int, Scanned]] = OrderedDict()

    def get(self, identity: Identity, scan: Callable[[], Scan]) -> Scanned:
        """Give the folder of this identity, scanned now unless it is known."""
        key, modified = identity[:2], identity[2]
        with self._lock:
            known = self._known.get(key)
            if known is not None and known[0] == modified:
                self._known.move_to_end(key)
                return known[1]
        scanned = Scanned(scan())
        if time.time() - modified / 1e9 > _SETTLED:
            self._keep(key, modified, scanned)
        return scanned

    def _keep(self, key: tuple[int, int], modified: int, scanned: Scanned) -> None:
        with self._lock:
            self._known[key] = (modified, scanned)
            self._known.move_to_end(key)
            while len(self._known) > 1 and (
                len(self._known) > _FOLDERS or sum(each.weight for _, each in self._known.values()) > _NAMES
            ):
                self._known.popitem(last=False)

"""Whether the files under the open images are still those that were opened."""

import threading
from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple

PERIOD = 2.0
"""Seconds between two looks; a network's file system tells nobody of what others write to it."""


class Watched(NamedTuple):
    """Something that was made of a file.

    Attributes
    ----------
    key : hashable
    path : str
        ``share/relative/path``.
    identity : str
        Of the file when it was opened.
    """

    key: Hashable
    path: str
    identity: str


class FileWatch:
    """Looks at files again and again, and tells once of each thing whose file is another now.

    A file that is gone is not another: most likely the next one is about to take its place.

    Parameters
    ----------
    watched : callable
        Gives what there is to watch now.
    identity : callable
        Gives the identity of the file that a path leads to now; empty if there is none.
    changed : callable
        Told the key, in a thread of the watch.
    period : float, optional
        Seconds.
    """

    def __init__(
        self,
        watched: Callable[[], Iterable[Watched]],
        identity: Callable[[str], str],
        changed: Callable[[Hashable], None],
        *,
        period: float = PERIOD,
    ) -> None:
        self._watched, self._identity, self._changed, self._period = watched, identity, changed, period
        self._told: set[Hashable] = set()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Watch from now on; a second call does nothing."""
        with self._lock:
            if self._thread is None and not self._ended.is_set():
                self._thread = threading.Thread(target=self._work, name="file watch", daemon=True)
                self._thread.start()

    def look(self) -> None:
        """Look at every file once."""
        watched = list(self._watched())
        self._told &= {each.key for each in watched}
        now = {path: self._identity(path) for path in {each.path for each in watched}}
        for each in watched:
            if each.key not in self._told and now[each.path] not in ("", each.identity):
                self._told.add(each.key)
                self._changed(each.key)

    def close(self) -> None:
        """Stop."""
        self._ended.set()

    def _work(self) -> None:
        while not self._ended.wait(self._period):
            self.look()

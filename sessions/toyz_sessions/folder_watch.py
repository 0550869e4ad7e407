"""Whether the folder that was listed last is still as it was listed."""

from collections.abc import Callable, Hashable

from toyz_sessions.file_watch import PERIOD, FileWatch, Watched


class FolderWatch:
    """Tells once when entries of the folder that was listed last have come or gone, whoever did it.

    Parameters
    ----------
    identity : callable
        As of `toyz_sessions.file_watch.FileWatch`.
    changed : callable
        Told the path of the folder.
    period : float, optional
        Seconds between two looks.
    """

    def __init__(
        self, identity: Callable[[str], str], changed: Callable[[str], None], *, period: float = PERIOD
    ) -> None:
        self._identity, self._changed = identity, changed
        self._listed: Watched | None = None
        self._watch = FileWatch(self._watched, identity, self._tell, period=period)

    def listed(self, path: str) -> None:
        """Watch a folder that is about to be listed, instead of the one before; the list of shares is not watched."""
        if not path:
            self._listed = None
            return
        identity = self._identity(path)
        self._listed = Watched((path, identity), path, identity)
        self._watch.begin()

    def close(self) -> None:
        """Stop."""
        self._watch.close()

    def _watched(self) -> list[Watched]:
        return [] if self._listed is None else [self._listed]

    def _tell(self, key: Hashable) -> None:
        assert isinstance(key, tuple)
        self._changed(key[0])

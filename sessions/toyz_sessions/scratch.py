"""How full a scratch folder is."""

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from toyz.errors import OverLimit
from toyz_sessions.bounds import Bounds


class Filling(NamedTuple):
    """What a folder holds: bytes on disk, and files and folders."""

    size: int
    files: int


def measure(folder: str, *, size: int, files: int) -> Filling:
    """Add up what is in a folder and beneath it; a file of several names counts once.

    Parameters
    ----------
    folder : str
    size, files : int
        Where to stop: what is larger than this need not be known exactly.
    """
    total, count, linked = 0, 0, set()
    waiting = [folder]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    count += 1
                    if status.st_ino not in linked:
                        total += status.st_blocks * 512
                    if status.st_nlink > 1:
                        linked.add(status.st_ino)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                if total > size or count > files:
                    return Filling(total, count)
    return Filling(total, count)


class ScratchGuard:
    """Keeps the calls of a session, which share its scratch folder, to what that may hold.

    The call that fills it is told, and what it wrote goes. The server watches from outside, and ends
    a session whose scratch stays too full.

    Parameters
    ----------
    folder : Path
    bounds : Bounds
    """

    def __init__(self, folder: Path, bounds: Bounds) -> None:
        self._folder, self._bounds = folder, bounds
        self._writing = 0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def checked(self) -> Iterator[None]:
        """Check the folder when the block is done; several may be in such a block at a time.

        Raises
        ------
        OverLimit
            If it holds too much. What came since the block began is removed, if no other call was writing.
        """
        began = time.time_ns()
        with self._lock:
            self._writing += 1
        try:
            yield
            self.check()
        except OverLimit:
            if self._writing == 1:
                self._remove_since(began)
            raise
        finally:
            with self._lock:
                self._writing -= 1

    def check(self) -> None:
        """Refuse a folder that holds too much.

        Raises
        ------
        OverLimit
        """
        bounds = self._bounds
        found = measure(str(self._folder), size=bounds.scratch, files=bounds.scratch_files)
        if found.size > bounds.scratch or found.files > bounds.scratch_files:
            what = "scratch" if found.size > bounds.scratch else "scratch_files"
            raise OverLimit(
                "This task was ended: its session's scratch folder may not hold that much (limits.scratch).",
                field=f"limits.{what}",
            )

    def _remove_since(self, began: int) -> None:
        for path in self._folder.iterdir():
            with contextlib.suppress(OSError):
                if path.lstat().st_ctime_ns < began:
                    continue
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink()

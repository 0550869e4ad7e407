"""The private folder of a running server: sockets and scratch folders."""

import fcntl
import os
import secrets
import shutil
import tempfile
from pathlib import Path

_PREFIX = "toyz-run-"
_LONGEST = 100
"""Bytes of a socket's path; the kernel takes 107."""


class RunDirectory:
    """A folder (0700) that is removed at the end.

    What a killed server left behind is removed by the next one: a living one holds a lock.

    Parameters
    ----------
    parent : Path, optional
        Where to make it; the system's folder for temporary files by default.
    """

    def __init__(self, parent: Path | None = None) -> None:
        base = parent if parent is not None else _base()
        _sweep(base)
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
        self._lock = os.open(self.path / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def endpoint(self) -> str:
        """Give the address of a new ZeroMQ socket, of 128 random bits."""
        return f"ipc://{self.path}/{secrets.token_hex(16)}"

    def scratch(self) -> Path:
        """Make a folder for one process."""
        path = self.path / f"scratch-{secrets.token_hex(8)}"
        path.mkdir(mode=0o700)
        return path

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def _base() -> Path:
    """Give the folder for temporary files, or ``/tmp`` where its name is too long for a socket."""
    base = Path(tempfile.gettempdir())
    longest = len(os.fsencode(base)) + len(f"/{_PREFIX}12345678/") + 32
    return base if longest <= _LONGEST else Path("/tmp")  # noqa: S108


def _sweep(base: Path) -> None:
    for path in base.glob(f"{_PREFIX}*"):
        try:
            if path.stat().st_uid != os.getuid() or path.is_symlink():
                continue
            lock = os.open(path / "lock", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        except BlockingIOError:
            pass
        finally:
            os.close(lock)

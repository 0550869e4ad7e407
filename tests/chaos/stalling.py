"""A file system whose reads wait while a flag is there: ``python -m tests.chaos.stalling AT SOURCE FLAG``.

It stands for a file server that has gone away.
"""

import errno
import os
import sys
import time
from typing import Any

import mfusepy


class Stalling(mfusepy.Operations):  # type: ignore[misc]
    """Shows a folder, to read."""

    def __init__(self, source: str, flag: str) -> None:
        self._source, self._flag = source, flag

    def _path(self, path: str) -> str:
        while os.path.exists(self._flag):
            time.sleep(0.02)
        return self._source + path

    def getattr(self, path: str, fh: Any = None) -> dict[str, Any]:
        try:
            status = os.lstat(self._path(path))
        except OSError as error:
            raise mfusepy.FuseOSError(error.errno or errno.EIO) from None
        names = ("st_mode", "st_size", "st_mtime", "st_ctime", "st_atime", "st_nlink", "st_uid", "st_gid")
        return {name: getattr(status, name) for name in names}

    def readdir(self, path: str, fh: Any) -> list[str]:
        return [".", "..", *os.listdir(self._path(path))]

    def open(self, path: str, flags: int) -> int:
        return os.open(self._path(path), flags)

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        self._path(path)
        return os.pread(fh, size, offset)

    def release(self, path: str, fh: int) -> int:
        os.close(fh)
        return 0


if __name__ == "__main__":
    _, _at, _source, _flag = sys.argv
    mfusepy.FUSE(Stalling(_source, _flag), _at, foreground=True, direct_io=True)

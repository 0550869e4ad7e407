"""Short pieces of many rows, copied from a memory map in one call.

A window of a plain image is some hundred pieces of a kilobyte, and a read of each takes half a
microsecond, most of it the way into the kernel and back. From a map of the file the kernel gathers
them in one call (``pwritev`` into a file in memory), in a quarter of the time. The program itself
never touches the map, so that a file that is cut short makes a short answer and not a bus error.

To fill a map takes a tenth of a millisecond for each megabyte, as much as it saves with one window:
it is done by a thread of its own, once somebody looks at the pixels of a plane and if they are in
memory anyway. Its pages are those of the page cache: they count as memory of the process that maps
them, but the kernel takes them back whenever it needs room, and they are not read or kept twice.
"""

import contextlib
import mmap
import os
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from toyz.readers import OpenFile
from toyz_tiles.codecs.jit import kernel
from toyz_tiles.codecs.rows import all_cached

SMALLEST = 4 << 20
"""Bytes of a plane that is worth a map."""
LOOKS = 8
"""Windows read of a plane before it is mapped."""
_SCRATCH = 1 << 20
_PROBES = 64
_PIECES = 1024  # IOV_MAX
_POPULATE = 22  # MADV_POPULATE_READ, since Linux 5.14

Bytes = NDArray[np.uint8]
_pwritev: Any = types.ExternalFunction("pwritev", types.int64(types.int32, types.uintp, types.int32, types.int64))
_madvise: Any = types.ExternalFunction("madvise", types.int32(types.uintp, types.uintp, types.int32))


@kernel(types.boolean(types.uintp, types.uintp))
def _populate(address: Any, length: Any) -> Any:
    """Have a map filled with what it maps; whether the kernel did it."""
    return _madvise(address, length, np.int32(_POPULATE)) == 0


@kernel(types.int64(types.int32, types.uintp, types.Array(types.int64, 1, "C", readonly=True), types.int64))
def _gather(scratch: Any, base: Any, offsets: Any, length: Any) -> Any:
    """Write a piece at each offset from `base` into the file `scratch`; gives how many bytes were written."""
    pieces = np.empty((offsets.size, 2), np.uintp)  # struct iovec
    for i in range(offsets.size):
        pieces[i, 0] = base + np.uintp(offsets[i])
        pieces[i, 1] = np.uintp(length)
    return _pwritev(scratch, pieces.ctypes.data, np.int32(offsets.size), 0)


class _Scratch(threading.local):
    # A file in memory into which the kernel gathers: one for each thread of each process, for a
    # process that was forked would share that of its parent.

    process = 0

    def made(self) -> "_Scratch":
        if self.process != os.getpid():
            self.process = os.getpid()
            self.file = os.memfd_create("window")
            os.ftruncate(self.file, _SCRATCH)
            self.seen: Bytes = np.frombuffer(mmap.mmap(self.file, _SCRATCH, prot=mmap.PROT_READ), np.uint8)
        return self


class MappedRows:
    """The map of one plane of a file, made once it is looked at.

    Parameters
    ----------
    file : OpenFile
    offset, size : int
        Bytes: where the plane lies in the file.

    Attributes
    ----------
    used : float
        When it was last read from (`time.monotonic`).
    """

    def __init__(self, file: OpenFile, offset: int, size: int) -> None:
        self._file = file
        self._begin = offset - offset % mmap.PAGESIZE
        self._end = offset + size
        self._looks = 0
        self._map: Bytes | None = None
        self.used = 0.0

    @property
    def size(self) -> int:
        """Bytes that are mapped now."""
        return 0 if self._map is None else self._map.size

    def read(self, offsets: NDArray[np.int64], length: int) -> Bytes | None:
        """Read `length` bytes at each offset; None where that is for reads to do.

        Parameters
        ----------
        offsets : ndarray of int64, shape (n,)
            Ascending, in the file.
        length : int

        Returns
        -------
        ndarray of uint8, shape (n, length), or None
            Read-only; what it holds lasts until the calling thread reads again.
        """
        held, self.used = self._map, time.monotonic()
        if held is None:
            self._look()
            return None
        inside = self._begin <= offsets[0] and offsets[-1] + length <= self._end
        if not inside or offsets.size > _PIECES or offsets.size * length > _SCRATCH:
            return None
        # A page that went has to be waited for, which reads do for all rows at once.
        if not all_cached(self._file.fd, offsets[:1]):
            return None
        wanted, scratch = offsets.size * length, _scratch.made()
        if _gather(scratch.file, held.ctypes.data - self._begin, offsets, length) != wanted:
            return None
        return scratch.seen[:wanted].reshape(offsets.size, length)

    def drop(self) -> None:
        """Let the map go; the next looks make it anew."""
        self._looks, self._map = 0, None

    def _look(self) -> None:
        with _lock:
            self._looks += 1
            due = self._looks == LOOKS and SMALLEST <= self._end - self._begin <= _maps.limit
        if due:
            threading.Thread(target=self._fill, name="map", daemon=True).start()

    def _fill(self) -> None:
        """Map the plane if it is in memory; otherwise look again later."""
        size = self._end - self._begin
        try:
            with _duplicate(self._file) as descriptor:
                made = np.frombuffer(mmap.mmap(descriptor, size, prot=mmap.PROT_READ, offset=self._begin), np.uint8)
                probes = np.linspace(self._begin, self._end - 1, _PROBES).astype(np.int64)
                there = all_cached(descriptor, probes) and _populate(made.ctypes.data, made.size)
        except (OSError, ValueError):  # shorter than its headers say, for one: it may still grow
            there = False
        if not there:
            self.drop()
            return
        self._map = made
        _maps.add(self)


@contextlib.contextmanager
def _duplicate(file: OpenFile) -> Iterator[int]:
    """Have a descriptor of one's own: that of a closed file would map no file at all."""
    descriptor = os.dup(file.fd)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


class _Maps:
    # Those of this process, the oldest first.

    def __init__(self) -> None:
        self.limit = 384 << 20
        self._made: list[weakref.ref[MappedRows]] = []

    def _living(self) -> list[MappedRows]:
        known = [reference() for reference in self._made]
        return [each for each in known if each is not None and each.size]

    def add(self, rows: MappedRows) -> None:
        with _lock:
            living = [each for each in self._living() if each is not rows] + [rows]
            while sum(each.size for each in living) > self.limit:
                living.pop(0).drop()
            self._made = [weakref.ref(each) for each in living]

    def drop_unused(self, before: float) -> None:
        with _lock:
            for each in self._living():
                if each.used < before:
                    each.drop()


def allow(limit: int) -> None:
    """Say how many bytes of files this process may have mapped at a time; what is mapped longest goes first."""
    _maps.limit = limit


def release(unused: float) -> None:
    """Let the maps go from which nothing was read for so many seconds."""
    _maps.drop_unused(time.monotonic() - unused)


_lock = threading.Lock()
_maps = _Maps()
_scratch = _Scratch()

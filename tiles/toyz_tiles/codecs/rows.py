"""Short pieces of many rows, read from a descriptor without Python between them.

A window of a plain image is some hundred pieces of a kilobyte, each a read of half a
microsecond, of which Python would make two. What is not in the page cache is asked for all at
once before the first wait, so that a cold window costs one trip to the disk and not hundreds.
"""

from typing import Any

import numpy as np
from numba import types

from toyz_tiles.codecs.jit import kernel

# Resolved by the compiler from the symbols of the running process, so that the kernels can be cached.
_pread: Any = types.ExternalFunction("pread", types.int64(types.int32, types.uintp, types.uintp, types.int64))
_preadv2: Any = types.ExternalFunction(
    "preadv2", types.int64(types.int32, types.uintp, types.int32, types.int64, types.int32)
)
_fadvise: Any = types.ExternalFunction("posix_fadvise", types.int32(types.int32, types.int64, types.int64, types.int32))
_WILL_NEED = 3  # POSIX_FADV_WILLNEED
_NO_WAIT = 8  # RWF_NOWAIT: only what is in the page cache

_OUT = types.Array(types.uint8, 2, "C")
_OFFSETS = types.Array(types.int64, 1, "C", readonly=True)


@kernel(types.void(types.int64, _OFFSETS, types.int64))
def will_need(descriptor: Any, offsets: Any, length: Any) -> None:
    """Tell the kernel that `length` bytes at each offset are read soon."""
    for i in range(offsets.size):
        _fadvise(np.int32(descriptor), offsets[i], length, np.int32(_WILL_NEED))


@kernel(types.int64(types.int64, _OFFSETS, _OUT))
def _read_cached(descriptor: Any, offsets: Any, out: Any) -> Any:
    """Read rows as long as they are in the page cache; gives how many were."""
    length = out.shape[1]
    piece = np.empty(2, np.uintp)  # struct iovec
    piece[1] = length
    for i in range(offsets.size):
        piece[0] = out.ctypes.data + i * length
        got = _preadv2(np.int32(descriptor), piece.ctypes.data, np.int32(1), offsets[i], np.int32(_NO_WAIT))
        if got != length:
            return i
    return offsets.size


@kernel(types.int64(types.int64, _OFFSETS, _OUT))
def read_rows(descriptor: Any, offsets: Any, out: Any) -> Any:
    """Read ``out.shape[1]`` bytes at each offset of a file.

    Parameters
    ----------
    descriptor : int
    offsets : ndarray of int64, shape (n,)
    out : ndarray of uint8, shape (n, bytes)

    Returns
    -------
    int
        How many rows are complete; the next one is short or could not be read. −1 if the
        shapes do not agree.
    """
    length = out.shape[1]
    if offsets.size != out.shape[0]:
        return -1
    first = _read_cached(descriptor, offsets, out)
    if first < offsets.size:
        will_need(descriptor, offsets[first:], length)
    for i in range(first, offsets.size):
        done = 0
        while done < length:
            address = np.uintp(out.ctypes.data + i * length + done)
            got = _pread(np.int32(descriptor), address, np.uintp(length - done), offsets[i] + done)
            if got <= 0:
                return i
            done += got
    return offsets.size

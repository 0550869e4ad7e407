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

_BUFFER = types.Array(types.uint8, 1, "C")
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


@kernel(types.boolean(types.int64, types.int64, types.int64, types.uintp))
def _is_cached(descriptor: Any, offset: Any, length: Any, address: Any) -> Any:
    """Read a piece if it is in the page cache; whether it was."""
    piece = np.empty(2, np.uintp)  # struct iovec
    piece[0], piece[1] = address, length
    got = _preadv2(np.int32(descriptor), piece.ctypes.data, np.int32(1), offset, np.int32(_NO_WAIT))
    return got == length


@kernel(types.boolean(types.int64, _OFFSETS))
def all_cached(descriptor: Any, offsets: Any) -> Any:
    """Whether the bytes at all these offsets of a file are in the page cache."""
    room, cached = np.empty(1, np.uint8), True
    for i in range(offsets.size):
        cached = cached and _is_cached(descriptor, offsets[i], 1, room.ctypes.data)
    return cached


@kernel(types.void(types.int64, _OFFSETS, _OFFSETS, _OFFSETS, _BUFFER, types.Array(types.int64, 1, "C")))
def read_spans(descriptor: Any, offsets: Any, sizes: Any, bases: Any, buffer: Any, got: Any) -> None:
    """Read pieces of different lengths into one buffer.

    Parameters
    ----------
    descriptor : int
    offsets, sizes, bases : ndarray of int64, shape (n,)
        Where each piece begins in the file, its bytes, and where it goes in the buffer.
    buffer : ndarray of uint8
        What is not read of a piece is zero.
    got : ndarray of int64, shape (n,)
        Bytes read of each: fewer than `sizes` where the file ends, −1 where it has no place in the buffer.
    """
    asked = False
    for i in range(offsets.size):
        got[i] = -1
        if sizes[i] < 0 or bases[i] < 0 or bases[i] + sizes[i] > buffer.size:
            continue
        address = np.uintp(buffer.ctypes.data + bases[i])
        if not asked and _is_cached(descriptor, offsets[i], sizes[i], address):
            got[i] = sizes[i]
            continue
        if not asked:
            # The first that is not cached: ask for all the rest before waiting for one.
            asked = True
            for j in range(i, offsets.size):
                _fadvise(np.int32(descriptor), offsets[j], sizes[j], np.int32(_WILL_NEED))
        done = 0
        while done < sizes[i]:
            part = _pread(np.int32(descriptor), address + np.uintp(done), np.uintp(sizes[i] - done), offsets[i] + done)
            if part <= 0:
                break
            done += part
        buffer[bases[i] + done : bases[i] + sizes[i]] = 0
        got[i] = done

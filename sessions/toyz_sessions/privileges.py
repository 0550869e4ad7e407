"""Capabilities: a server that root runs gives them up in each process, but for the right to read what it shows."""

import ctypes
import os

_VERSION_3 = 0x20080522
_KEPT = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: files of a share belong to anybody, and Landlock says which are reached."""


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


_libc = ctypes.CDLL(None, use_errno=True)


def held() -> int:
    """Give the capabilities of this process as a bit set (``capabilities(7)``)."""
    sets = (_Sets * 2)()
    _call("capget", sets)
    return int(sets[0].effective | sets[1].effective << 32)


def drop() -> None:
    """Give up all capabilities but those two, where this process has any.

    Raises
    ------
    OSError
    """
    has = held()
    if has:
        sets = (_Sets * 2)()
        sets[0].effective = sets[0].permitted = has & _KEPT
        _call("capset", sets)


def _call(name: str, sets: "ctypes.Array[_Sets]") -> None:
    header = _Header(_VERSION_3, 0)
    if getattr(_libc, name)(ctypes.byref(header), sets) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))

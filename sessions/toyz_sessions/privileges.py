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
_HEADER, _SETS = _Header(_VERSION_3, 0), (_Sets * 2)()
# Made once in the fork server: what a process makes anew is memory of its own.
_ARGUMENTS = (ctypes.byref(_HEADER), _SETS)
_capget, _capset = _libc.capget, _libc.capset


def held() -> int:
    """Give the capabilities of this process as a bit set (``capabilities(7)``)."""
    _check(_capget(*_ARGUMENTS))
    return int(_SETS[0].effective | _SETS[1].effective << 32)


def drop() -> None:
    """Give up all capabilities but those two, where this process has any.

    Raises
    ------
    OSError
    """
    has = held()
    if has:
        _SETS[0].effective = _SETS[0].permitted = has & _KEPT
        _SETS[1].effective = _SETS[1].permitted = 0
        _SETS[0].inheritable = _SETS[1].inheritable = 0
        _check(_capset(*_ARGUMENTS))


def _check(answer: int) -> None:
    if answer != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))

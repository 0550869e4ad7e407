"""Landlock: a process gives up every file, socket and signal that it did not name.

The three system calls have no wrapper in the C library. Numbers and structures are those of
``linux/landlock.h``; what a kernel is too old to know is left out (``landlock(7)``).
"""

import ctypes
import errno
import os
from collections.abc import Iterable
from enum import IntFlag
from pathlib import Path
from typing import NamedTuple

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38


class Access(IntFlag):
    """What can be done to a file (``LANDLOCK_ACCESS_FS_*``)."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14
    IOCTL_DEV = 1 << 15


READ = Access.READ_FILE | Access.READ_DIR
WRITE = (
    Access.WRITE_FILE
    | Access.TRUNCATE
    | Access.MAKE_REG
    | Access.MAKE_DIR
    | Access.REMOVE_FILE
    | Access.REMOVE_DIR
    | Access.REFER
)
_OF_FILES = Access.EXECUTE | Access.WRITE_FILE | Access.READ_FILE | Access.TRUNCATE | Access.IOCTL_DEV
_BIND_TCP_CONNECT_TCP = 0b11
_SCOPE_ABSTRACT_SOCKETS_SIGNALS = 0b11
_FS_BITS = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many bits of `Access` an ABI knows; 16 from ABI 5 on."""


class Rule(NamedTuple):
    """What is allowed at a path and beneath it."""

    path: Path
    access: Access


class _RulesetAttr(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneathAttr(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def _syscall(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def abi() -> int:
    """Give the version of Landlock's interface that the kernel offers; 0 if there is none."""
    try:
        return _syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_CREATE_RULESET_VERSION))
    except OSError:
        return 0


def restrict(rules: Iterable[Rule]) -> None:
    """Restrict the calling thread, and every thread and process it starts, to `rules`, for good.

    Beside the files, TCP is refused altogether (ABI 4), and so are signals to processes
    outside and abstract sockets of theirs (ABI 6). A path that does not exist is skipped.

    Raises
    ------
    OSError
        If the kernel refuses; nothing is restricted then.
    """
    version = abi()
    handled = Access((1 << _FS_BITS.get(version, 16)) - 1)
    attributes = _RulesetAttr(int(handled), _BIND_TCP_CONNECT_TCP, _SCOPE_ABSTRACT_SOCKETS_SIGNALS)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _syscall(_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for rule in rules:
            _add(ruleset, rule.path, rule.access & handled)
        forbid_new_privileges()
        _syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def forbid_new_privileges() -> None:
    """Make set-user-id programs powerless in this process: Landlock demands it."""
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _add(ruleset: int, path: Path, access: Access) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        # What a folder only may be given is refused for a file: cheaper than a stat, which a mount whose server has
        # gone away would not answer.
        try:
            _allow(ruleset, descriptor, access)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            _allow(ruleset, descriptor, access & _OF_FILES)
    finally:
        os.close(descriptor)


def _allow(ruleset: int, descriptor: int, access: Access) -> None:
    attributes = _PathBeneathAttr(int(access), descriptor)
    _syscall(
        _ADD_RULE,
        ctypes.c_int(ruleset),
        ctypes.c_int(_RULE_PATH_BENEATH),
        ctypes.byref(attributes),
        ctypes.c_uint32(0),
    )

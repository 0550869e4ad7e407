"""A filter of system calls: no sockets but local ones, and nothing that attacks the kernel.

Landlock knows files and TCP; UDP, raw sockets and the seldom used calls below are refused
here. The filter is classic BPF (``seccomp(2)``, ``bpf_insn``) over the number and the first argument.
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Sequence
from typing import NamedTuple

_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_PR_GET_SECCOMP = 21
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
_AF_UNIX = 1
_X32 = 0x40000000


class _Machine(NamedTuple):
    """How an architecture is named in a filter, and where its numbers stand in the table."""

    audit: int
    column: int


_MACHINES = {"x86_64": _Machine(0xC000003E, 0), "aarch64": _Machine(0xC00000B7, 1)}
_SOCKET = (41, 198)
_TRUNCATE = (76, 45)
_REFUSED = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "execve": (59, 221),
    "execveat": (322, 281),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "setns": (308, 268),
    "unshare": (272, 97),
    "swapon": (167, 224),
    "reboot": (169, 142),
    "acct": (163, 89),
    "personality": (135, 92),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
}
"""Numbers on x86_64 and aarch64 (``asm/unistd.h``)."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


_libc = ctypes.CDLL(None, use_errno=True)


def available() -> bool:
    """Whether the kernel filters system calls, and this machine's numbers are known."""
    return platform.machine() in _MACHINES and _libc.prctl(_PR_GET_SECCOMP, 0, 0, 0, 0) >= 0


def restrict(*, truncate: bool) -> None:
    """Filter the calls of this thread and all that it starts; privileges must have been given up.

    Parameters
    ----------
    truncate : bool
        Whether ``truncate(2)`` is allowed, because Landlock watches it.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    machine = _MACHINES[platform.machine()]
    numbers = [columns[machine.column] for columns in _REFUSED.values()]
    if not truncate:
        numbers.append(_TRUNCATE[machine.column])
    instructions = _program(machine.audit, _SOCKET[machine.column], numbers)
    code = ctypes.create_string_buffer(b"".join(instructions))
    program = _Program(len(instructions), ctypes.addressof(code))
    if _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _instruction(code: int, value: int, *, true: int = 0, false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, true, false, value)


def _program(audit: int, socket: int, refused: Sequence[int]) -> list[bytes]:
    """Give the filter: wrong architecture, killed; refused calls and foreign sockets, EPERM; the rest, allowed.

    Jumps count the instructions that are passed over.
    """
    count = len(refused)
    return [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_EQUAL, audit, true=1),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER),
        _instruction(_AT_LEAST, _X32, true=count + 3),
        *(_instruction(_EQUAL, number, true=count - place + 2) for place, number in enumerate(refused)),
        _instruction(_EQUAL, socket, false=3),
        _instruction(_LOAD, _FIRST_ARGUMENT),
        _instruction(_EQUAL, _AF_UNIX, true=1),
        _instruction(_RETURN, _REFUSE),
        _instruction(_RETURN, _ALLOW),
    ]

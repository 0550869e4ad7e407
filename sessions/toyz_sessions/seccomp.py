"""A filter of system calls: no sockets but local ones, and nothing that reaches another process or attacks the kernel.

Landlock knows files and TCP. What it cannot see is refused here: UDP, signals and limits of other processes of the
same user, the modes and owners of files that cannot be opened, and the seldom used calls below. The filter is
classic BPF (``seccomp(2)``, ``bpf_insn``) over the number and the arguments.
"""

import ctypes
import errno
import functools
import os
import platform
import struct
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from toyz_sessions import syscalls
from toyz_sessions.syscalls import MACHINES, Calls

_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_PR_GET_SECCOMP = 21
_SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC = 1, 1
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_X32 = 0x40000000
_AF_UNIX = 1
_CLONE_THREAD = 0x10000


class _Program(ctypes.Structure):
    code: Any
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


class Condition(NamedTuple):
    """When a call is allowed: the low half of each argument named equals a value; of a value 0, both halves.

    Attributes
    ----------
    call : str
    arguments : mapping
        Values by the place of the argument.
    bit : bool
        Whether one bit in common with the value is enough.
    error : int
        What it fails with otherwise.
    """

    call: str
    arguments: Mapping[int, int]
    bit: bool = False
    error: int = errno.EPERM


_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def available() -> bool:
    """Whether the kernel filters system calls, and this machine's numbers are known."""
    return platform.machine() in MACHINES and _libc.prctl(_PR_GET_SECCOMP, 0, 0, 0, 0) >= 0


def restrict(*, truncate: bool, signals: bool, alone: bool = False) -> None:
    """Filter the calls of this thread and all that it starts; privileges must have been given up.

    Parameters
    ----------
    truncate : bool
        Whether ``truncate(2)`` is allowed, because Landlock watches it.
    signals : bool
        Whether signals to other processes are allowed, because Landlock watches them.
    alone : bool
        Whether other processes may not be started; threads may.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    _install(_filter(truncate, signals, alone, 0 if signals else os.getpid()))


@functools.cache
def _filter(truncate: bool, signals: bool, alone: bool, own: int) -> "_Program":
    """Give the first filter; `own` is the process that may be signalled where others may not."""
    calls = MACHINES[platform.machine()]
    refused = [*syscalls.REFUSED, *(() if truncate else ("truncate",))]
    conditions = [Condition("socket", {0: _AF_UNIX}), *(Condition(*each) for each in syscalls.ONLY_ITSELF.items())]
    conditions += [Condition(name, arguments, error=0) for name, arguments in syscalls.SCHEDULING.items()]
    missing: list[str] = []
    if not signals:
        refused += syscalls.SIGNALS
        conditions += [Condition(name, {0: own}) for name in syscalls.OWN_SIGNALS]
    if alone:
        refused += syscalls.FORKS
        # What it would do is in memory, where a filter cannot look; without it the C library takes `clone`.
        missing = ["clone3"]
        conditions.append(Condition("clone", {0: _CLONE_THREAD}, bit=True))
    return _packed(_program(calls, refused, conditions, missing))


def disconnect() -> None:
    """Refuse every new socket and connection, in all threads: whom this process talks to, it is connected with.

    Raises
    ------
    OSError
        If the kernel refuses, or a thread has another filter than this one.
    """
    _install(_disconnecting(), everywhere=True)


def prepare(*, truncate: bool, signals: bool) -> None:
    """Make the filters here and now: in the fork server, whose memory all its processes share."""
    if signals:
        for alone in (False, True):
            _filter(truncate, signals, alone, 0)
    _disconnecting()


@functools.cache
def _disconnecting() -> "_Program":
    return _packed(_program(MACHINES[platform.machine()], syscalls.SOCKETS, (), ()))


def _packed(instructions: list[bytes]) -> "_Program":
    code = ctypes.create_string_buffer(b"".join(instructions))
    program = _Program(len(instructions), ctypes.addressof(code))
    program.code = code  # lives as long
    return program


def _install(program: "_Program", *, everywhere: bool = False) -> None:
    if everywhere:
        number = ctypes.c_long(MACHINES[platform.machine()].numbers["seccomp"])
        done = int(_libc.syscall(number, _SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC, ctypes.byref(program)))
    else:
        done = int(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0))
    if done != 0:
        code_of = ctypes.get_errno() if done < 0 else errno.EBUSY
        raise OSError(code_of, os.strerror(code_of))


def _program(
    calls: Calls, refused: Iterable[str], conditions: Iterable[Condition], missing: Iterable[str]
) -> list[bytes]:
    """Give the filter: wrong architecture, killed; refused calls, EPERM; missing ones, ENOSYS; the rest, allowed.

    Jumps count the instructions that are passed over. A call that this machine does not have is left out.
    """
    code = [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_EQUAL, calls.audit, true=1),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER),
        _instruction(_AT_LEAST, _X32, false=1),
        _instruction(_RETURN, _ERROR | errno.EPERM),
    ]
    for names, number in ((refused, errno.EPERM), (missing, errno.ENOSYS)):
        for name in names:
            if name in calls.numbers:
                code += [_instruction(_EQUAL, calls.numbers[name], false=1), _instruction(_RETURN, _ERROR | number)]
    for condition in conditions:
        if condition.call in calls.numbers:
            code += _checked(calls.numbers[condition.call], condition)
    return [*code, _instruction(_RETURN, _ALLOW)]


def _checked(number: int, condition: Condition) -> list[bytes]:
    """Give the instructions that decide about a call by its arguments."""
    compare = _ANY_BIT if condition.bit else _EQUAL
    refuse = [_instruction(_RETURN, _ERROR | condition.error)]
    decide: list[bytes] = [_instruction(_RETURN, _ALLOW)]
    for place, value in condition.arguments.items():
        low = _ARGUMENTS + 8 * place
        # A pointer is nowhere only if both of its halves are.
        halves = [(low, value)] if value else [(low, 0), (low + 4, 0)]
        for offset, wanted in halves:
            decide = [_instruction(_LOAD, offset), _instruction(compare, wanted, false=len(decide)), *decide]
    return [_instruction(_EQUAL, number, false=len(decide) + 1), *decide, *refuse]


def _instruction(code: int, value: int, *, true: int = 0, false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, true, false, value)

"""Run a function in a forked process that may crash or hang, and get its bytes.

Where the sandbox allows no process (jobs and builders) the caller is itself one that may crash: it is run there.

For a third party's code that must answer while the caller waits. The child shares the
caller's memory as it was, its sandbox and its limits; it dies with the caller.
"""

import contextlib
import ctypes
import math
import os
import select
import signal
import struct
import time
from collections.abc import Callable
from typing import NoReturn

import msgspec

from toyz.errors import CorruptFile, ErrorInfo, TimedOut, ToyzError, from_info
from toyz_extensions.loader import plain_error

_PR_SET_PDEATHSIG = 1
_LENGTH = struct.Struct(">Q")
_RETURNED, _RAISED = b"=", b"!"
_libc = ctypes.CDLL(None, use_errno=True)


def run_disposable(function: Callable[[], bytes], *, seconds: float, what: str) -> bytes:
    """Call `function` in a child and give what it returned.

    Parameters
    ----------
    function : callable
        Without arguments.
    seconds : float
        After which the child is killed.
    what : str
        Who is called, for messages: "the reader Hello".

    Raises
    ------
    ToyzError
        What the function raised, if it is one of ours.
    CorruptFile
        If it raised anything else, or crashed.
    TimedOut
    """
    read_end, write_end = os.pipe()
    caller = os.getpid()
    try:
        child = os.fork()
    except PermissionError:
        os.close(read_end)
        os.close(write_end)
        return _call(function, what)
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(math.ceil(seconds))
        _answer(function, write_end, caller, what)
    os.close(write_end)
    try:
        answer = _receive(read_end, time.monotonic() + seconds)
    except TimeoutError:
        raise TimedOut(f"{what} did not finish within {seconds:g} s") from None
    finally:
        os.close(read_end)
        # Where a sandbox allows no signal to others, the child's own alarm ends it.
        with contextlib.suppress(PermissionError):
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if answer:
        return _result(answer)
    crash = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit status {os.WEXITSTATUS(status)}"
    raise CorruptFile(f"{what} crashed on this file ({crash})")


def _call(function: Callable[[], bytes], what: str) -> bytes:
    try:
        return function()
    except ToyzError:
        raise
    except Exception as error:
        raise CorruptFile(f"{what} failed: {plain_error(error)}") from error


def _result(answer: bytes) -> bytes:
    if answer.startswith(_RAISED):
        raise from_info(msgspec.json.decode(answer[len(_RAISED) :], type=ErrorInfo))
    return answer[len(_RETURNED) :]


def _receive(descriptor: int, deadline: float) -> bytes:
    """Read one answer; empty if the child ended without one."""
    data = bytearray()
    while len(data) < _LENGTH.size or len(data) < _LENGTH.size + _LENGTH.unpack_from(data)[0]:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        part = os.read(descriptor, 1 << 16)
        if not part:
            return b""
        data += part
    return bytes(data[_LENGTH.size :])


def _answer(function: Callable[[], bytes], descriptor: int, caller: int, what: str) -> NoReturn:
    """In the child: call, send, and leave without running anybody's exit handlers."""
    try:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != caller:
            os._exit(1)
        try:
            answer = _RETURNED + _call(function, what)
        except ToyzError as error:
            answer = _RAISED + msgspec.json.encode(error.info)
        rest = memoryview(_LENGTH.pack(len(answer)) + answer)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os._exit(0)
    finally:
        os._exit(1)

"""A session that was taken over: what it tries, besides what any library can be called for."""

import ctypes
import os
import socket

from tests.sessions.standins import EchoWorkshop


class Intruder(EchoWorkshop):
    """Answers calls, also of this module's functions, which are imported by now."""


def reach(endpoint: str) -> None:
    """Connect to another session's socket, or just make one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as found:
        found.connect(endpoint.removeprefix("ipc://"))


def attach(pid: int) -> None:
    """Trace another process, then look into its memory."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, pid, 0, 0) == 0:
        return
    if libc.process_vm_readv(pid, None, 0, None, 0, 0) == 0:
        return
    raise OSError(ctypes.get_errno(), "refused")


def set_attribute(path: str) -> None:
    """Note something beside a file."""
    os.setxattr(path, "user.mine", b"x")


def touch(path: str) -> None:
    """Give a file other times."""
    os.utime(path, (0, 0))


def share_memory() -> None:
    """Make memory that others of the account can find."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.shmget(0x70797A, 4096, 0o1600) < 0:
        raise OSError(ctypes.get_errno(), "refused")

"""Children end with the server, however it ends.

A process of the fork server is its child, so the kernel kills it when the fork server dies.
The fork server dies when the server does: it reads a pipe of which the server must then hold
the only other end. `multiprocess` hands that end to every process, so each gives it up here.
Should all that fail, each process also watches a pipe from the server itself.
"""

import ctypes
import os
import signal

from multiprocess import forkserver, process

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """Have this process killed when the thread that forked it ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def tie_to_server() -> int:
    """Tie this process to the server, in a process group of its own.

    Returns
    -------
    int
        A descriptor that becomes readable when the server is gone; -1 if there is none.
    """
    die_with_parent()
    # What its descendants leave behind stays its own, and is found and killed with it.
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    inherited = forkserver._forkserver
    if inherited._forkserver_alive_fd is not None:
        os.close(inherited._forkserver_alive_fd)
        inherited._forkserver_alive_fd = None
    parent = process.parent_process()
    return -1 if parent is None else int(parent.sentinel)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))

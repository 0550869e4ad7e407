"""Processes see a file system, processes and a network of their own, made by bubblewrap (``bwrap(1)``).

To start Python and its libraries anew in each would take seconds. So bubblewrap makes the namespaces around a shell
that waits, and a process of the fork server, which has everything imported, enters them (``setns(2)``). It forks once
more, since only children enter a namespace of processes; the parent stays outside, and ends as the child ends.
"""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from toyz.errors import BadRequest
from toyz_sessions.landlock import Access, Rule
from toyz_sessions.lifeline import tie_to_server
from toyz_sessions.spawners.base import Place, Spawner

PROGRAM = "bwrap"
_WAIT = ("/bin/sh", "-c", "echo; read line")
"""Says that all is made, then stays until who started it is gone."""
_OPTIONS = (
    *("--unshare-all", "--die-with-parent"),
    *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"),  # noqa: S108 - a private one
)
_NAMESPACES = 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000 | 0x00020000
"""CLONE_NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWNS."""
_SYSTEM = tuple(Rule(Path(path), Access.READ_FILE) for path in ("/bin/sh", "/lib", "/lib64", "/usr/lib", "/usr/lib64"))
_SECONDS = 10
_libc = ctypes.CDLL(None, use_errno=True)


class BubblewrapSpawner(Spawner):
    """Enters what bubblewrap has made."""

    name = "bubblewrap"
    holds_files = True
    counted_alone = True
    overhead = 4

    def check(self) -> None:
        """Try it.

        Raises
        ------
        BadRequest
        """
        problem = problem_of_bubblewrap()
        if problem:
            raise BadRequest(f"the spawner 'bubblewrap' does not work here: {problem}")

    @staticmethod
    def confine(place: Place, rules: Callable[[], Sequence[Rule]]) -> None:
        """Go on as a child in namespaces of its own; the process itself stays and waits for it.

        Raises
        ------
        OSError
        """
        tie_to_server()
        keeper, inside = _make([*_SYSTEM, *rules(), Rule(Path(place.socket), Access.READ_FILE | Access.WRITE_FILE)])
        namespace = os.pidfd_open(inside)
        if _libc.setns(namespace, _NAMESPACES) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        os.close(namespace)
        child = os.fork()
        if child:
            _end_like(child)
        assert keeper.stdin is not None
        keeper.stdin.close()
        keeper.returncode = 0  # it is the parent's


def problem_of_bubblewrap() -> str:
    """Say why bubblewrap does not work here; empty if it does."""
    if shutil.which(PROGRAM) is None:
        return "there is no program bwrap; on Debian and Ubuntu it is the package bubblewrap"
    command = [PROGRAM, *_OPTIONS, *binds(_SYSTEM), *_WAIT]
    try:
        done = subprocess.run(command, input="", capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"it cannot be run ({type(error).__name__})"
    if done.stdout == "\n":
        return ""
    said = done.stderr.strip().splitlines() or ["it says nothing"]
    return f"this kernel gives unprivileged users no namespaces ({said[-1][:200]})"


def binds(rules: Sequence[Rule]) -> Iterator[str]:
    """Give the options that show what `rules` allow, and nothing else: outer folders before what lies in them."""
    for rule in sorted(rules, key=lambda rule: len(rule.path.parts)):
        if rule.path.parts[:2] != ("/", "dev"):
            writes = rule.access & (Access.WRITE_FILE | Access.MAKE_REG)
            yield from ("--bind-try" if writes else "--ro-bind-try", str(rule.path), str(rule.path))


def _make(rules: Sequence[Rule]) -> "tuple[subprocess.Popen[bytes], int]":
    """Have bubblewrap make the namespaces; give what keeps them, and a process inside."""
    told, telling = os.pipe()
    command = [PROGRAM, *_OPTIONS, *binds(rules), "--info-fd", str(telling), *_WAIT]
    keeper = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=(telling,), start_new_session=True
    )
    os.close(telling)
    with open(told, "rb") as info:
        assert keeper.stdout is not None
        if keeper.stdout.readline() != b"\n":
            raise OSError("bubblewrap could not make the namespaces")
        keeper.stdout.close()
        return keeper, int(json.loads(info.read())["child-pid"])


def _end_like(child: int) -> NoReturn:
    """Wait for the child, hand on the request to end, and end in the same way."""
    for number in (signal.SIGTERM, signal.SIGXCPU):
        signal.signal(number, lambda number, frame: _hand_on(child, number))
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        with contextlib.suppress(OSError):
            signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 1)


def _hand_on(child: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, number)

"""X3: what a session of a user, taken over by whatever, can do to other processes of the same account: nothing."""

import os
import resource
import socket
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.sessions.rig import looped, make_config, managed, open_window
from toyz.errors import ToyzError
from toyz_sessions import seccomp
from toyz_sessions.forkserver import ForkServer
from toyz_sessions.sandbox import sandbox_available

pytestmark = pytest.mark.skipif(
    not sandbox_available() or not seccomp.available(), reason="this kernel has no Landlock, or no seccomp"
)
INTRUDER = "tests.abuse.intruder:Intruder"


def attempts(pid: int, endpoint: str, scratch: str, outside: str) -> list[tuple[str, str, list[Any]]]:
    """Give what a session tries, as module, function and arguments."""
    return [
        ("os", "kill", [pid, 9]),
        ("os", "killpg", [os.getpgid(pid), 9]),
        ("resource", "prlimit", [pid, resource.RLIMIT_CPU, [1, 1]]),
        ("os", "setpriority", [os.PRIO_PROCESS, pid, 19]),
        ("os", "setpriority", [os.PRIO_USER, 0, 19]),
        ("os", "setsid", []),
        ("os", "setpgid", [0, pid]),
        *(("builtins", "open", [f"/proc/{pid}/{name}", "rb"]) for name in ("environ", "maps", "mem", "cmdline")),
        ("os", "listdir", [f"/proc/{pid}/fd"]),
        ("os", "listdir", ["/proc"]),
        ("os", "listdir", [str(Path(scratch).parent)]),
        ("os", "listdir", [scratch]),
        ("os", "mkdir", [f"{scratch}/mine"]),
        ("os", "rmdir", [scratch]),
        ("tests.abuse.intruder", "reach", [endpoint]),
        ("tests.abuse.intruder", "reach", [""]),
        ("tests.abuse.intruder", "attach", [pid]),
        ("tests.abuse.intruder", "share_memory", []),
        ("socket", "socket", [socket.AF_INET, socket.SOCK_DGRAM]),
        ("socket", "socket", [socket.AF_NETLINK, socket.SOCK_RAW]),
        ("os", "chmod", [outside, 0o777]),
        ("tests.abuse.intruder", "touch", [outside]),
        ("os", "chown", [outside, os.getuid(), os.getgid()]),
        ("tests.abuse.intruder", "set_attribute", [outside]),
        ("os", "truncate", [outside, 0]),
        ("os", "link", [outside, f"{outside}2"]),
    ]


@looped
async def test_x3_other_sessions_are_out_of_reach(tmp_path: Path, forkserver: ForkServer) -> None:
    with tempfile.NamedTemporaryFile() as outside:
        outside.write(b"kept")
        outside.flush()
        async with managed(make_config(tmp_path), forkserver, INTRUDER) as manager:
            window, other = await open_window(manager), await open_window(manager, "w2")
            scratch = (await other.call("who"))["scratch"]
            endpoint = other.handle._worker._channel.endpoint  # type: ignore[union-attr]
            done = []
            for pid in (other.handle.pid, os.getpid(), forkserver.pid):
                for module, name, arguments in attempts(pid, endpoint, scratch, outside.name):
                    try:
                        did = await window.call("call", module=module, name=name, arguments=arguments)
                        done.append((name, arguments, did))
                    except ToyzError as error:
                        if "PermissionError" not in error.message:
                            done.append((name, arguments, error.message))
            assert done == []
            await window.call("call", module="os", name="sched_setaffinity", arguments=[os.getpid(), [0]])
            assert len(os.sched_getaffinity(0)) == os.cpu_count(), "the server was confined to one processor"
            assert other.listener.lost == []
            outside.seek(0)
            assert outside.read() == b"kept"
            assert os.stat(outside.name).st_mode & 0o777 == 0o600


@looped
async def test_x3_what_is_tried_would_work_without_the_sandbox(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path, sandbox=False), forkserver, INTRUDER) as manager:
        window, other = await open_window(manager), await open_window(manager, "w2")
        scratch = (await other.call("who"))["scratch"]
        for module, name, arguments in (
            ("os", "kill", [other.handle.pid, 0]),
            ("os", "listdir", [scratch]),
            ("builtins", "open", [f"/proc/{other.handle.pid}/maps", "rb"]),
            ("resource", "prlimit", [other.handle.pid, resource.RLIMIT_CORE]),
            ("tests.abuse.intruder", "share_memory", []),
            ("socket", "socket", [socket.AF_INET, socket.SOCK_DGRAM]),
        ):
            await window.call("call", module=module, name=name, arguments=arguments)

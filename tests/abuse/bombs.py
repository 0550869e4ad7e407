"""A plugin whose tasks do to the machine what jobs may do to it."""

import ctypes
import mmap
import os
import time
from typing import Any

from toyz import Context, Plugin, TaskLimits

plugin = Plugin("bombs", title="Bombs")
MEGABYTE = b"x" * (1 << 20)


@plugin.task
def hello(context: Context) -> int:
    """Count the calls of this session."""
    context.session["calls"] = context.session.get("calls", 0) + 1
    return int(context.session["calls"])


@plugin.task
def sleep_here(context: Context) -> None:
    """Wait for ever in the session, and hear nothing."""
    time.sleep(1e6)


@plugin.task
def fill_here(context: Context, megabytes: int) -> int:
    """Write into the session's scratch folder."""
    for number in range(megabytes):
        (context.scratch / f"{time.monotonic_ns()}-{number}").write_bytes(MEGABYTE)
    return len(list(context.scratch.iterdir()))


@plugin.task
def flood_here(context: Context) -> None:
    """Fill the session's scratch folder without end."""
    while True:
        fill_here(context, 100)


@plugin.task
def fork_here(context: Context) -> str:
    """Start a process in the session."""
    try:
        return str(os.fork())
    except PermissionError as error:
        return type(error).__name__


@plugin.task(long=True)
def fork(context: Context) -> None:
    """Start processes without end, each of which does the same."""
    while True:
        os.fork()


@plugin.task(long=True)
def memory(context: Context) -> int:
    """Take memory without end."""
    held = []
    while True:
        held.append(bytearray(64 << 20))


@plugin.task(long=True)
def shared_memory(context: Context) -> int:
    """Take memory that no limit of one process counts."""
    held: list[Any] = []
    while True:
        held.append(mmap.mmap(-1, 64 << 20))
        held[-1].write(MEGABYTE * 64)


@plugin.task(long=True)
def memory_file(context: Context) -> int:
    """Take memory in a file that is nowhere."""
    descriptor = os.memfd_create("bomb")
    while True:
        os.write(descriptor, MEGABYTE)


@plugin.task(long=True, limits=TaskLimits(memory=2 << 40))
def greedy(context: Context) -> None:
    """Ask for more memory than the configuration ever gives."""
    bytearray(16 << 30)


@plugin.task(long=True, limits=TaskLimits(cpu=1))
def cpu(context: Context) -> None:
    """Compute for ever."""
    while True:
        pass


@plugin.task(long=True, limits=TaskLimits(processes=1000))
def many(context: Context) -> None:
    """Start processes without end, of which each does nothing: the task said that it needs some."""
    while True:
        if os.fork() == 0:
            time.sleep(1e6)
        time.sleep(0.002)


@plugin.task(long=True, limits=TaskLimits(processes=12))
def memory_of_children(context: Context) -> None:
    """Take memory in children that each stay within what one may have."""
    for _ in range(4):
        if os.fork() == 0:
            held = bytearray(500_000_000)
            held[::4096] = b"x" * len(held[::4096])
            time.sleep(1e6)
    time.sleep(1e6)


@plugin.task(long=True, limits=TaskLimits(cpu=1, processes=2))
def cpu_of_children(context: Context) -> None:
    """Compute for ever in children that each stay within their second."""
    while True:
        child = os.fork()
        if child == 0:
            until = time.process_time() + 0.3
            while time.process_time() < until:
                pass
            os._exit(0)
        os.waitpid(child, 0)


@plugin.task(long=True, limits=TaskLimits(time=1))
def sleep(context: Context) -> None:
    """Wait for ever."""
    time.sleep(1e6)


@plugin.task(long=True)
def crash(context: Context) -> None:
    """Read from nowhere."""
    ctypes.string_at(0)


@plugin.task(long=True, limits=TaskLimits(file=1 << 20))
def large_file(context: Context) -> None:
    """Write a file beyond what one may hold."""
    (context.scratch / "large").write_bytes(MEGABYTE * 2)


@plugin.task(long=True)
def scratch(context: Context, nameless: bool = False) -> None:
    """Fill the scratch folder."""
    number = 0
    while True:
        number += 1
        path = context.scratch / str(number)
        file = path.open("wb")
        if nameless:
            path.unlink()
        file.write(MEGABYTE)
        file.flush()
        context.session[str(number)] = file


@plugin.task(long=True)
def scratch_files(context: Context) -> None:
    """Make files without end."""
    number = 0
    while True:
        number += 1
        (context.scratch / str(number)).touch()


@plugin.task(long=True)
def alone(context: Context) -> list[str]:
    """Try to start a process where the task did not say that it needs one."""
    said = []
    for start in (os.fork, lambda: os.posix_spawn("/bin/true", ["true"], {})):
        try:
            start()
        except OSError as error:
            said.append(type(error).__name__)
    return said


@plugin.task(long=True, limits=TaskLimits(processes=4))
def orphans(context: Context) -> list[int]:
    """Leave processes behind that tried to get away."""
    read_end, write_end = os.pipe()
    if os.fork() == 0:
        if os.fork() == 0:
            for away in (os.setsid, lambda: os.setpgid(0, 0)):
                try:
                    away()
                except PermissionError:
                    continue
            os.write(write_end, b"%d" % os.getpid())
            time.sleep(1e6)
        os._exit(0)
    os.wait()
    orphan = int(os.read(read_end, 100))
    return [orphan, os.getpgid(0), os.getpgid(orphan)]

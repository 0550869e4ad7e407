"""A builder: the process of one build."""

import fcntl
import os
from pathlib import Path
from pkgutil import resolve_name

from toyz.config import Limits
from toyz.errors import Busy
from toyz_sessions import priority
from toyz_sessions.courtesy import Courtesy
from toyz_sessions.entry import enter
from toyz_sessions.errand import Errand
from toyz_sessions.keys import SUFFIXES
from toyz_sessions.messages import Build
from toyz_sessions.order import Order
from toyz_sessions.sandbox import builder_rules

PARTIAL = ".partial"


def run_builder(order: Order, build: Build, runner: str) -> None:
    """Run one build in the sandbox of its share, and give its file the final name when it is on the disk."""
    priority.leave_half_the_cpus()
    # Nobody waits for a pyramid, but for what is unpacked or decoded somebody does.
    courtesy = Courtesy() if build.kind == "pyramid" else None
    run = resolve_name(runner)
    grant = order.grants[0]
    rules = builder_rules(grant, order.folder)
    entered = enter(order, lambda: rules, file_size=_largest(build, order.limits), nice=priority.BUILD)
    errand = Errand(build.key, f"build {build.kind} of {build.share}")
    final = Path(grant.cache) / f"{build.key}{SUFFIXES[build.kind]}"

    def report(fraction: float) -> None:
        errand.progress(fraction)
        if courtesy is not None:
            courtesy.pause()

    def do() -> bytes:
        partial = final.with_name(final.name + PARTIAL)
        folder = os.open(final.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(folder, fcntl.LOCK_SH)
        held = _claim(partial)
        run(build, entered.shares, partial, report, order.limits)
        os.fsync(held)
        os.replace(partial, final)
        os.fsync(folder)
        return b""

    entered.ready()
    errand.run(entered.channel, do)


def _largest(build: Build, limits: Limits) -> int:
    """Give the bytes that a file may hold: pyramids are no part of the spool."""
    return limits.spool_file if build.kind == "pyramid" else min(limits.spool_file, limits.spool)


def _claim(partial: Path) -> int:
    """Make the file and lock it, so that no other server's builder writes the same.

    Raises
    ------
    Busy
        If one does.
    """
    held = os.open(partial, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.stat(partial).st_ino != os.fstat(held).st_ino:
            raise BlockingIOError
    except (BlockingIOError, FileNotFoundError):
        os.close(held)
        raise Busy("another server is building this; try again in a moment") from None
    return held

"""A builder: the process of one build."""

import fcntl
import os
import time
from pathlib import Path
from pkgutil import resolve_name

from toyz.errors import Cancelled
from toyz_sessions import priority
from toyz_sessions.allocation import keep_freed_memory
from toyz_sessions.courtesy import Courtesy
from toyz_sessions.entry import enter
from toyz_sessions.errand import Errand
from toyz_sessions.keys import PARTIAL, SUFFIXES
from toyz_sessions.messages import Build
from toyz_sessions.order import Order
from toyz_sessions.quota import claim
from toyz_sessions.sandbox import builder_rules
from toyz_sessions.writeback import written_back

_TURN = 0.1
"""Seconds between two looks at whether another server's builder has ended."""
_AFOOT = 0.01
"""Progress that is told while another server's builder writes the file."""


def run_builder(order: Order, build: Build, runner: str) -> None:
    """Run one build in the sandbox of its share, and give its file the final name when it is on the disk."""
    priority.leave_half_the_cpus()
    keep_freed_memory()
    # Nobody waits for a pyramid, but for what is unpacked or decoded somebody does.
    courtesy, nice = (Courtesy(), priority.IDLE) if build.kind == "pyramid" else (None, priority.JOB)
    run = resolve_name(runner)
    grant = order.grants[0]
    rules = builder_rules(grant, order.folder)
    entered = enter(order, lambda: rules, nice=nice)
    errand = Errand(build.key, f"build {build.kind} of {build.share}", order.bounds)
    final = Path(grant.cache) / f"{build.key}{SUFFIXES[build.kind]}"

    def report(fraction: float) -> None:
        errand.progress(fraction)
        _check(errand)
        if courtesy is not None:
            courtesy.pause()

    def do() -> bytes:
        partial = final.with_name(final.name + PARTIAL)
        folder = os.open(final.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(folder, fcntl.LOCK_SH)
        held = _take_turn(partial, errand)
        if final.exists():
            # Another server's builder was faster.
            partial.unlink()
            return b""
        with written_back(held):
            run(build, entered.shares, partial, report, order.limits)
        os.replace(partial, final)
        os.fsync(folder)
        return b""

    entered.ready()
    errand.run(entered.channel, do)


def _check(errand: Errand) -> None:
    if errand.cancelled.is_set():
        raise Cancelled("nobody wants this any more")


def _take_turn(partial: Path, errand: Errand) -> int:
    """Make the file and lock it, once no other server's builder writes the same.

    Raises
    ------
    Cancelled
    """
    while (held := claim(partial, create=True)) is None:
        _check(errand)
        errand.progress(_AFOOT)
        time.sleep(_TURN)
    return held

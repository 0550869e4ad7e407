"""What the kernel lets a process use."""

import contextlib
import os
import resource

from toyz_sessions.bounds import Bounds

_DESCRIPTORS = 4096
THREADS = 1024
"""Threads of a process and all that it starts."""
_LAST_SECONDS = 5
"""Processor seconds from the signal that ends a process to the one that it cannot catch."""
_SACRIFICE = {"session": b"300", "builder": b"600", "job": b"800"}
"""Who is killed first when the machine runs out of memory: never the server (``/proc/PID/oom_score_adj``)."""


def apply_limits(bounds: Bounds, *, counted_alone: bool = False) -> None:
    """Limit this process, and each that it starts, for good.

    ``memory`` is private writable memory (RLIMIT_DATA): what a mapped file takes is not counted. A write
    beyond ``file`` fails with EFBIG. RLIMIT_NPROC counts all that a user runs, so it is of use only where this
    process has a namespace of users to itself (`counted_alone`).
    """
    lower(resource.RLIMIT_DATA, bounds.memory)
    lower(resource.RLIMIT_CORE, 0)
    lower(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    if bounds.file:
        lower(resource.RLIMIT_FSIZE, bounds.file)
    if bounds.cpu:
        lower(resource.RLIMIT_CPU, int(bounds.cpu) + 1, grace=_LAST_SECONDS)
    if counted_alone and bounds.processes:
        lower(resource.RLIMIT_NPROC, bounds.processes + THREADS)
    with contextlib.suppress(OSError):
        score = os.open("/proc/self/oom_score_adj", os.O_WRONLY | os.O_CLOEXEC)
        os.write(score, _SACRIFICE[bounds.kind])
        os.close(score)


def lower(kind: int, value: int, *, grace: int = 0) -> None:
    """Set the soft limit to `value` and the hard one to `grace` more, or to what it is if that is less."""
    _, hard = resource.getrlimit(kind)
    bound = value + grace if hard == resource.RLIM_INFINITY else min(value + grace, hard)
    resource.setrlimit(kind, (min(value, bound), bound))

"""Who steps aside for whom: what nobody waits for goes after what answers a person."""

import os
import time
from contextlib import suppress

IDLE = 10
"""Pyramids: a tenth of what a session gets, so that they end on a busy machine too."""
JOB = 5
"""Somebody waits for a job, or for a file to be unpacked, but not for the next sixtieth of a second."""
READ_AHEAD = 10
"""Threads that read the CCDs of a whole mosaic, beside the one that answers the window."""

_AUTOGROUP = "/proc/self/autogroup"
_TRIES = 5
_PAUSE = 0.11
"""Seconds: the kernel takes one such change in a tenth of a second from all who are not root."""


def lower_process(nice: int) -> None:
    """Lower the priority of this process, before it starts threads and after its ``setsid``.

    Where the kernel schedules by terminal session ("autogroups"), a process with a session of its
    own counts as a group of normal weight whatever its nice value, so the group is lowered too.
    """
    os.nice(nice)
    for _ in range(_TRIES):
        try:
            with open(_AUTOGROUP, "w", encoding="ascii") as group:
                group.write(str(nice))
        except BlockingIOError:
            time.sleep(_PAUSE)
        except OSError:
            return
        else:
            return


def leave_half_the_cpus() -> None:
    """Keep this process, before it starts threads, to half of its CPUs; with a single one it keeps that.

    The other half is free for people at any moment. A disk is hardly faster than one CPU reduces
    what it gives, so the work takes about as long.
    """
    allowed = sorted(os.sched_getaffinity(0))
    with suppress(OSError):
        os.sched_setaffinity(0, allowed[len(allowed) // 2 :])


def lower_thread(nice: int) -> None:
    """Lower the priority of the calling thread (on Linux a thread has its own)."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, max(nice, os.getpriority(os.PRIO_PROCESS, 0)))

"""Rests for work that nobody waits for, while others use the machine."""

import os
import time
from pathlib import Path

STAT = Path("/proc/stat")
_IDLE = {3, 4}
"""Places of the ticks in which a processor had nothing to run."""
_GUESTS = 8
"""From here on the ticks are counted among the earlier ones already."""
_PERIOD = 0.25
_LONGEST = 0.5
"""Seconds: what asks for a processor now waits no longer for the work than this."""
_OTHERS = 0.05
"""Of one processor; what a machine uses that does nothing is less."""


def busy_seconds(stat: str) -> float:
    """Give the time for which the processors have run anything at all.

    Parameters
    ----------
    stat : str
        ``/proc/stat``, at least its first line.

    Raises
    ------
    ValueError
        If it is something else.
    """
    words = stat.partition("\n")[0].split()
    ticks = words[1 : _GUESTS + 1]
    if words[:1] != ["cpu"] or len(ticks) < _GUESTS or not all(map(str.isdecimal, ticks)):
        raise ValueError("this is not what the kernel counts of its processors")
    busy = sum(int(tick) for place, tick in enumerate(ticks) if place not in _IDLE)
    return busy / os.sysconf("SC_CLK_TCK")


class Courtesy:
    """Between two pieces of work, rests as long as the last one kept a processor busy if others use the machine.

    A low priority alone is not enough: memory, caches, disks, and the processor time that a container
    or a virtual machine may use, are shared without regard to it.

    Parameters
    ----------
    stat : Path
        Is opened now, because a sandbox may close the way to it.
    """

    def __init__(self, stat: Path = STAT) -> None:
        try:
            self._stat = os.open(stat, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._stat = -1
        # Whoever has the work done has just opened a file, and is about to look around in it.
        self.others = float(self._stat >= 0)
        self._resumed = time.process_time()
        self._seen = self._look()

    def pause(self) -> None:
        """Say that a piece of work is done; rest if that is wanted."""
        self._measure()
        if self.others > _OTHERS:
            time.sleep(min(_LONGEST, time.process_time() - self._resumed))
        self._resumed = time.process_time()

    def _measure(self) -> None:
        moment, busy, own = self._seen
        if time.monotonic() - moment >= _PERIOD:
            self._seen = self._look()
            used = self._seen[1] - busy - (self._seen[2] - own)
            self.others = max(0.0, used / (self._seen[0] - moment))

    def _look(self) -> tuple[float, float, float]:
        # Seconds: the clock, processors busy with anything, processors busy with this process.
        try:
            busy = busy_seconds(os.pread(self._stat, 4096, 0).decode("ascii", "replace")) if self._stat >= 0 else 0.0
        except (OSError, ValueError):
            busy = 0.0
        return time.monotonic(), busy, time.process_time()

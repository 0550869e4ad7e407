"""How much memory processes have, as the kernel says."""

import os
import threading
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

AT_ONCE = 20
"""Processes whose own memory is measured at a time: the kernel walks through all their pages."""
_REMEMBERED = 2000
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Memory(NamedTuple):
    """Bytes of memory: all that is resident, and what a process has for itself.

    Pages that several processes have in common, as sessions have those of the fork server, count in
    parts in the second (PSS), so that it can be added up.
    """

    resident: int
    own: int


class Memories:
    """Measures the memory of processes, a few at a time; of the others it tells what they had last."""

    def __init__(self) -> None:
        self._own: OrderedDict[int, int] = OrderedDict()
        self._lock = threading.Lock()

    def measure(self, pids: Iterable[int]) -> dict[int, Memory]:
        """Give the memory of processes, without those that are gone or that the system does not tell of.

        It may be called in any thread.
        """
        resident = {pid: size for pid in set(pids) if pid and (size := _resident(pid))}
        with self._lock:
            # Those of which nothing is known come first, then those that were measured longest ago.
            ages = {pid: age for age, pid in enumerate(self._own)}
            order = sorted(resident, key=lambda pid: ages.get(pid, -1))
            for pid in order[:AT_ONCE]:
                self._own[pid] = _proportional(pid)
                self._own.move_to_end(pid)
            while len(self._own) > _REMEMBERED:
                self._own.popitem(last=False)
            return {pid: Memory(size, min(size, self._own.get(pid, 0))) for pid, size in resident.items()}


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)

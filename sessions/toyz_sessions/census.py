"""What a process and all that it has started use, as ``/proc`` tells the server.

Orphans are found too: a process of ours adopts what its descendants leave behind
(``PR_SET_CHILD_SUBREAPER``, see `toyz_sessions.lifeline`).
"""

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")
_MOST = 500
"""Processes that are looked for unless more may be there: more are a bomb, which is not to be counted but ended."""
_RESIDENT = re.compile(rb"^(?:RssAnon|VmSwap):\s*(\d+)", re.MULTILINE)
_SHARED = re.compile(rb"^RssShmem:\s*(\d+)", re.MULTILINE)
_PROPORTIONAL = re.compile(rb"^(?:Pss_Anon|Pss_Shmem|SwapPss):\s*(\d+)", re.MULTILINE)


class Census(NamedTuple):
    """What a process and its descendants use.

    Attributes
    ----------
    pids : tuple of int
        Itself first.
    tasks : int
        Processes and threads.
    memory : int
        Bytes of private and shared memory; what a fork shares is counted in each.
    cpu : float
        Processor seconds, those of descendants that have ended among them.
    """

    pids: tuple[int, ...]
    tasks: int
    memory: int
    cpu: float


def take_census(pid: int, most: int = _MOST) -> Census:
    """Count a process and its descendants; one that has ended counts nothing.

    Once there are more than `most`, the rest is not looked for, and memory and time are not counted.
    """
    family = tuple(_family(pid, most))
    pids, tasks = tuple(each for each, _ in family), sum(threads for _, threads in family)
    if len(pids) > most:
        return Census(pids, tasks, 0, 0.0)
    return Census(pids, tasks, sum(map(_memory, pids)), sum(map(_cpu, pids)))


def shared_out_memory(pids: tuple[int, ...]) -> int:
    """Give the bytes of memory of some processes with what they share counted once; slower than a census."""
    total = 0
    for pid in pids:
        total += sum(map(int, _PROPORTIONAL.findall(_read(f"/proc/{pid}/smaps_rollup")))) * 1024
        total += _memory_files(pid)
    return total


def descendants(pid: int) -> list[int]:
    """Give the descendants of a process."""
    return [each for each, _ in _family(pid, _MOST)][1:]


def unlinked_bytes(pids: tuple[int, ...], device: int) -> int:
    """Give the bytes of files on a device that are open in some processes and have no name any more."""
    found: dict[int, int] = {}
    for pid in pids:
        for _, status in _nameless(pid):
            if status.st_dev == device:
                found[status.st_ino] = status.st_blocks * 512
    return sum(found.values())


def machine_tasks() -> int:
    """Give how many processes and threads the machine has."""
    counts = _read("/proc/loadavg").split()
    return int(counts[3].partition(b"/")[2]) if len(counts) > 3 else 0


def _family(pid: int, most: int) -> Iterator[tuple[int, int]]:
    """Give a process and its descendants, one more than `most` at most, each with the number of its threads."""
    waiting, seen, given = [pid], {pid}, 0
    while waiting and given <= most:
        each = waiting.pop()
        try:
            threads = os.listdir(f"/proc/{each}/task")
        except OSError:
            continue
        yield each, len(threads)
        given += 1
        for thread in threads:
            for child in map(int, _read(f"/proc/{each}/task/{thread}/children").split()):
                if child not in seen:
                    seen.add(child)
                    waiting.append(child)


def _memory(pid: int) -> int:
    status = _read(f"/proc/{pid}/status")
    shared = sum(map(int, _SHARED.findall(status))) * 1024
    return sum(map(int, _RESIDENT.findall(status))) * 1024 + max(shared, _memory_files(pid))


def _memory_files(pid: int) -> int:
    """Give the bytes of the files in memory (``memfd_create``) that a process has open."""
    return sum(status.st_blocks * 512 for target, status in _nameless(pid) if target.startswith("/memfd:"))


def _nameless(pid: int) -> Iterator[tuple[str, os.stat_result]]:
    """Give the regular files without a name that a process has open."""
    folder = f"/proc/{pid}/fd"
    with contextlib.suppress(OSError):
        for number in os.listdir(folder):
            with contextlib.suppress(OSError):
                target = os.readlink(f"{folder}/{number}")
                if target.endswith(" (deleted)"):
                    status = os.stat(f"{folder}/{number}")
                    if stat.S_ISREG(status.st_mode) and not status.st_nlink:
                        yield target, status


def _cpu(pid: int) -> float:
    fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS if len(fields) > 14 else 0.0


def _read(path: str) -> bytes:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.readall()
    except OSError:
        return b""

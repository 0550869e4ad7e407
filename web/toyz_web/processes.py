"""How much memory processes have, as the kernel says."""

import os
from pathlib import Path
from typing import NamedTuple

_PAGE = os.sysconf("SC_PAGE_SIZE")


class Memory(NamedTuple):
    """Bytes of memory: all that is resident, and what is the process's own."""

    resident: int
    private: int


def memory_of(pid: int) -> Memory | None:
    """Read the memory of a process; None if it is gone, or the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    except OSError:
        return None
    resident, shared = int(fields[1]) * _PAGE, int(fields[2]) * _PAGE
    return Memory(resident, resident - shared)

"""What becomes of memory that is freed.

Sessions give it back at once (`toyz_sessions.forkserver`): there are many of them and they live long. What
works through a large file in a hundred equal bands would then have each band's memory made and
cleared by the kernel again, which takes more than twice as long as all that is done in it.
"""

import contextlib
import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of ``mallopt(3)``."""
_LARGEST = 32 << 20
"""Bytes: the most that glibc takes for a threshold."""
_KEPT = 512 << 20


def keep_freed_memory() -> None:
    """Have this process keep what it frees, for what it allocates next; for one that does a single thing and ends."""
    libc = ctypes.CDLL(None)
    with contextlib.suppress(AttributeError):  # another C library has no such thing
        libc.mallopt(_MMAP_THRESHOLD, _LARGEST)
        libc.mallopt(_TRIM_THRESHOLD, _KEPT)

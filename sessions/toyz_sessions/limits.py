"""What the kernel lets a process use."""

import resource

_DESCRIPTORS = 4096


def apply_limits(*, memory: int, file_size: int | None = None) -> None:
    """Limit this process, for good.

    Parameters
    ----------
    memory : int
        Bytes of private writable memory (RLIMIT_DATA): what a mapped file takes is not counted.
    file_size : int, optional
        Bytes that a file may be made to hold (RLIMIT_FSIZE); a write beyond fails with EFBIG.
    """
    lower(resource.RLIMIT_DATA, memory)
    lower(resource.RLIMIT_CORE, 0)
    lower(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    if file_size is not None:
        lower(resource.RLIMIT_FSIZE, file_size)


def lower(kind: int, value: int) -> None:
    """Set the soft and the hard limit to `value`, or to what they are if that is less."""
    _, hard = resource.getrlimit(kind)
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (bound, bound))

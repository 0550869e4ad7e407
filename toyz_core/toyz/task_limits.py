"""What a long task asks of the machine, where that is not what jobs get anyway."""

import msgspec


class TaskLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits that a task declares for its jobs: smaller ones, or larger ones as far as the configuration allows.

    What is None is as the configuration says (``limits.job_memory`` and so on). More than ``limits.job_most`` times
    that is never given. A job that passes one of them is ended with an error that names it.

    Attributes
    ----------
    memory : int, optional
        Bytes of private memory, of all its processes together.
    cpu : int, optional
        Processor seconds, of all its processes together.
    time : int, optional
        Seconds by the clock.
    processes : int, optional
        Processes that it starts and its own, as far as ``limits.job_processes`` goes. Without it the kernel refuses
        the task any beside its own; threads are allowed.
    file : int, optional
        Bytes that a file may hold which it writes.

    Raises
    ------
    ValueError
        If one is not above zero.
    """

    memory: int | None = None
    cpu: int | None = None
    time: int | None = None
    processes: int | None = None
    file: int | None = None

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"a task's limit of {name} is above zero")

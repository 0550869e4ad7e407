"""How much a process, with all that it starts, may use; and what is said when it used more."""

import msgspec

from toyz.config import Limits
from toyz.errors import OverLimit, TooLarge, ToyzError
from toyz.task_limits import TaskLimits

_SIZES = ("memory", "file", "scratch")
_DID = {
    "memory": "needs more than the {value} of memory that it may use",
    "cpu": "used more than the {value} s of processor time that it may use",
    "time": "took longer than the {value} s that it may take",
    "processes": "started more processes than the {value} that it may have, or far too many threads",
    "file": "wrote a file of more than the {value} that one may hold",
    "scratch": "wrote more than the {value} that its scratch folder may hold",
    "scratch_files": "made more than the {value} files that its scratch folder may hold",
}
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """What one process of the server's may use, with all it has started. 0 is no bound.

    Attributes
    ----------
    kind : str
        ``session``, ``job`` or ``builder``.
    memory, file, scratch : int
        Bytes.
    cpu, time : float
        Seconds.
    processes : int
        1 allows it threads, and no process beside its own.
    scratch_files : int
    """

    kind: str
    memory: int
    cpu: float = 0
    time: float = 0
    processes: int = 0
    file: int = 0
    scratch: int = 0
    scratch_files: int = 0

    @property
    def alone(self) -> bool:
        """Whether it may start no other process."""
        return self.processes == 1

    def exceeded(self, what: str) -> ToyzError:
        """Give the error of a process that used more than `what`, a field of this class."""
        if self.kind == "builder" and what == "file":
            return TooLarge("a file would grow larger than it may")
        name = what if what.startswith("scratch") else f"{'job' if self.kind == 'job' else 'session'}_{what}"
        did = _DID[what].format(value=size_text(getattr(self, what)) if what in _SIZES else f"{getattr(self, what):g}")
        return OverLimit(f"This {self.kind} was ended: it {did} (limits.{name}).", field=f"limits.{name}")


def job_bounds(limits: Limits, declared: TaskLimits) -> Bounds:
    """Give what a job may use: what its task declares, and never more than the configuration allows."""
    return Bounds(
        kind="job",
        memory=int(_chosen(declared.memory, limits.job_memory, limits.job_most)),
        cpu=_chosen(declared.cpu, limits.job_cpu, limits.job_most),
        time=_chosen(declared.time, limits.job_time, limits.job_most),
        processes=min(declared.processes or 1, limits.job_processes),
        file=int(_chosen(declared.file, limits.job_file, limits.job_most)),
        scratch=limits.scratch,
        scratch_files=limits.scratch_files,
    )


def session_bounds(limits: Limits) -> Bounds:
    """Give what a session may use."""
    return Bounds(
        kind="session",
        memory=limits.session_memory,
        processes=limits.session_processes,
        scratch=limits.scratch,
        scratch_files=limits.scratch_files,
    )


def builder_bounds(limits: Limits, file: int) -> Bounds:
    """Give what a builder may use, whose files hold `file` bytes at most."""
    return Bounds(
        kind="builder",
        memory=limits.session_memory,
        processes=1,
        file=file,
        scratch=limits.scratch,
        scratch_files=limits.scratch_files,
    )


def size_text(size: float) -> str:
    """Say a number of bytes for people."""
    unit = 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.4g} {_UNITS[unit]}"


def _chosen(declared: float | None, usual: float, most: float) -> float:
    """Give the declared bound, or the usual one; where the usual one is 0, there is none that it could pass."""
    if declared is None:
        return usual
    return min(declared, usual * max(1.0, most)) if usual else declared

"""A job: one call of a task, from the moment it is asked for until its end.

The same `Job` stands behind a websocket task, the REST resource ``/api/jobs/{id}`` and,
later, an IVOA UWS job. Phases are those of UWS 1.1 (IVOA Recommendation 2016-10-24, §2.2.3.1).
"""

from enum import StrEnum
from typing import Any

import msgspec

from toyz.errors import Conflict, ErrorInfo


class Phase(StrEnum):
    """Where a job, or a call of a short task, stands."""

    PENDING = "PENDING"
    QUEUED = "QUEUED"
    EXECUTING = "EXECUTING"
    COMPLETED = "COMPLETED"
    ERROR = "ERROR"
    ABORTED = "ABORTED"

    @property
    def final(self) -> bool:
        """Whether nothing can follow."""
        return self in _FINAL


_FINAL = frozenset({Phase.COMPLETED, Phase.ERROR, Phase.ABORTED})
_ORDER = (Phase.PENDING, Phase.QUEUED, Phase.EXECUTING)


def check_transition(current: Phase, following: Phase) -> None:
    """Raise `Conflict` unless a job in phase `current` may pass to `following`."""
    forward = following.final or (
        following in _ORDER and current in _ORDER and _ORDER.index(following) >= _ORDER.index(current)
    )
    if current.final or not forward:
        raise Conflict(f"a job cannot go from {current} to {following}")


class Job(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The record of a job.

    Attributes
    ----------
    id : str
        Unguessable and unique.
    user, module, task : str
        Who called what.
    parameters : dict
        As they were sent.
    phase : Phase
    progress : float
        0 to 1.
    message : str
        What the job says it is doing now.
    created, started, ended : float or None
        Seconds since the Unix epoch.
    result : Any
        What the task returned, once the phase is COMPLETED.
    error : ErrorInfo or None
        Why, if the phase is ERROR.
    """

    id: str
    user: str
    module: str
    task: str
    parameters: dict[str, Any] = {}
    phase: Phase = Phase.PENDING
    progress: float = 0.0
    message: str = ""
    created: float
    started: float | None = None
    ended: float | None = None
    result: Any = None
    error: ErrorInfo | None = None

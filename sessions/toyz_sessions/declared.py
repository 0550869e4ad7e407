"""What a task declares of its jobs, as far as those who run them need to know."""

from typing import Protocol

import msgspec

from toyz.task_limits import TaskLimits


class Declared(Protocol):
    """A declaration; `toyz_extensions.plugin_manifest.TaskEntry` is one."""

    @property
    def limits(self) -> TaskLimits:
        """What its jobs may use."""

    @property
    def warm(self) -> bool:
        """Whether its jobs need more loaded than every process has."""


class Plain(msgspec.Struct, frozen=True, kw_only=True):
    """The declaration of a task that needs nothing of its own."""

    limits: TaskLimits = TaskLimits()
    warm: bool = False

"""The public interface of Toyz: what a plugin author imports."""

from toyz.context import Context
from toyz.errors import ToyzError
from toyz.jobs import Job, Phase
from toyz.plugin import Panel, Plugin
from toyz.readers import HduInfo, OpenFile, Picture, Reader
from toyz.task_limits import TaskLimits

__version__ = "0.1.0"

__all__ = [
    "Context",
    "HduInfo",
    "Job",
    "OpenFile",
    "Panel",
    "Phase",
    "Picture",
    "Plugin",
    "Reader",
    "TaskLimits",
    "ToyzError",
]

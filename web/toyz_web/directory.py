"""Which part answers a call: the server itself, the session, or a job."""

import os
from collections.abc import Iterable, Mapping
from enum import Enum, auto
from types import MappingProxyType

from toyz.errors import UnknownTask
from toyz.plugin import Plugin, Task
from toyz_extensions.plugin_manifest import Manifest

SESSION_MODULES = frozenset({"files", "images", "regions"})
"""Modules that every session has; it knows their tasks."""


class Place(Enum):
    """Where a task runs besides the server."""

    SESSION = auto()
    JOB = auto()


class Directory:
    """All modules that a client may name, fixed at start-up.

    Parameters
    ----------
    manifest : Manifest
        What the plugins declare; none of their code is in this process.
    modules : iterable of Plugin
        The server's own, whose functions are coroutines.

    Attributes
    ----------
    static : dict
        Real path of the folder of panel files, by module.
    """

    def __init__(self, manifest: Manifest, modules: Iterable[Plugin]) -> None:
        self.manifest = manifest
        self.static = {name: os.path.realpath(folder) for name, folder in manifest.static.items()}
        self.modules: Mapping[str, Plugin] = MappingProxyType({module.name: module for module in modules})

    def find(self, module: str, task: str) -> Task | Place:
        """Find what answers; a `Task` is the server's own.

        Raises
        ------
        UnknownTask
        """
        own = self.modules.get(module)
        if own is not None:
            found = own.tasks.get(task)
            if found is None:
                raise UnknownTask(f"there is no task {module}.{task}")
            return found
        if module in SESSION_MODULES:
            return Place.SESSION
        return Place.JOB if self.manifest.task(module, task).long else Place.SESSION

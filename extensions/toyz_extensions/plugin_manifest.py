"""What the server knows of the plugins without importing any of them.

The manifest is made in a disposable process (`toyz_extensions.probe`), travels as JSON, and is
kept by the server: it answers ``server.plugins`` from it, serves the panels' files from
`Manifest.static`, and looks up there whether a task is a job.
"""

from typing import Any

import msgspec

from toyz.errors import UnknownTask
from toyz.task_limits import TaskLimits

HUNG = ".hung"
"""Ending of the file beside a manifest in which the watchdog of a probe writes where it hung."""


class TaskEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A task.

    Attributes
    ----------
    name, title, description : str
    long : bool
        Whether it runs as a job.
    schema : dict
        JSON Schema of its parameters.
    limits : TaskLimits
        What its jobs may use.
    warm : bool
        Whether its jobs need more loaded than every process has.
    """

    name: str
    title: str
    description: str
    long: bool
    schema: dict[str, Any]
    limits: TaskLimits = TaskLimits()
    warm: bool = False


class PanelEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A panel; `url` is relative to the base prefix: ``plugins/{module}/{file}``."""

    name: str
    title: str
    url: str
    icon: str


class ReaderEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A reader and the file endings it claims."""

    name: str
    extensions: tuple[str, ...]


class ModuleEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One plugin."""

    name: str
    title: str
    description: str
    tasks: tuple[TaskEntry, ...] = ()
    panels: tuple[PanelEntry, ...] = ()
    readers: tuple[ReaderEntry, ...] = ()


class PluginFailure(msgspec.Struct, frozen=True, omit_defaults=True):
    """A plugin that is not there, and why.

    Attributes
    ----------
    name : str
        Of its entry point, or of its package if it is built in.
    error : str
        A sentence for the user.
    detail : str
        The traceback, for the log only.
    """

    name: str
    error: str
    detail: str = ""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """All plugins of this installation.

    Attributes
    ----------
    modules : tuple of ModuleEntry
    readers : tuple of ReaderEntry
        Those that come with Toyz and belong to no plugin.
    failures : tuple of PluginFailure
    static : dict
        Absolute path of the folder of panel files, by module; never sent to a browser.
    skip : tuple of str
        Entry points that no process may load, for `toyz_extensions.loader.SKIP_VARIABLE`.
    """

    modules: tuple[ModuleEntry, ...] = ()
    readers: tuple[ReaderEntry, ...] = ()
    failures: tuple[PluginFailure, ...] = ()
    static: dict[str, str] = {}
    skip: tuple[str, ...] = ()

    def task(self, module: str, task: str) -> TaskEntry:
        """Look up a task.

        Raises
        ------
        UnknownTask
        """
        for entry in self.modules:
            if entry.name == module:
                for candidate in entry.tasks:
                    if candidate.name == task:
                        return candidate
        raise UnknownTask(f"there is no task {module}.{task}")

    def public(self) -> dict[str, Any]:
        """Give what ``server.plugins`` answers: no paths of the server and no tracebacks."""
        failures = [{"name": failure.name, "error": failure.error} for failure in self.failures]
        return {"modules": msgspec.to_builtins(self.modules), "failures": failures}

"""The tasks of the session itself, declared as a plugin declares its own."""

from toyz.errors import UnknownTask
from toyz.plugin import Plugin, Task
from toyz_sessions.tasks import files, images, regions, transfers

_ALL = (files.plugin, images.plugin, regions.plugin, transfers.plugin)
PLUGINS: dict[str, Plugin] = {plugin.name: plugin for plugin in _ALL}
"""By module name."""


def find(module: str, task: str) -> Task | None:
    """Look a task of the session up; None if the module is not one of the session's.

    Raises
    ------
    UnknownTask
        If the module is, and has no such task.
    """
    plugin = PLUGINS.get(module)
    if plugin is None:
        return None
    found = plugin.tasks.get(task)
    if found is None:
        raise UnknownTask(f"The module {module} has no task {task[:64]!r}.")
    return found

"""What the fork server of jobs that need more imports before it forks: to be imported nowhere else.

It has all that every process has, and what the tasks of plugins say that their jobs need.
"""

from toyz_extensions.registry import load_registry
from toyz_sessions.preload import keep, reported


def _warm() -> None:
    tasks = [task for plugin in load_registry().modules.values() for task in plugin.tasks.values()]
    for warm in dict.fromkeys(task.warm for task in tasks if task.warm is not None):
        with reported(f"{warm.__module__}.{warm.__qualname__}"):
            warm()
    keep()


_warm()

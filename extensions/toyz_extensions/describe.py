"""Write down what the installed plugins declare; run as a process that is thrown away.

``python -m toyz_extensions.describe FILE`` imports every plugin and writes the manifest to FILE
as JSON. It is started by `toyz_extensions.probe`, which see.
"""

import argparse
import faulthandler
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

import msgspec

from toyz import Plugin
from toyz_extensions.checks import static_folder
from toyz_extensions.loader import Candidate, find_candidates, skipped_names
from toyz_extensions.plugin_manifest import HUNG, Manifest, ModuleEntry, PanelEntry, ReaderEntry, TaskEntry
from toyz_extensions.registry import Registry, build_registry


def describe_plugin(plugin: Plugin) -> ModuleEntry:
    """Write down what a plugin declares."""
    return ModuleEntry(
        name=plugin.name,
        title=plugin.title,
        description=plugin.description,
        tasks=tuple(
            TaskEntry(
                name=task.name,
                title=task.title,
                description=task.description,
                long=task.long,
                schema=task.schema(),
                limits=task.limits,
                warm=task.warm is not None,
            )
            for task in plugin.tasks.values()
        ),
        panels=tuple(
            PanelEntry(name=panel.name, title=panel.title, url=f"plugins/{plugin.name}/{panel.module}", icon=panel.icon)
            for panel in plugin.panels.values()
        ),
        readers=tuple(ReaderEntry(name=reader.name, extensions=tuple(reader.extensions)) for reader in plugin.readers),
    )


def describe_registry(registry: Registry, skip: Iterable[str]) -> Manifest:
    """Write down what is installed."""
    own = {reader.name for plugin in registry.modules.values() for reader in plugin.readers}
    return Manifest(
        modules=tuple(describe_plugin(plugin) for plugin in registry.modules.values()),
        readers=tuple(
            ReaderEntry(name=reader.name, extensions=tuple(reader.extensions))
            for reader in registry.readers
            if reader.name not in own
        ),
        failures=registry.failures,
        static={name: str(static_folder(plugin)) for name, plugin in registry.modules.items() if plugin.panels},
        skip=tuple(sorted(skip)),
    )


def _watched(candidates: Iterable[Candidate], timeout: float, trace: TextIO) -> Iterator[Candidate]:
    """Give each candidate `timeout` seconds, from its turn to the next one's, or end the process.

    The watchdog is a thread in C: it also ends an import that holds the interpreter's lock.
    """
    for candidate in candidates:
        faulthandler.dump_traceback_later(timeout, exit=True, file=trace)
        yield candidate
    faulthandler.cancel_dump_traceback_later()


def main() -> None:
    """Import all plugins and write the manifest to the file named by the argument."""
    parser = argparse.ArgumentParser(prog="python -m toyz_extensions.probe", description=main.__doc__)
    parser.add_argument("output", type=Path, help="the file to write, JSON")
    parser.add_argument("--timeout", type=float, default=20.0, help="seconds for each plugin")
    arguments = parser.parse_args()
    skip = skipped_names()
    with arguments.output.with_suffix(HUNG).open("w", encoding="utf-8") as trace:
        registry = build_registry(_watched(find_candidates(), arguments.timeout, trace), skip)
        arguments.output.write_bytes(msgspec.json.encode(describe_registry(registry, skip)))
    sys.stderr.flush()
    os._exit(0)  # the threads and exit handlers of plugins are not waited for


if __name__ == "__main__":
    main()

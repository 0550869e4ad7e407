"""What is checked of a plugin once it is imported, before it is let in."""

import inspect
import sys
from pathlib import Path

import msgspec

from toyz import Plugin
from toyz.plugin import NAME, Panel, SimpleReader, Task
from toyz.readers import Reader
from toyz_extensions.builtins import MODULES


class BadDeclaration(Exception):
    """The plugin declares something that cannot work; the message says what."""


def static_folder(plugin: Plugin) -> Path:
    """Give the folder that holds the files of the plugin's panels.

    Raises
    ------
    BadDeclaration
        If it has none.
    """
    module = sys.modules.get(plugin.static)
    file = getattr(module, "__file__", None)
    if module is None or not file or not module.__package__:
        raise BadDeclaration(f"panels need a package with a folder 'static'; {plugin.static!r} is none")
    return Path(file).resolve().parent / "static"


def _check_task(task: Task) -> None:
    if inspect.iscoroutinefunction(task.function) or inspect.isasyncgenfunction(task.function):
        raise BadDeclaration(f"the task {task.name} is asynchronous; a task is a plain function")
    try:
        task.schema()
        msgspec.json.Decoder(task.parameters)
    except Exception as error:
        raise BadDeclaration(f"the parameters of the task {task.name}: {error}") from None
    for field in msgspec.structs.fields(task.parameters):
        if field.default is not msgspec.NODEFAULT:
            try:
                msgspec.convert(msgspec.to_builtins(field.default), field.type)
            except (msgspec.ValidationError, TypeError) as error:
                raise BadDeclaration(f"the default of {task.name}({field.name}): {error}") from None


def _check_panel(panel: Panel, folder: Path) -> None:
    if not NAME.fullmatch(panel.name):
        raise BadDeclaration(f"{panel.name!r} is not a panel name")
    file = (folder / panel.module).resolve()
    if folder not in file.parents or not file.is_file():
        raise BadDeclaration(f"the panel {panel.name} names {panel.module!r}, which is not in the folder 'static'")


def _check_reader(reader: Reader | SimpleReader) -> None:
    if not isinstance(reader, SimpleReader):
        for part in ("name", "extensions", "sniff", "open"):
            if not hasattr(reader, part):
                raise BadDeclaration(f"the reader {type(reader).__name__} has no {part!r}")
    if not reader.name or not isinstance(reader.name, str):
        raise BadDeclaration("a reader has no name")
    for ending in reader.extensions:
        if not ending.startswith(".") or ending != ending.lower() or len(ending) < 2:
            raise BadDeclaration(f"the reader {reader.name}: {ending!r} is not a lower-case ending with its dot")


def check_plugin(plugin: Plugin) -> None:
    """Refuse a plugin whose declarations cannot work.

    Raises
    ------
    BadDeclaration
        A reserved name; a task that is asynchronous, has parameters without a JSON Schema or a
        default that breaks its own declaration; a panel whose file is missing; a reader
        without a name or with an ending that is not one.
    """
    if plugin.name in MODULES:
        raise BadDeclaration(f"the name {plugin.name!r} belongs to Toyz itself")
    for task in plugin.tasks.values():
        _check_task(task)
    folder = static_folder(plugin) if plugin.panels else Path()
    for panel in plugin.panels.values():
        _check_panel(panel, folder)
    for reader in plugin.readers:
        _check_reader(reader)

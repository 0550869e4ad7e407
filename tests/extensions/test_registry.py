"""The registry holds what is declared well, reports the rest, and finds things by name only."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import pytest
from msgspec import Meta

from toyz import Context, OpenFile, Picture, Plugin
from toyz.errors import UnknownTask, UnsupportedFile
from toyz_extensions.loader import Candidate
from toyz_extensions.plugin_manifest import PluginFailure
from toyz_extensions.registry import Registry, build_registry


def candidate(plugin: Any, name: str = "") -> Candidate:
    return Candidate(name or getattr(plugin, "name", "odd"), lambda: plugin)


def failures_of(registry: Registry, name: str) -> list[PluginFailure]:
    return [failure for failure in registry.failures if failure.name == name]


def plugin_with_task(name: str = "sums") -> Plugin:
    plugin = Plugin(name, title="Sums")

    @plugin.task
    def add(context: Context, left: int, right: int = 1) -> int:
        return left + right

    return plugin


def open_bytes(folder: Path, name: str, data: bytes) -> OpenFile:
    path = folder / name
    path.write_bytes(data)
    return OpenFile(os.open(path, os.O_RDONLY), f"share/{name}")


def test_task_is_found_by_its_two_names() -> None:
    plugin = plugin_with_task()
    registry = build_registry([candidate(plugin)])
    assert registry.task("sums", "add") is plugin.tasks["add"]
    assert list(registry.modules) == ["sums"]


@pytest.mark.parametrize(
    ("module", "task"),
    [
        ("sums", "nothing"),
        ("nothing", "add"),
        ("sums", "__class__"),
        ("__class__", "add"),
        ("os", "system"),
        ("sums.add", ""),
        ("", ""),
        ("x" * 100_000, "y" * 100_000),
    ],
)
def test_any_other_name_is_unknown(module: str, task: str) -> None:
    registry = build_registry([candidate(plugin_with_task())])
    with pytest.raises(UnknownTask) as caught:
        registry.task(module, task)
    assert len(caught.value.message) < 200


def test_the_registry_is_frozen() -> None:
    plugin = plugin_with_task()
    registry = build_registry([candidate(plugin)])

    @plugin.task
    def late(context: Context) -> None:
        """Declared after the start."""

    with pytest.raises(UnknownTask):
        registry.task("sums", "late")
    with pytest.raises(TypeError):
        registry.modules["more"] = plugin  # type: ignore[index]


def test_of_two_plugins_of_one_name_the_first_stays() -> None:
    first, second = plugin_with_task(), plugin_with_task()
    registry = build_registry([candidate(first, "one"), candidate(second, "two")])
    assert registry.modules["sums"] is first
    assert "another plugin is named 'sums'" in failures_of(registry, "two")[0].error


@pytest.mark.parametrize("name", ["files", "images", "window", "jobs", "settings", "server"])
def test_names_of_toyz_itself_are_refused(name: str) -> None:
    registry = build_registry([candidate(plugin_with_task(name))])
    assert name not in registry.modules
    assert "belongs to Toyz" in failures_of(registry, name)[0].error


def test_one_plugin_that_fails_stops_no_other() -> None:
    def explode() -> None:
        raise SystemExit("bye")

    registry = build_registry([Candidate("bad", explode), candidate(plugin_with_task())])
    assert registry.task("sums", "add")
    assert failures_of(registry, "bad")[0].error == "SystemExit: bye"


def test_a_plugin_is_turned_off() -> None:
    registry = build_registry([candidate(plugin_with_task())], skip=["sums"])
    assert "sums" not in registry.modules
    assert "turned off" in failures_of(registry, "sums")[0].error


def asynchronous(plugin: Plugin) -> None:
    @plugin.task
    async def wait(context: Context) -> None: ...


def unknown_type(plugin: Plugin) -> None:
    class Odd:
        pass

    def take(context: Context, odd: Any) -> None: ...

    take.__annotations__["odd"] = Odd
    plugin.task(take)


def bad_default(plugin: Plugin) -> None:
    @plugin.task
    def grow(context: Context, radius: Annotated[float, Meta(gt=0)] = 0.0) -> None: ...


def missing_panel(plugin: Plugin) -> None:
    plugin.static = "toyz_extensions"
    plugin.panel("main", title="Main", module="nowhere.js")


def escaping_panel(plugin: Plugin) -> None:
    plugin.static = "toyz_extensions"
    plugin.panel("main", title="Main", module="../registry.py")


def panel_without_package(plugin: Plugin) -> None:
    plugin.static = "no_such_package"
    plugin.panel("main", title="Main", module="main.js")


def bad_ending(plugin: Plugin) -> None:
    plugin.reader(name="Odd", extensions=["odd"])(lambda file: Picture(pixels=np.zeros((2, 2))))


def half_a_reader(plugin: Plugin) -> None:
    plugin.add_reader(object())  # type: ignore[arg-type]


def same_reader_twice(plugin: Plugin) -> None:
    for _ in range(2):
        plugin.reader(name="Odd", extensions=[".odd"])(lambda file: Picture(pixels=np.zeros((2, 2))))


@pytest.mark.parametrize(
    ("declare", "sentence"),
    [
        (asynchronous, "wait is asynchronous"),
        (unknown_type, "parameters of the task take"),
        (bad_default, "default of grow(radius)"),
        (missing_panel, "'nowhere.js', which is not in the folder"),
        (escaping_panel, "'../registry.py', which is not in the folder"),
        (panel_without_package, "need a package"),
        (bad_ending, "'odd' is not a lower-case ending"),
        (half_a_reader, "has no 'name'"),
        (same_reader_twice, "another reader is named 'Odd'"),
    ],
)
def test_a_wrong_declaration_keeps_the_whole_plugin_out(declare: Callable[[Plugin], None], sentence: str) -> None:
    plugin = plugin_with_task()
    declare(plugin)
    registry = build_registry([candidate(plugin)])
    assert "sums" not in registry.modules
    assert sentence in failures_of(registry, "sums")[0].error


class HeadReader:
    """A full reader that goes by the first bytes."""

    def __init__(self, name: str, extensions: tuple[str, ...], magic: bytes) -> None:
        self.name = name
        self.extensions = extensions
        self.magic = magic

    def sniff(self, name: str, head: bytes) -> bool:
        if not self.magic:
            raise RuntimeError("this sniff is broken")
        return head.startswith(self.magic)

    def open(self, file: OpenFile) -> Any:
        raise NotImplementedError


PLAIN = HeadReader("Plain", (".dat", ".plain"), b"PLAIN")
PACKED = HeadReader("Packed", (".dat.z",), b"PACK")
BROKEN = HeadReader("Broken", (".broken", ".dat"), b"")
READERS = Registry(readers=[BROKEN, PLAIN, PACKED])


@pytest.mark.parametrize(
    ("name", "data", "reader"),
    [
        ("a.dat", b"PLAIN...", PLAIN),
        ("A.DAT", b"PLAIN...", PLAIN),
        ("a.v2.dat.z", b"PACK...", PACKED),
        ("without_ending", b"PACK...", PACKED),
        ("wrong.dat", b"PACK...", PACKED),
        ("wrong.jpg", b"PLAIN...", PLAIN),
    ],
)
def test_reader_by_ending_then_by_head(tmp_path: Path, name: str, data: bytes, reader: HeadReader) -> None:
    file = open_bytes(tmp_path, name, data)
    assert READERS.reader_for(file) is reader
    file.close()


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.dat.z", b"PLUCK", "named like Packed, but"),
        ("a.txt", b"hello", "It opens Broken (.broken .dat), Plain (.dat .plain), Packed (.dat.z)."),
        ("a.dat", b"", "The file is empty."),
    ],
)
def test_a_file_that_nothing_reads(tmp_path: Path, name: str, data: bytes, sentence: str) -> None:
    file = open_bytes(tmp_path, name, data)
    with pytest.raises(UnsupportedFile) as caught:
        READERS.reader_for(file)
    assert sentence in caught.value.message
    assert str(tmp_path) not in caught.value.message
    file.close()


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("a.dat.z", "Packed"),
        ("A.PLAIN", "Plain"),
        ("a.plain.txt", ""),
        ("plain", ""),
        ("folder.plain/file", ""),
        ("", ""),
        (".", ""),
        ("." * 5000, ""),
    ],
)
def test_the_name_alone_says_what_may_read_it(name: str, reader: str) -> None:
    assert READERS.reader_name_for(name) == reader


def test_parameters_of_found_tasks_are_validated() -> None:
    task = build_registry([candidate(plugin_with_task())]).task("sums", "add")
    assert task.call(None, task.decode(b'{"left": 2}')) == 3
    assert msgspec.json.schema(task.parameters) == task.schema()

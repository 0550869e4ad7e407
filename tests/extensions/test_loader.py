"""Plugins are found by name, and what one of them does wrong stays with it."""

from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from toyz import Plugin
from toyz_extensions.loader import Candidate, find_candidates, load_plugin, plain_error, skip_text, skipped_names
from toyz_extensions.plugin_manifest import PluginFailure


def raising(error: BaseException) -> Callable[[], NoReturn]:
    def load() -> NoReturn:
        raise error

    return load


@pytest.mark.parametrize(
    "error",
    [
        ImportError("no module"),
        SystemExit(3),
        KeyboardInterrupt(),
        GeneratorExit(),
        RecursionError("deep"),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_an_import_raises_is_a_failure(error: BaseException) -> None:
    failure = load_plugin(Candidate("broken", raising(error)))
    assert isinstance(failure, PluginFailure)
    assert failure.name == "broken"
    assert failure.error.startswith(type(error).__name__)
    assert "Traceback" in failure.detail


@pytest.mark.parametrize("thing", [None, 3, Plugin, "hello"])
def test_an_entry_point_that_is_no_plugin_is_a_failure(thing: Any) -> None:
    failure = load_plugin(Candidate("odd", lambda: thing))
    assert isinstance(failure, PluginFailure)
    assert "not a toyz.Plugin" in failure.error


def test_a_plugin_is_given_back_as_it_is() -> None:
    plugin = Plugin("fine", title="Fine")
    assert load_plugin(Candidate("fine", lambda: plugin)) is plugin


@pytest.mark.parametrize(
    ("text", "names"),
    [("", set()), (" , ,", set()), ("one", {"one"}), (" one, two ,one", {"one", "two"})],
)
def test_skip_variable(text: str, names: set[str]) -> None:
    assert skipped_names({"TOYZ_SKIP_PLUGINS": text}) == names
    assert skipped_names({}) == set()


@pytest.mark.parametrize("names", [(), ("one",), ("two", "one"), ("a,b", "c"), ("100%", "%2C", "é", "a b")])
def test_any_name_can_be_skipped(names: tuple[str, ...]) -> None:
    assert skipped_names({"TOYZ_SKIP_PLUGINS": skip_text(names)}) == set(names)


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("cannot import name 'x' from 'y' (/usr/lib/python3/site-packages/y/__init__.py)", "(__init__.py)"),
        ("[Errno 2] No such file or directory: '/home/someone/secret/catalog.fits'", "'catalog.fits'"),
        ("libfoo.so.3: cannot open shared object file", "libfoo.so.3: cannot open"),
        ("rate 3/4 at http://example.org/a/b", "3/4 at http://example.org/a/b"),
    ],
)
def test_a_message_keeps_no_folder_of_the_server(message: str, shown: str) -> None:
    text = plain_error(ImportError(message))
    assert shown in text
    assert "/home/someone" not in text
    assert "/usr/lib" not in text


def test_a_message_is_one_short_line() -> None:
    text = plain_error(ValueError("a\n" * 10_000))
    assert "\n" not in text
    assert len(text) < 600
    assert plain_error(ValueError()) == "ValueError"


def test_candidates_are_listed_without_importing(make_plugin: Callable[..., str]) -> None:
    make_plugin("never_imported", "raise RuntimeError('imported')")
    assert "never_imported" in [candidate.name for candidate in find_candidates()]

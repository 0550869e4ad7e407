"""The server learns what plugins declare from processes that it can lose."""

import asyncio
import os
import select
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from toyz.errors import UnknownTask
from toyz_extensions.loader import skipped_names
from toyz_extensions.plugin_manifest import Manifest
from toyz_extensions.probe import environment, probe_plugins

HELLO = """
from toyz import Context, Picture, Plugin
plugin = Plugin({name!r}, title="Hello", description="Greets.")
@plugin.task(title="Greet")
def greet(context: Context, name: str = "world") -> str:
    '''Say hello.'''
    return name
@plugin.task(long=True)
def slow(context: Context, count: int) -> int:
    return count
plugin.panel("main", title="Hello", module="main.js")
@plugin.reader(name="Hi " + {name!r}, extensions=[".hi"])
def read(file):
    return Picture(pixels=[[1]])
"""
SEGFAULT = "import ctypes; ctypes.string_at(0)"
HANG = "import threading; threading.Event().wait()"
HANG_WITH_LOCK = "import ctypes; ctypes.PyDLL(None).pause()"
LEAVE = "import os; os._exit({status})"
MakePlugin = Callable[..., str]


def probe(timeout: float = 20.0) -> Manifest:
    return asyncio.run(probe_plugins(timeout))


def hello(make_plugin: MakePlugin, name: str = "hello_probe") -> str:
    return make_plugin(name, HELLO.format(name=name), files={"static/main.js": "export function activate() {}"})


def errors(manifest: Manifest) -> dict[str, str]:
    return {failure.name: failure.error for failure in manifest.failures}


def test_the_manifest_says_all_that_a_plugin_declares(make_plugin: MakePlugin, tmp_path: Path) -> None:
    hello(make_plugin)
    manifest = probe()
    entry = next(module for module in manifest.modules if module.name == "hello_probe")
    assert (entry.title, entry.description) == ("Hello", "Greets.")
    assert [(task.name, task.title, task.long) for task in entry.tasks] == [
        ("greet", "Greet", False),
        ("slow", "Slow", True),
    ]
    assert entry.tasks[0].description == "Say hello."
    assert "greet_parameters" in str(entry.tasks[0].schema)
    assert entry.panels[0].url == "plugins/hello_probe/main.js"
    assert entry.readers[0].extensions == (".hi",)
    assert manifest.static["hello_probe"] == str(tmp_path / "site" / "hello_probe" / "static")
    assert manifest.task("hello_probe", "slow").long
    assert manifest.skip == ()
    for name in ("nothing", "__class__"):
        with pytest.raises(UnknownTask):
            manifest.task("hello_probe", name)
        with pytest.raises(UnknownTask):
            manifest.task(name, "greet")


def test_what_is_public_holds_no_path_and_no_traceback(make_plugin: MakePlugin, tmp_path: Path) -> None:
    hello(make_plugin)
    make_plugin("broken_probe", "from toyz import nothing_of_the_sort")
    manifest = probe()
    text = msgspec.json.encode(manifest.public()).decode()
    assert str(tmp_path) not in text
    assert "Traceback" not in text
    assert sys.prefix not in text
    assert "nothing_of_the_sort" in errors(manifest)["broken_probe"]
    assert any("Traceback" in failure.detail for failure in manifest.failures)


def test_nothing_is_imported_here(make_plugin: MakePlugin) -> None:
    hello(make_plugin)
    probe()
    assert "hello_probe" not in sys.modules


def test_a_crash_and_a_hang_are_named_and_stop_nothing(make_plugin: MakePlugin) -> None:
    hello(make_plugin)
    make_plugin("crashing_probe", SEGFAULT)
    make_plugin("hanging_probe", HANG)
    make_plugin("locked_probe", HANG_WITH_LOCK)
    make_plugin("leaving_probe", LEAVE.format(status=0))
    make_plugin("failing_probe", "raise SystemExit(5)")
    manifest = probe(timeout=2.5)
    assert "hello_probe" in [module.name for module in manifest.modules]
    said = errors(manifest)
    assert "signal 11" in said["crashing_probe"]
    assert "within 2.5 s" in said["hanging_probe"]
    assert "within 2.5 s" in said["locked_probe"]
    assert "exit status 0" in said["leaving_probe"]
    assert said["failing_probe"] == "SystemExit: 5"
    assert set(manifest.skip) == {"crashing_probe", "hanging_probe", "locked_probe", "leaving_probe"}
    assert skipped_names(environment(manifest)) == set(manifest.skip)
    assert len(manifest.failures) == len(said), "each is reported once"


def test_two_that_crash_only_together_are_both_left_out(make_plugin: MakePlugin) -> None:
    together = "import sys, ctypes\nif {other!r} in sys.modules: ctypes.string_at(0)\nfrom toyz import Plugin\n"
    together += "plugin = Plugin({name!r}, title='T')\n"
    make_plugin("pair_a", together.format(name="pair_a", other="pair_b"))
    make_plugin("pair_b", together.format(name="pair_b", other="pair_a"))
    manifest = probe()
    assert {"pair_a", "pair_b"} <= set(manifest.skip)
    assert "beside it" in errors(manifest)["pair_a"]


def test_an_administrator_turns_a_plugin_off(make_plugin: MakePlugin, monkeypatch: pytest.MonkeyPatch) -> None:
    hello(make_plugin)
    make_plugin("crashing_probe", SEGFAULT)
    monkeypatch.setenv("TOYZ_SKIP_PLUGINS", "hello_probe")
    manifest = probe()
    assert manifest.modules == () or "hello_probe" not in [module.name for module in manifest.modules]
    assert "turned off" in errors(manifest)["hello_probe"]
    assert set(manifest.skip) == {"crashing_probe", "hello_probe"}


def test_output_threads_and_children_of_a_plugin_do_no_harm(make_plugin: MakePlugin, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    make_plugin(
        "noisy_probe",
        "import os, subprocess, sys, threading, atexit\n"
        "print('x' * 100_000); os.write(1, b'{}')\n"
        "threading.Thread(target=threading.Event().wait).start()\n"
        "atexit.register(threading.Event().wait)\n"
        f"open({str(pid_file)!r}, 'w').write(str(subprocess.Popen(['sleep', '600']).pid))\n"
        "from toyz import Plugin\nplugin = Plugin('noisy', title='Noisy')\n",
    )
    manifest = probe()
    assert "noisy" in [module.name for module in manifest.modules]
    wait_until_gone(int(pid_file.read_text()))


def wait_until_gone(pid: int) -> None:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([descriptor], [], [], 10)[0], "the plugin's child is still there"
    finally:
        os.close(descriptor)

"""Jobs that need more loaded than every process has."""

from collections.abc import Iterator

import psutil
import pytest

from tests.web.harness import PATIENCE, Served, install_plugin, served

_PLUGIN = '''
import os
from toyz import Context, Plugin

plugin = Plugin("warmth", title="Warmth")
found = []

def load() -> None:
    """Load what is slow, and remember where."""
    found.append(os.getpid())

@plugin.task(long=True, warm=load)
def tell(context: Context) -> list[int]:
    """Tell where it was loaded, and by whom this was started."""
    return [*found, os.getppid()]

@plugin.task(long=True)
def tell_cold(context: Context) -> list[int]:
    """Tell the same without."""
    return [*found, os.getppid()]
'''
_BROKEN = '''
from toyz import Context, Plugin

plugin = Plugin("broken", title="Broken")

def load() -> None:
    """Fail."""
    raise ValueError("no such library")

@plugin.task(long=True, warm=load)
def tell(context: Context) -> str:
    """Work all the same."""
    return "here"
'''


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a plugin that has something to load, and one that fails to."""
    folder = tmp_path_factory.mktemp("warm")
    install_plugin(folder, "warmth", _PLUGIN)
    site = install_plugin(folder, "broken", _BROKEN)
    with served(folder, site=site, toml="[limits]\ngrace = 2\n") as running:
        yield running


def test_what_a_job_needs_is_loaded_once_where_it_is_forked_from(lab: Served) -> None:
    with lab.window() as window:
        before = lab.pids()
        assert window.call("c", "warmth", "tell_cold")[:-1] == []
        first, second = (window.call(name, "warmth", "tell") for name in "ab")
        assert first == second
        loaded, parent = first
        assert loaded == parent
        assert loaded not in before, "nothing is loaded before somebody wants it"
        psutil.Process(loaded).wait(PATIENCE)  # it ends when nobody has wanted it for a while
        (again, _) = window.call("d", "warmth", "tell")
        assert again != loaded


def test_what_cannot_be_loaded_is_missed_by_nobody_else(lab: Served) -> None:
    with lab.window() as window:
        assert window.call("a", "broken", "tell") == "here"
    assert any("broken.load" in line for line in lab.foreign_log)

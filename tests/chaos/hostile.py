"""A plugin whose tasks do the worst that the code of a plugin can do; `install` puts it where servers find it."""

from pathlib import Path

_SOURCE = '''
import ctypes
import os
import time

from toyz import Context, Plugin

plugin = Plugin("hostile", title="Hostile", description="Tasks that go wrong.")


@plugin.task(long=True)
def take_memory(context: Context) -> None:
    """Take memory until there is no more."""
    blocks = []
    while True:
        blocks.append(bytearray(os.urandom(1 << 20) * 16))


@plugin.task(long=True)
def hang(context: Context) -> None:
    """Hang in C."""
    context.progress(0.5, "hanging")
    ctypes.CDLL(None).pause()


@plugin.task(long=True)
def crash(context: Context) -> None:
    """Read where there is nothing."""
    ctypes.string_at(0)


@plugin.task
def crash_here(context: Context) -> None:
    """Do it in the session."""
    ctypes.string_at(0)


@plugin.task(long=True)
def work(context: Context, seconds: float = 0.05) -> str:
    """Work for a moment."""
    time.sleep(seconds)
    return "done"
'''


def install(site: Path) -> Path:
    """Install it as a wheel would, into a folder that is importable: a package with an entry point."""
    package, record = site / "hostile", site / "hostile-1.0.dist-info"
    package.mkdir()
    record.mkdir()
    (package / "__init__.py").write_text(_SOURCE)
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: hostile\nVersion: 1.0\n")
    (record / "entry_points.txt").write_text("[toyz.plugins]\nhostile = hostile:plugin\n")
    return site

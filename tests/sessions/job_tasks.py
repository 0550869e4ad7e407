"""Stand-ins for the dispatcher and the registry, for tests of jobs: tasks that do what jobs may do to us."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from toyz.errors import NotFound
from toyz.values import to_json


def empty_registry() -> dict[str, Any]:
    """Stand in for the registry."""
    return {}


def run_task(registry: Any, module: str, task: str, parameters: bytes, context: Any) -> bytes:
    """Call the function of the task's name."""
    assert registry == {}
    result = globals()[f"do_{task}"](context, **msgspec.json.decode(parameters))
    return result if isinstance(result, bytes) else to_json(result)


def do_add(context: Any, a: float, b: float) -> Any:
    context.log("adding")
    context.emit("sum", {"value": a + b})
    return {"sum": a + b, "user": context.user}


def do_steps(context: Any, count: int) -> Any:
    for step in range(count):
        context.progress(step / count, f"step {step}")
        time.sleep(0.001)
    return count


def do_read(context: Any, path: str) -> Any:
    file = context.open(path)
    try:
        return file.pread(100, 0).decode()
    finally:
        file.close()


def do_read_raw(context: Any, path: str) -> Any:
    return Path(path).read_text()


def do_wait(context: Any, mark: str = "", listen: bool = False) -> Any:
    """Wait for ever; with `listen`, end when cancelled, and leave a mark."""
    context.progress(0.5, "waiting")
    while not (listen and context.cancelled):
        time.sleep(0.01)
    Path(mark).touch()
    context.check()


def do_deaf(context: Any) -> Any:
    """Ignore every request to end, and start a child that does too."""
    code = "import os, signal, time; os.closerange(3, 50); signal.signal(15, signal.SIG_IGN); time.sleep(300)"
    child = subprocess.Popen([sys.executable, "-c", code])
    context.progress(0.1, f"{os.getpid()} {child.pid}")
    while True:
        time.sleep(1)


def do_segfault(context: Any) -> Any:
    ctypes.string_at(0)


def do_die(context: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def do_exit(context: Any) -> Any:
    os._exit(0)


def do_hungry(context: Any) -> Any:
    return len(bytearray(2 << 30))


def do_fail(context: Any) -> Any:
    raise RuntimeError("/home/secret/path does not work")


def do_refuse(context: Any) -> Any:
    raise NotFound("there is no data/a")


def do_nonsense(context: Any) -> Any:
    return b"not json"


def do_large(context: Any, size: int) -> Any:
    return "x" * size

"""A small workshop for tests of the process layer: it answers calls without pixels or plugins."""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numba
import numpy
import scipy.linalg
import threadpoolctl
from astropy.coordinates import SkyCoord

from toyz.config import Limits
from toyz.errors import ErrorInfo, NotFound, ToyzError
from toyz.jobs import Phase
from toyz.values import to_json
from toyz_sessions.files import Shares
from toyz_sessions.messages import (
    Build,
    BuildUpdate,
    CallTask,
    CallUpdate,
    CancelCall,
    FromSession,
    LogLine,
    RenderTile,
    TileDone,
    ToSession,
    Unwanted,
)

Send = Callable[[FromSession, bytes], None]


class EchoWorkshop:
    """Answers each call with what the method of the task's name returns."""

    def __init__(self, send: Send, shares: Shares, user: str, scratch: Path, limits: Limits) -> None:
        self.send = send
        self.shares = shares
        self.user = user
        self.scratch = scratch
        self.limits = limits
        self.mark: Path | None = None

    @property
    def waiting(self) -> int:
        return 0

    def handle(self, message: ToSession, payload: bytes) -> None:
        match message:
            case CallTask():
                self.call(message, payload)
            case RenderTile():
                self.send(TileDone(message.id, "jpeg"), b"tile" * 5000)
            case BuildUpdate():
                self.send(LogLine("info", f"{message.key} {message.phase} {message.error}"), b"")
            case CancelCall():
                self.send(CallUpdate(message.id, Phase.ABORTED), b"")

    def call(self, message: CallTask, payload: bytes) -> None:
        parameters = msgspec.json.decode(payload or b"{}")
        try:
            result = getattr(self, f"do_{message.task}")(**parameters)
        except ToyzError as error:
            self.send(CallUpdate(message.id, Phase.ERROR, error=error.info), b"")
        except Exception as error:
            info = ErrorInfo("internal", f"{type(error).__name__}: {error}")
            self.send(CallUpdate(message.id, Phase.ERROR, error=info), b"")
        else:
            self.send(CallUpdate(message.id, Phase.COMPLETED), to_json(result))

    def settle(self) -> None:
        pass

    def rest(self) -> str:
        return ""

    def close(self) -> None:
        if self.mark is not None:
            self.mark.touch()

    def do_mark_on_close(self, path: str) -> Any:
        self.mark = Path(path)
        return True

    def do_echo(self, **parameters: Any) -> Any:
        return parameters

    def do_who(self) -> Any:
        return {"pid": os.getpid(), "user": self.user, "scratch": str(self.scratch), "environ": dict(os.environ)}

    def do_read(self, path: str) -> Any:
        return Path(path).read_text()

    def do_write(self, path: str) -> Any:
        Path(path).write_text("written")
        return True

    def do_open(self, path: str) -> Any:
        opened = self.shares.open(path)
        try:
            return opened.pread(100, 0).decode()
        finally:
            opened.close()

    def do_connect(self, family: str, kind: str, port: int = 9) -> Any:
        with socket.socket(getattr(socket, family), getattr(socket, kind)) as client:
            client.connect(("127.0.0.1", port))
        return True

    def do_threads(self, count: int, messages: int) -> Any:
        def talk(number: int) -> None:
            for index in range(messages):
                self.send(LogLine("debug", f"{number} {index}"), b"x" * 100)

        threads = [threading.Thread(target=talk, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return count * messages

    def do_pools(self) -> Any:
        """Work in every pool of threads there is; give the size of each, and all threads of the process."""
        for side in (10, 500):
            numpy.linalg.eigh(numpy.eye(side) @ numpy.eye(side))
            scipy.linalg.svd(numpy.eye(side))
        pools = {Path(pool["filepath"]).name: pool["num_threads"] for pool in threadpoolctl.threadpool_info()}
        return {"pools": pools | {"numba": numba.get_num_threads()}, "threads": len(os.listdir("/proc/self/task"))}

    def do_block(self, seconds: float) -> Any:
        time.sleep(seconds)
        return seconds

    def do_call(self, module: str, name: str, arguments: list[Any]) -> Any:
        return repr(getattr(__import__(module, fromlist=["_"]), name)(*arguments))

    def do_main_modules(self) -> Any:
        """Where the marker of the main script is found, if it was imported."""
        return sorted(name for name, module in sys.modules.items() if hasattr(module, "IMPORTED_AS"))

    def do_galactic(self, ra: float, dec: float) -> Any:
        position = SkyCoord(ra, dec, unit="deg").galactic
        return [position.l.wrap_at("180d").deg, position.b.deg]

    def do_build(self, build: dict[str, Any]) -> Any:
        self.send(msgspec.convert(build, Build), b"")
        return True

    def do_unbuild(self, key: str, share: str) -> Any:
        self.send(Unwanted(key, share), b"")
        return True

    def do_exit(self, code: int) -> Any:
        os._exit(code)

    def do_nonsense(self) -> Any:
        self.send(msgspec.Raw(b"nonsense"), b"")  # type: ignore[arg-type]
        return True


class BrokenWorkshop(EchoWorkshop):
    """Cannot be made."""

    def __init__(self, send: Send, shares: Shares, user: str, scratch: Path, limits: Limits) -> None:
        raise RuntimeError("on purpose")


class SlowWorkshop(EchoWorkshop):
    """Is ready when the share holds a file ``go``."""

    def __init__(self, send: Send, shares: Shares, user: str, scratch: Path, limits: Limits) -> None:
        super().__init__(send, shares, user, scratch, limits)
        while True:
            try:
                shares.open("data/go").close()
            except NotFound:
                time.sleep(0.01)
            else:
                break

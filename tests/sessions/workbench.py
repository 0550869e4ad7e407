"""A workshop on the bench: the real one, with its builds done in a thread of the test."""

import json
import queue
import threading
from pathlib import Path
from typing import Any

import msgspec

from toyz.config import Limits
from toyz.errors import Cancelled, ToyzError, from_info
from toyz.jobs import Phase
from toyz.protocol import Style, TileAddress
from toyz_sessions import work
from toyz_sessions.dispatch import describe_error
from toyz_sessions.files import Shares
from toyz_sessions.keys import SUFFIXES
from toyz_sessions.messages import (
    Build,
    BuildUpdate,
    CallTask,
    CallUpdate,
    CancelCall,
    Emitted,
    FromSession,
    Grant,
    RenderTile,
    TileDone,
)
from toyz_sessions.workshop import Workshop


class Workbench:
    """Calls tasks of a real `Workshop` and does what the server would do for it."""

    def __init__(
        self, folder: Path, *, build: bool = True, limits: Limits | None = None, share: Path | None = None
    ) -> None:
        self.share, self.cache, scratch = share or folder / "share", folder / "cache", folder / "scratch"
        for path in (self.share, self.cache, scratch):
            path.mkdir(exist_ok=True)
        self.shares = Shares([Grant("data", str(self.share), str(self.cache))])
        self.sent: list[FromSession] = []
        self.builds: list[Build] = []
        self.events: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._build, self._answers, self._arrived = build, {}, threading.Condition()  # type: ignore[var-annotated]
        self._number = 0
        self._closing = False
        self._builders: list[threading.Thread] = []
        self.limits = limits or Limits()
        self.workshop = Workshop(self._send, self.shares, "alice", scratch, self.limits)

    def close(self) -> None:
        self._closing = True
        for builder in self._builders:
            builder.join(60)
        self.workshop.close()
        self.shares.close()

    def _send(self, message: FromSession, payload: bytes) -> None:
        with self._arrived:
            self.sent.append(message)
            if isinstance(message, CallUpdate | TileDone):
                self._answers.setdefault(message.id, []).append((message, payload))
            self._arrived.notify_all()
        if isinstance(message, Emitted):
            self.events.put((message.event, json.loads(payload or b"null")))
        if isinstance(message, Build):
            self.builds.append(message)
            if self._build:
                builder = threading.Thread(target=self.do, args=(message,), daemon=True)
                self._builders.append(builder)
                builder.start()

    def do(self, build: Build) -> None:
        """Do a build, as a builder's process does."""
        final = self.cache / (build.key + SUFFIXES[build.kind])
        partial = final.with_name(final.name + ".partial")
        self.workshop.handle(BuildUpdate(build.key, Phase.EXECUTING), b"")
        try:
            work.run(build, self.shares, partial, lambda fraction: self.tell(build, fraction), self.limits)
        except Exception as error:
            self.workshop.handle(BuildUpdate(build.key, Phase.ERROR, error=describe_error(error)), b"")
            return
        partial.rename(final)
        self.workshop.handle(BuildUpdate(build.key, Phase.COMPLETED, 1.0), b"")

    def tell(self, build: Build, fraction: float) -> None:
        if self._closing:
            raise Cancelled("the workbench is being cleared")
        self.workshop.handle(BuildUpdate(build.key, Phase.EXECUTING, fraction), b"")

    def wait(self, call: str, *, final: bool = True) -> tuple[Any, bytes]:
        def last() -> tuple[Any, bytes] | None:
            answers = self._answers.get(call, [])
            ended = [a for a in answers if isinstance(a[0], TileDone) or a[0].phase.final or not final]
            return ended[-1] if ended else None

        with self._arrived:
            assert self._arrived.wait_for(lambda: last() is not None, 60), f"no answer to {call}"
            found = last()
        assert found is not None
        return found

    def start(self, module: str, task: str, **parameters: Any) -> str:
        self._number += 1
        call = f"c{self._number}"
        self.workshop.handle(CallTask(call, module, task), msgspec.json.encode(parameters))
        return call

    def cancel(self, call: str) -> None:
        self.workshop.handle(CancelCall(call), b"")

    def call(self, module: str, task: str, **parameters: Any) -> Any:
        message, payload = self.wait(self.start(module, task, **parameters))
        if message.error is not None:
            raise from_info(message.error)
        assert message.phase is Phase.COMPLETED, message
        return payload if message.format else json.loads(payload)

    def tile(self, image: str, level: int, x: int, y: int, style: Style) -> tuple[TileDone, bytes]:
        self._number += 1
        call = f"t{self._number}"
        self.workshop.handle(RenderTile(call, TileAddress(image, level, x, y, style)), b"")
        self.workshop.settle()
        message, payload = self.wait(call)
        if message.error is not None:
            raise from_info(message.error)
        return message, payload

    def event(self, name: str, timeout: float = 60) -> Any:
        """The data of the next event of that name."""
        while True:
            event, data = self.events.get(timeout=timeout)
            if event == name:
                return data


__all__ = ["ToyzError", "Workbench"]

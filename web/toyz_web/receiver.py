"""One connection that sends to an upload: its bytes go on piece by piece, each when the one before is written."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import NamedTuple, Protocol

import structlog

from toyz.errors import Conflict, TooLarge, ToyzError
from toyz_web.store.uploads import Upload

log = structlog.get_logger("toyz.uploads")
PIECE = 512 << 10
"""Bytes that are handed on at a time; no more than twice that waits in the server."""


class Checksum(NamedTuple):
    """Of what one connection sends: its algorithm, as Python names it, and its value in base64."""

    algorithm: str
    checksum: str


class Target(Protocol):
    """What takes the pieces."""

    async def write(self, upload: Upload, offset: int, data: bytes) -> None:
        """Append a piece."""

    async def settle(self, upload: Upload, start: int, checksum: Checksum | None) -> int:
        """Have it on disk, and give how much there is."""

    async def remove(self, upload: Upload) -> None:
        """Remove it all."""


class Receiver:
    """Takes what one connection sends.

    Parameters
    ----------
    target : Target
    upload : Upload
    offset : int
        Where it goes on.
    checksum : Checksum or None
        Of what it will have sent.
    """

    def __init__(self, target: Target, upload: Upload, offset: int, checksum: Checksum | None) -> None:
        self.upload = upload
        self._target, self._start, self._offset, self._checksum = target, offset, offset, checksum
        self._waiting = bytearray()
        self._ended = asyncio.Event()
        self._cut = False
        self._working = asyncio.Lock()
        self._told: list[Callable[[], object]] = []
        self._hang_up: Callable[[], None] = lambda: None

    @property
    def left(self) -> int:
        """Bytes that may still come."""
        return self.upload.length - self._offset - len(self._waiting)

    def on_end(self, tell: Callable[[], object]) -> None:
        """Have `tell` called when it takes no more."""
        self._told.append(tell)

    def on_cut_off(self, hang_up: Callable[[], None]) -> None:
        """Have `hang_up` called when another connection goes on with the upload."""
        self._hang_up = hang_up

    async def take(self, data: bytes) -> None:
        """Take some bytes; returns when there is room for more.

        Raises
        ------
        TooLarge
            If these are more than the upload has; it is removed.
        ToyzError
        """
        if self._cut:
            raise Conflict("another connection goes on with this upload")
        if len(data) > self.left:
            await self.refuse_excess()
        self._waiting += data
        if len(self._waiting) >= PIECE:
            async with self._working:
                await self._hand_on()

    async def finish(self) -> int:
        """All has come: give how much of the upload there is, on disk, and with its name if it is whole.

        Raises
        ------
        WrongChecksum, AlreadyExists, ToyzError
        """
        try:
            async with self._working:
                await self._hand_on()
                return await self._target.settle(self.upload, self._start, self._checksum)
        finally:
            self._end()

    async def break_off(self) -> None:
        """The connection is gone: keep what has come, unless its checksum can never be known."""
        if self._ended.is_set():
            return
        try:
            async with self._working:
                await self._hand_on()
                await self._target.settle(self.upload, self._start, self._checksum)
        except ToyzError as error:
            log.debug("an upload was broken off", upload=self.upload.id, error=error.message)
        finally:
            self._end()

    async def cut_off(self) -> None:
        """Have the connection closed, because the client goes on over another; returns when its last is written."""
        self._cut = True
        self._hang_up()
        with contextlib.suppress(ToyzError):
            await self.break_off()
        await self._ended.wait()

    async def refuse_excess(self) -> None:
        """Remove an upload whose client sends more than it announced.

        Raises
        ------
        TooLarge
            Always.
        """
        self._waiting.clear()
        try:
            await self._target.remove(self.upload)
        finally:
            self._end()
        raise TooLarge(f"the upload was announced to have {self.upload.length} bytes; it is given up")

    async def _hand_on(self) -> None:
        if self._waiting:
            data, self._waiting = bytes(self._waiting), bytearray()
            await self._target.write(self.upload, self._offset, data)
            self._offset += len(data)

    def _end(self) -> None:
        if not self._ended.is_set():
            self._ended.set()
            for tell in self._told:
                tell()

"""``/api/download``: a file as it is, or a folder as a zip archive; never shown by the browser itself."""

import asyncio
import re
from email.utils import formatdate
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from tornado.iostream import StreamClosedError

from toyz.errors import ErrorInfo, ToyzError
from toyz_sessions.answers import Downloadable, Packed
from toyz_web.desk import Desk
from toyz_web.handlers.base import BaseHandler
from toyz_web.operations import HeaderField, Operation, operation

T = TypeVar("T")
PIECE = 1 << 20
PATIENCE = 600.0
"""Seconds in which a client takes one piece."""
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))")


class _Broken(Exception):
    """The rest cannot be sent; the length that was announced tells the client."""


class DownloadHandler(BaseHandler):
    """Gives a file or a folder."""

    _unsatisfied = ""

    @operation(
        Operation(
            summary="Download a file (with ranges), or a folder as a zip archive",
            media=("application/octet-stream", "application/zip"),
            headers=(
                HeaderField("Range", "one range of bytes, of a file"),
                HeaderField("If-Range", "the Etag of which that is a part"),
            ),
            errors=(206, 304, 404, 409, 413, 415, 416, 503),
        )
    )
    async def get(self, path: str) -> None:
        """Send it piece by piece, each when the client has taken the one before."""
        desk = await self.services.hub.desk(self.user)
        found = await ask(desk, "describe", Downloadable, path=path)
        self.set_header("Content-Security-Policy", SANDBOX)
        self.set_header("Cache-Control", "private, no-cache")
        try:
            with self.services.long_requests.watched(self):
                if found.folder:
                    await self._send_folder(desk, path)
                else:
                    await self._send_file(desk, path, found)
        except _Broken:
            self.hang_up()  # cut short, so that nobody takes a part for the whole

    async def _send_file(self, desk: Desk, path: str, found: Downloadable) -> None:
        etag = f'"{found.identity}"'
        self.set_header("Etag", etag)
        self.set_header("Accept-Ranges", "bytes")
        self.set_header("Last-Modified", formatdate(found.modified, usegmt=True))
        if self.check_etag_header():
            self.set_status(304)
            return
        start, stop = self._part(found.size, etag)
        self._announce(found.name, "application/octet-stream", stop - start)
        if self.request.method == "HEAD":
            return
        if start == 0:
            self.services.shared.audit.note(self.user, "download", path)
        for offset in range(start, stop, PIECE):
            length = min(PIECE, stop - offset)
            piece = await self._fetch(desk, "read", path=path, identity=found.identity, offset=offset, length=length)
            if len(piece) != length:
                raise _Broken
            await self._write_piece(piece)

    def _part(self, size: int, etag: str) -> tuple[int, int]:
        """Give where what is asked for begins and ends; anything but one range is all of it."""
        asked = _RANGE.fullmatch(self.request.headers.get("Range", ""))
        if asked is None or self.request.headers.get("If-Range", etag) != etag:
            return 0, size
        first, last, suffix = asked.groups()
        start = max(0, size - int(suffix)) if first is None else int(first)
        stop = min(size, int(last) + 1) if last else size
        if start >= size or stop <= start:
            self._unsatisfied = f"bytes */{size}"
            raise _OutOfRange("the file has no such part")
        self.set_header("Content-Range", f"bytes {start}-{stop - 1}/{size}")
        self.set_status(206)
        return start, stop

    async def _send_folder(self, desk: Desk, path: str) -> None:
        packed = await ask(desk, "pack", Packed, path=path)
        try:
            self._announce(f"{packed.name}.zip", "application/zip", packed.size)
            if self.request.method == "HEAD":
                return
            self.services.shared.audit.note(self.user, "download", path, f"{packed.files} files")
            number = 0
            while piece := await self._fetch(desk, "next_piece", stream=packed.stream, number=number):
                await self._write_piece(piece)
                number += 1
        finally:
            await _forget(desk, packed.stream)

    async def _fetch(self, desk: Desk, task: str, **parameters: Any) -> bytes:
        try:
            return (await desk.call("transfers", task, parameters)).payload
        except ToyzError as error:
            raise _Broken from error

    async def _write_piece(self, piece: bytes) -> None:
        self.write(piece)
        try:
            async with asyncio.timeout(PATIENCE):
                await self.flush()
        except (TimeoutError, StreamClosedError) as error:
            raise _Broken from error

    def _announce(self, name: str, kind: str, length: int) -> None:
        """Say what comes; browsers save it, whatever it is, and show nothing of it."""
        plain = "".join(letter if " " <= letter <= "~" and letter not in '"\\%' else "_" for letter in name)
        self.set_header("Content-Type", kind)
        self.set_header(
            "Content-Disposition", f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
        )
        self.set_header("Content-Length", str(length))

    def finish_error(self, status_code: int, info: ErrorInfo) -> None:
        """Say how long the file is, where a part of it was asked for that is not there."""
        if self._unsatisfied:
            self.set_header("Content-Range", self._unsatisfied)
        super().finish_error(status_code, info)

    def compute_etag(self) -> str | None:
        """Leave it as it was set."""
        return None


class _OutOfRange(ToyzError):
    code = "out_of_range"
    status = 416


async def ask(desk: Desk, task: str, kind: type[T], /, **parameters: Any) -> T:
    """Call a task of the transfers."""
    return msgspec.json.decode((await desk.call("transfers", task, parameters)).payload, type=kind)


async def _forget(desk: Desk, stream: str) -> None:
    try:
        await desk.call("transfers", "end_archive", {"stream": stream})
    except ToyzError:
        return

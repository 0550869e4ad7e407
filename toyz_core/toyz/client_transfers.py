"""Uploads and downloads of the client: resumed where they were when a connection was lost.

Uploads follow the tus protocol, 1.0 (https://tus.io/protocols/resumable-upload).
"""

import asyncio
import base64
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, unquote

import httpx

from toyz.client_http import Answer, error_of
from toyz.errors import AlreadyExists, NotFound, ProtocolError, SessionLost, ToyzError, Unreachable

OnBytes = Callable[[int, int], None]
"""Told how many bytes have gone, and of how many."""
_TUS = {"Tus-Resumable": "1.0.0"}
_PIECE = 1 << 20
_TIMEOUT = httpx.Timeout(60.0, read=600.0)
"""Seconds: a large file is checked before the answer to its last byte."""
_PAUSE = 0.5
"""Seconds before a lost connection is tried again."""


class Transfers:
    """Sends and fetches files.

    Parameters
    ----------
    http : httpx.AsyncClient
    patience : float
        Seconds for which a transfer that makes no progress is tried again.
    """

    def __init__(self, http: httpx.AsyncClient, patience: float) -> None:
        self._http, self._patience = http, patience

    async def upload(self, local: Path, to: str, *, overwrite: bool, parents: bool, on_progress: OnBytes | None) -> str:
        """Upload a file; see `toyz.client.AsyncClient.upload`."""
        path = to + local.name if to.endswith("/") else to
        with local.open("rb") as file:
            digest = await asyncio.to_thread(hashlib.file_digest, file, "sha256")
            length = os.fstat(file.fileno()).st_size
            values = {"path": path, "sha256": digest.hexdigest()}
            values |= {"overwrite": "1"} if overwrite else {}
            values |= {"parents": "1"} if parents else {}
            url = await self._begin(length, values)
            await self._send(url, file, length, on_progress or _quiet)
        return path

    async def _begin(self, length: int, values: Mapping[str, str]) -> str:
        pairs = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())
        headers = {**_TUS, "Upload-Length": str(length), "Upload-Metadata": pairs}
        answer = await self._ask("POST", "api/uploads", headers)
        return str(httpx.URL(str(self._http.base_url)).join(answer.headers["Location"]))

    async def _send(self, url: str, file: IO[bytes], length: int, on_progress: OnBytes) -> None:
        clock = asyncio.get_running_loop().time
        offset, progressed = 0, clock()
        while offset < length:
            try:
                headers = {**_TUS, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
                headers["Content-Length"] = str(length - offset)
                await self._ask("PATCH", url, headers, _pieces(file, offset, length, on_progress))
                return
            except (Unreachable, SessionLost):
                if clock() - progressed > self._patience:
                    raise
            await asyncio.sleep(_PAUSE)
            try:
                now = int((await self._ask("HEAD", url, _TUS)).headers["Upload-Offset"])
            except (Unreachable, SessionLost):
                continue
            progressed = clock() if now > offset else progressed
            offset = now

    async def download(self, path: str, local: Path, *, overwrite: bool, on_progress: OnBytes | None) -> Path:
        """Download a file or a folder; see `toyz.client.AsyncClient.download`."""
        fetch = _Fetch(self, path, local, overwrite, on_progress or _quiet)
        try:
            await fetch.run(self._patience)
        finally:
            fetch.close()
        return fetch.target

    def stream(self, path: str, headers: Mapping[str, str]) -> Any:
        """Begin to fetch."""
        url = f"api/download/{quote(path.strip('/'))}"
        return self._http.stream("GET", url, headers={**headers, "Accept-Encoding": "identity"})

    async def _ask(self, method: str, url: str, headers: Mapping[str, str], content: Any = None) -> httpx.Response:
        try:
            response = await self._http.request(method, url, headers=dict(headers), content=content, timeout=_TIMEOUT)
        except httpx.HTTPError as error:
            raise Unreachable(f"The server cannot be reached ({type(error).__name__}).") from None
        if response.status_code >= 400:
            raise _error(response, response.content)
        return response


class _Fetch:
    """One download into a hidden file beside its target, which it becomes at the end."""

    def __init__(self, transfers: Transfers, path: str, local: Path, overwrite: bool, on_progress: OnBytes) -> None:
        self.target = local
        self._transfers, self._path, self._overwrite, self._on_progress = transfers, path, overwrite, on_progress
        self._into_folder = local.is_dir()
        self._part: Path | None = None
        self._file: IO[bytes] | None = None
        self._etag = ""
        self._came = 0

    async def run(self, patience: float) -> None:
        clock = asyncio.get_running_loop().time
        progressed = clock()
        while True:
            before = self._came
            try:
                await self._fetch()
                break
            except httpx.HTTPError as error:
                progressed = clock() if self._came > before else progressed
                if clock() - progressed > patience or (self._came and not self._etag):
                    raise Unreachable(f"The download was broken off ({type(error).__name__}).") from None
            await asyncio.sleep(_PAUSE)
        assert self._file is not None
        assert self._part is not None
        self._file.flush()
        os.fsync(self._file.fileno())
        os.replace(self._part, self.target)
        self._part = None

    async def _fetch(self) -> None:
        headers = {"Range": f"bytes={self._came}-", "If-Range": self._etag} if self._came else {}
        async with self._transfers.stream(self._path, headers) as response:
            if response.status_code >= 400:
                raise _error(response, await response.aread())
            self._begin(response)
            assert self._file is not None
            total = self._came + int(response.headers["Content-Length"])
            async for piece in response.aiter_bytes(_PIECE):
                self._file.write(piece)
                self._came += len(piece)
                self._on_progress(self._came, total)

    def _begin(self, response: httpx.Response) -> None:
        self._etag = response.headers.get("Etag", "")
        if self._file is not None:
            if response.status_code != 206:
                # The file is another now: from the beginning.
                self._file.truncate(0)
                self._file.seek(0)
                self._came = 0
            return
        if self._into_folder:
            self.target = self.target / _name_in(response)
        if self.target.exists() and not self._overwrite:
            raise AlreadyExists(f"{self.target} is there already")
        self._part = self.target.with_name(f".{self.target.name}.part")
        self._file = self._part.open("wb")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        if self._part is not None:
            self._part.unlink(missing_ok=True)


async def _pieces(file: IO[bytes], offset: int, length: int, on_progress: OnBytes) -> AsyncIterator[bytes]:
    file.seek(offset)
    while piece := await asyncio.to_thread(file.read, _PIECE):
        yield piece
        offset += len(piece)
        on_progress(offset, length)


def _name_in(response: httpx.Response) -> str:
    """Find the name that the server gives, of which only the last part counts."""
    _, _, encoded = response.headers.get("Content-Disposition", "").partition("filename*=UTF-8''")
    name = Path(unquote(encoded)).name
    if not name or name in (".", ".."):
        raise ProtocolError("the server gives the download no name")
    return name


def _error(response: httpx.Response, body: bytes) -> ToyzError:
    if response.status_code == 404 and not body:
        return NotFound("The upload is gone.")
    return error_of(Answer(response.status_code, "", body))


def _quiet(done: int, total: int) -> None:
    del done, total

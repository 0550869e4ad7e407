"""The asynchronous client; `toyz.client` offers it, and the same without ``await``."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx

from toyz import client_http as http
from toyz.client_address import Address, find_address
from toyz.client_http import Answer, Exchange, ImageRequests
from toyz.client_socket import CallSocket, OnEvent
from toyz.client_transfers import OnBytes, Transfers
from toyz.client_types import (
    Cuts,
    FileDescription,
    FileListing,
    Header,
    Histogram,
    ImageInfo,
    ImageLink,
    PixelValue,
    Tile,
    Workspace,
)
from toyz.errors import Cancelled, TimedOut, ToyzError, Unreachable, from_info
from toyz.jobs import Job, Phase
from toyz.protocol import LayoutChoice, Match, Update
from toyz.readers import Pixels

T = TypeVar("T")
OnProgress = Callable[[float, str], None]
_FOLLOW_SECONDS = 20.0
_UNPACK_SECONDS = 0.2
_QUEUE_SECONDS = 1.0
"""Only progress is waited for; that a job leaves the queue is no progress yet."""
_SETTLE_SECONDS = 0.1


class AsyncClient:
    """A connection of a script to a Toyz server.

    Parameters
    ----------
    url : str, optional
        ``TOYZ_URL``, or ``http://127.0.0.1:8642/``, by default.
    token : str, optional
        ``TOYZ_TOKEN`` by default.
    timeout : float
        Seconds that an HTTP answer may take.
    patience : float
        Seconds for which calls wait for a lost connection to come back.
    on_event : callable, optional
        Given the events (`toyz.protocol.Event`) that reach this client's window.

    Examples
    --------
    >>> async with AsyncClient() as client:  # doctest: +SKIP
    ...     image = await client.image("decam/c4d.fits.fz")
    ...     pixels = await image.pixels(0, 0, 512, 512)
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        timeout: float = 60.0,
        patience: float = 60.0,
        on_event: OnEvent | None = None,
    ) -> None:
        self.address: Address = find_address(url, token)
        self._timeout = timeout
        self._http = httpx.AsyncClient(
            base_url=self.address.base,
            headers=self.address.headers,
            timeout=timeout,
            trust_env=not self.address.local,
        )
        self.socket = CallSocket(self.address, patience, on_event)
        self._transfers = Transfers(self._http, patience)

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections; the window's session ends after the server's grace period."""
        await self.socket.close()
        await self._http.aclose()

    async def send(self, exchange: Exchange[T]) -> T:
        """Do an HTTP exchange.

        Raises
        ------
        ToyzError
            What the server answered; `Unreachable` or `TimedOut` if it did not.
        """
        try:
            response = await self._http.request(
                exchange.method,
                exchange.path,
                params=dict(exchange.query),
                content=exchange.body,
                headers={"Content-Type": "application/json"} if exchange.body is not None else None,
                timeout=self._timeout + exchange.wait,
            )
        except httpx.TimeoutException:
            raise TimedOut(f"The server did not answer within {self._timeout + exchange.wait:g} s.") from None
        except httpx.HTTPError as error:
            raise Unreachable(f"The server cannot be reached ({type(error).__name__}).") from None
        media_type = response.headers.get("Content-Type", "").partition(";")[0]
        return exchange.read(Answer(response.status_code, media_type, response.content))

    async def list_files(
        self,
        path: str = "",
        *,
        offset: int = 0,
        limit: int = 200,
        sort: str = "name",
        descending: bool = False,
        filter: str = "",  # noqa: A002 - its name in the protocol
        hidden: bool = False,
    ) -> FileListing:
        """List a page of a folder; the empty path lists the shares.

        Parameters
        ----------
        path : str
            ``share/folder``.
        offset, limit : int
            Which entries; at most 1000 at once.
        sort : str
            ``name``, ``size``, ``modified`` or ``kind``.
        filter : str
            A part of the name, or a glob.
        """
        return await self.send(
            http.list_files(
                path, offset=offset, limit=limit, sort=sort, descending=descending, filter=filter, hidden=hidden
            )
        )

    async def describe(self, path: str) -> FileDescription:
        """Describe a file by its headers: its HDUs, their shapes and compression."""
        return await self.send(http.describe(path))

    async def upload(
        self,
        local: str | os.PathLike[str],
        to: str,
        *,
        overwrite: bool = False,
        parents: bool = False,
        on_progress: OnBytes | None = None,
    ) -> str:
        """Upload a file into a share that is granted for writing, and give the path that it has there.

        It goes on after lost connections, its SHA-256 is checked by the server, and it has its name only once it is
        whole and on the disk.

        Parameters
        ----------
        local : path
        to : str
            ``share/folder/name``, or ``share/folder/`` for the name that it has here.
        overwrite : bool
            Whether what has that name goes to the trash; else it is refused.
        parents : bool
            Whether folders that are missing are made.
        on_progress : callable, optional
            Given the bytes that have gone, and all.

        Raises
        ------
        AlreadyExists, Forbidden, NotFound, OverQuota, NoSpace, WrongChecksum, Unreachable
        """
        return await self._transfers.upload(
            Path(local), to, overwrite=overwrite, parents=parents, on_progress=on_progress
        )

    async def download(
        self,
        path: str,
        local: str | os.PathLike[str] = ".",
        *,
        overwrite: bool = False,
        on_progress: OnBytes | None = None,
    ) -> Path:
        """Download a file, or a folder as a zip archive, and give where it lies.

        Parameters
        ----------
        path : str
            ``share/folder/name``.
        local : path
            A name, or a folder in which it gets the name that it has on the server.
        overwrite : bool
            Whether what has that name is replaced; else it is refused.
        on_progress : callable, optional
            Given the bytes that have come, and all.

        Raises
        ------
        AlreadyExists, NotFound, Unreachable
        """
        return await self._transfers.download(path, Path(local), overwrite=overwrite, on_progress=on_progress)

    async def image(
        self,
        path: str,
        hdu: int | str = "auto",
        plane: int = 0,
        *,
        layout: LayoutChoice = "auto",
        match: Match = "none",
        patience: float = 300.0,
    ) -> "AsyncImage":
        """Open an image.

        Parameters
        ----------
        path : str
        hdu : int or str
            A number, ``mosaic``, or ``auto``: what the server finds best.
        plane : int
        layout : str
            Of a mosaic: ``detsec``, ``wcs``, ``grid``, or ``auto``: the first of these that is possible.
        match : str
            ``background`` or ``gain`` to see the CCDs of a mosaic with one sky; `pixels` are changed too.
        patience : float
            Seconds to wait for a file that is being unpacked or decoded: until then, pixels that are not
            there yet are NaN. With 0 it is given as it is; `ImageInfo.complete` says so.

        Raises
        ------
        NotFound, UnsupportedFile, CorruptFile
        InvalidParameter
            If the file does not allow the layout or the match.
        TimedOut
            If it is not complete in time.
        """
        exchange = http.image(
            path,
            None if hdu == "auto" else hdu,
            plane,
            None if layout == "auto" else layout,
            None if match == "none" else match,
        )
        info = await self.send(exchange)
        clock = asyncio.get_running_loop().time
        begun = clock()
        while patience > 0 and not info.complete:
            if clock() - begun > patience:
                raise TimedOut(f"The file is {100 * info.progress:.0f} % unpacked after {patience:g} s.")
            await asyncio.sleep(_UNPACK_SECONDS)
            info = await self.send(exchange)
        return AsyncImage(self, info)

    async def call(
        self,
        module: str,
        task: str,
        parameters: Mapping[str, Any] | None = None,
        /,
        *,
        on_progress: OnProgress | None = None,
        **more: Any,
    ) -> Any:
        """Call a task over the websocket and wait for its result.

        Parameters
        ----------
        module, task : str
        parameters : mapping, optional
        on_progress : callable, optional
            Given the fraction done (0 to 1) and what the task says it does.
        **more
            Parameters by name.

        Returns
        -------
        Any
            JSON as Python values; an array for ``npy``; else a `toyz.client_types.Payload`.

        Raises
        ------
        ToyzError
            What the task raised. `SessionLost` if its process died.
        """

        def on_update(update: Update) -> None:
            if on_progress is not None and (update.progress is not None or update.message):
                on_progress(update.progress or 0.0, update.message or "")

        return await self.socket.call(module, task, dict(parameters or {}) | more, on_update)

    async def submit(
        self, module: str, task: str, parameters: Mapping[str, Any] | None = None, /, **more: Any
    ) -> "AsyncJob":
        """Submit a long task as a job, which goes on without this client."""
        job = await self.send(http.submit(module, task, dict(parameters or {}) | more))
        return AsyncJob(self, job.id)

    async def jobs(self, *, offset: int = 0, limit: int = 100) -> list[Job]:
        """List one's jobs, the newest first."""
        return await self.send(http.jobs(offset, limit))

    def job(self, identifier: str) -> "AsyncJob":
        """Take up a job by its id."""
        return AsyncJob(self, identifier)

    async def plugins(self) -> dict[str, Any]:
        """List the modules, their tasks with JSON Schemas, and the plugins that failed."""
        installed: dict[str, Any] = await self.send(http.plugins())
        return installed

    async def colormaps(self) -> list[dict[str, Any]]:
        """List the colour tables."""
        tables: list[dict[str, Any]] = await self.send(http.colormaps())
        return tables

    async def workspaces(self) -> list[Workspace]:
        """List the workspaces that one may open, the ones opened last first; those in the trash have `deleted`."""
        return await self.send(http.workspaces())

    async def export_workspace(self, identifier: str) -> dict[str, Any]:
        """Give a workspace as its file has it: ``toyz_workspace`` (the version), ``name``, ``entries``.

        Raises
        ------
        NotFound
        """
        return await self.send(http.export_workspace(identifier))

    async def import_workspace(self, file: Mapping[str, Any]) -> Workspace:
        """Make a workspace of one's own of what `export_workspace` gave, here or elsewhere.

        Raises
        ------
        BadRequest, TooLarge
        """
        return await self.send(http.import_workspace(file))


class AsyncImage:
    """An image of the server.

    Attributes
    ----------
    info : ImageInfo
        Its description: ``width``, ``height``, ``hdus``, ``wcs``, ``cuts``, ...
    """

    def __init__(self, client: AsyncClient, info: ImageInfo) -> None:
        self._client = client
        self._requests = ImageRequests(info)
        self.info = info

    async def pixels(
        self, x: int = 0, y: int = 0, width: int | None = None, height: int | None = None, step: int = 1
    ) -> Pixels:
        """Read a window of values.

        Parameters
        ----------
        x, y : int
            Display pixel of the top left corner: (0, 0) is the top left of the image.
        width, height : int, optional
            In pixels; to the right and to the bottom edge by default.
        step : int
            Take one pixel of each ``step × step`` block.

        Returns
        -------
        ndarray
            ``(ny, nx)`` or ``(ny, nx, 3)`` in display order: row 0 is the top of the screen. For a
            FITS image ``pixels[::-1]`` is the order of the file.

        Raises
        ------
        TooLarge
            Beyond 64 MB; read it in parts, or with a step.
        """
        return await self._client.send(self._requests.pixels(x, y, width, height, step))

    async def pixel(self, x: float, y: float) -> PixelValue:
        """Read the value and the sky position at FITS pixel coordinates (1-based, y up)."""
        return await self._client.send(self._requests.pixel(x, y))

    async def header(self, hdu: int | None = None) -> Header:
        """Read the header of an HDU; of the image's own by default."""
        return await self._client.send(self._requests.header(hdu))

    async def cuts(self, method: str = "zscale", *, percent: float | None = None) -> Cuts:
        """Find cuts: ``minmax``, ``percentile`` (with `percent`) or ``zscale``."""
        return await self._client.send(self._requests.cuts(method, percent))

    async def histogram(self, bins: int = 256, *, low: float | None = None, high: float | None = None) -> Histogram:
        """Count the values of a sample."""
        return await self._client.send(self._requests.histogram(bins, low, high))

    async def tile(self, z: int, x: int, y: int, **style: object) -> Tile:
        """Render a tile; ``z = 0`` is the coarsest level. `style` as in the URL: ``cuts``, ``colormap``, ..."""
        return await self._client.send(self._requests.tile(z, x, y, style))

    async def link(self, lifetime: float = 86400.0, *, pinned: bool = True, **style: object) -> ImageLink:
        """Make a IIIF link that opens this image, in this style, without a login.

        Parameters
        ----------
        lifetime : float
            Seconds, from a minute to a year.
        pinned : bool
            Whether the link ends when the file is replaced; else it shows what has its name then.
        **style
            As for `tile`.
        """
        return await self._client.send(self._requests.link(lifetime, pinned, style))


class AsyncJob:
    """A job on the server, by its `id`."""

    def __init__(self, client: AsyncClient, identifier: str) -> None:
        self._client = client
        self.id = identifier

    async def status(self) -> Job:
        """Ask how the job stands."""
        return await self._client.send(http.job(self.id))

    async def follow(self) -> AsyncIterator[Job]:
        """Give the job now and whenever it has changed, until it has ended."""
        job = await self.status()
        yield job
        while not job.phase.final:
            wait = _FOLLOW_SECONDS if job.phase is Phase.EXECUTING else _QUEUE_SECONDS
            await self._client.send(http.progress(self.id, wait, job.progress))
            latest = await self.status()
            if latest == job:
                await asyncio.sleep(_SETTLE_SECONDS)
                continue
            job = latest
            yield job

    async def cancel(self) -> Job:
        """Kill the job; one that has ended stays as it is."""
        return await self._client.send(http.cancel(self.id))

    async def result(self, timeout: float | None = None) -> Any:  # noqa: ASYNC109 - part of the interface
        """Wait for the end and give the result.

        Raises
        ------
        TimedOut
            If it has not ended after `timeout` seconds; the job goes on.
        Cancelled
            If it was cancelled.
        ToyzError
            What the task raised.
        """
        try:
            async with asyncio.timeout(timeout):
                job = await self._end()
        except TimeoutError:
            raise TimedOut(f"The job has not ended within {timeout:g} s.") from None
        if job.phase is Phase.COMPLETED:
            return await self._client.send(http.result(self.id))
        if job.error is not None:
            raise from_info(job.error)
        raise Cancelled("The job was cancelled.") if job.phase is Phase.ABORTED else ToyzError("The job failed.")

    async def _end(self) -> Job:
        async for job in self.follow():
            last = job
        return last

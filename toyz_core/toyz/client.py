"""A client for scripts and notebooks: files, pixels, tasks and jobs of a Toyz server.

>>> from toyz.client import Client
>>> with Client("http://127.0.0.1:8642/", token="...") as client:  # doctest: +SKIP
...     image = client.image("decam/c4d.fits.fz")
...     corner = image.pixels(0, 0, 512, 512)
...     rows = client.call("hello", "background", path=image.info.path, hdu=1)

`Client` blocks; `AsyncClient` is for ``async`` code. Both take the address from ``TOYZ_URL`` and the
token from ``TOYZ_TOKEN`` where they are not given. Errors of the server arrive as the exceptions
of `toyz.errors`.
"""

import asyncio
import os
import queue
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from toyz.client_async import AsyncClient, AsyncImage, AsyncJob, OnProgress
from toyz.client_socket import OnEvent
from toyz.client_transfers import OnBytes
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
from toyz.errors import Unreachable
from toyz.jobs import Job
from toyz.protocol import LayoutChoice, Match
from toyz.readers import Pixels

__all__ = ["AsyncClient", "AsyncImage", "AsyncJob", "Client", "Image", "JobHandle"]
T = TypeVar("T")
Reports = queue.SimpleQueue[Callable[[], None] | None]


class _LoopThread:
    """An event loop in a thread of its own, so that the client also works where one runs already (a notebook)."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="toyz-client", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end; an interrupt of the caller cancels it."""
        return self.run_reporting(work, None)

    def run_reporting(self, work: Coroutine[Any, Any, T], reports: "Reports | None") -> T:
        """Run a coroutine to its end, and what it puts into `reports` until then in this thread."""
        if self.closed:
            work.close()
            raise Unreachable("The client is closed.")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            if reports is not None:
                future.add_done_callback(lambda _: reports.put(None))
                for report in iter(reports.get, None):
                    report()
            return future.result()
        except BaseException:
            future.cancel()
            raise

    @property
    def closed(self) -> bool:
        """Whether it has ended."""
        return self._loop.is_closed()

    def close(self) -> None:
        """End the thread."""
        if not self.closed:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()


class Client:
    """A connection of a script to a Toyz server; see `AsyncClient` for the parameters.

    `on_event` is called from the client's own thread. A client may be used from several threads.
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
        self._client = AsyncClient(url, token, timeout=timeout, patience=patience, on_event=on_event)
        self._thread = _LoopThread()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine of the client's `AsyncClient`.

        Raises
        ------
        Unreachable
            If the client is closed.
        """
        return self._thread.run(work)

    def close(self) -> None:
        """Close the connections; a second call does nothing."""
        if not self._thread.closed:
            self.run(self._client.close())
            self._thread.close()

    def drop_connection(self) -> None:
        """Close the websocket as a failing network would; it comes back by itself."""
        self.run(self._client.socket.drop())

    def list_files(
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
        """List a page of a folder; see `AsyncClient.list_files`."""
        return self.run(
            self._client.list_files(
                path, offset=offset, limit=limit, sort=sort, descending=descending, filter=filter, hidden=hidden
            )
        )

    def describe(self, path: str) -> FileDescription:
        """Describe a file by its headers."""
        return self.run(self._client.describe(path))

    def upload(
        self,
        local: str | os.PathLike[str],
        to: str,
        *,
        overwrite: bool = False,
        parents: bool = False,
        on_progress: OnBytes | None = None,
    ) -> str:
        """Upload a file; see `AsyncClient.upload`. `on_progress` is called from the client's own thread."""
        return self.run(self._client.upload(local, to, overwrite=overwrite, parents=parents, on_progress=on_progress))

    def download(
        self,
        path: str,
        local: str | os.PathLike[str] = ".",
        *,
        overwrite: bool = False,
        on_progress: OnBytes | None = None,
    ) -> Path:
        """Download a file, or a folder as a zip archive; see `AsyncClient.download`."""
        return self.run(self._client.download(path, local, overwrite=overwrite, on_progress=on_progress))

    def image(
        self,
        path: str,
        hdu: int | str = "auto",
        plane: int = 0,
        *,
        layout: LayoutChoice = "auto",
        match: Match = "none",
        patience: float = 300.0,
    ) -> "Image":
        """Open an image and wait until it is complete; see `AsyncClient.image`."""
        opening = self._client.image(path, hdu, plane, layout=layout, match=match, patience=patience)
        return Image(self, self.run(opening))

    def call(
        self,
        module: str,
        task: str,
        parameters: Mapping[str, Any] | None = None,
        /,
        *,
        on_progress: OnProgress | None = None,
        **more: Any,
    ) -> Any:
        """Call a task and wait for its result; `on_progress` is called in this thread. See `AsyncClient.call`."""
        if on_progress is None:
            return self.run(self._client.call(module, task, parameters, **more))
        reports: Reports = queue.SimpleQueue()

        def report(fraction: float, text: str) -> None:
            reports.put(lambda: on_progress(fraction, text))

        work = self._client.call(module, task, parameters, on_progress=report, **more)
        return self._thread.run_reporting(work, reports)

    def submit(
        self, module: str, task: str, parameters: Mapping[str, Any] | None = None, /, **more: Any
    ) -> "JobHandle":
        """Submit a long task as a job, which goes on without this client."""
        return JobHandle(self, self.run(self._client.submit(module, task, parameters, **more)))

    def jobs(self, *, offset: int = 0, limit: int = 100) -> list[Job]:
        """List one's jobs, the newest first."""
        return self.run(self._client.jobs(offset=offset, limit=limit))

    def job(self, identifier: str) -> "JobHandle":
        """Take up a job by its id."""
        return JobHandle(self, self._client.job(identifier))

    def plugins(self) -> dict[str, Any]:
        """List the modules, their tasks with JSON Schemas, and the plugins that failed."""
        return self.run(self._client.plugins())

    def colormaps(self) -> list[dict[str, Any]]:
        """List the colour tables."""
        return self.run(self._client.colormaps())

    def workspaces(self) -> list[Workspace]:
        """List the workspaces that one may open; see `AsyncClient.workspaces`."""
        return self.run(self._client.workspaces())

    def export_workspace(self, identifier: str) -> dict[str, Any]:
        """Give a workspace as its file has it; see `AsyncClient.export_workspace`."""
        return self.run(self._client.export_workspace(identifier))

    def import_workspace(self, file: Mapping[str, Any]) -> Workspace:
        """Make a workspace of what `export_workspace` gave; see `AsyncClient.import_workspace`."""
        return self.run(self._client.import_workspace(file))


class Image:
    """An image of the server; its methods are those of `AsyncImage`.

    Attributes
    ----------
    info : ImageInfo
        Its description: ``width``, ``height``, ``hdus``, ``wcs``, ``cuts``, ...
    """

    def __init__(self, client: Client, image: AsyncImage) -> None:
        self._client = client
        self._image = image
        self.info: ImageInfo = image.info

    def pixels(
        self, x: int = 0, y: int = 0, width: int | None = None, height: int | None = None, step: int = 1
    ) -> Pixels:
        """Read a window of values, ``(ny, nx)``, in display order: row 0 is the top. See `AsyncImage.pixels`."""
        return self._client.run(self._image.pixels(x, y, width, height, step))

    def pixel(self, x: float, y: float) -> PixelValue:
        """Read the value and the sky position at FITS pixel coordinates (1-based, y up)."""
        return self._client.run(self._image.pixel(x, y))

    def header(self, hdu: int | None = None) -> Header:
        """Read the header of an HDU; of the image's own by default."""
        return self._client.run(self._image.header(hdu))

    def cuts(self, method: str = "zscale", *, percent: float | None = None) -> Cuts:
        """Find cuts: ``minmax``, ``percentile`` (with `percent`) or ``zscale``."""
        return self._client.run(self._image.cuts(method, percent=percent))

    def histogram(self, bins: int = 256, *, low: float | None = None, high: float | None = None) -> Histogram:
        """Count the values of a sample."""
        return self._client.run(self._image.histogram(bins, low=low, high=high))

    def tile(self, z: int, x: int, y: int, **style: object) -> Tile:
        """Render a tile; ``z = 0`` is the coarsest level."""
        return self._client.run(self._image.tile(z, x, y, **style))

    def link(self, lifetime: float = 86400.0, *, pinned: bool = True, **style: object) -> ImageLink:
        """Make a IIIF link that opens this image without a login; see `AsyncImage.link`."""
        return self._client.run(self._image.link(lifetime, pinned=pinned, **style))


class JobHandle:
    """A job on the server, by its `id`."""

    def __init__(self, client: Client, job: AsyncJob) -> None:
        self._client = client
        self._job = job
        self.id = job.id

    def status(self) -> Job:
        """Ask how the job stands."""
        return self._client.run(self._job.status())

    def follow(self) -> Iterator[Job]:
        """Give the job now and whenever it has changed, until it has ended."""
        updates = self._job.follow()

        async def advance() -> Job | None:
            return await anext(updates, None)

        while (job := self._client.run(advance())) is not None:
            yield job

    def cancel(self) -> Job:
        """Kill the job; one that has ended stays as it is."""
        return self._client.run(self._job.cancel())

    def result(self, timeout: float | None = None) -> Any:
        """Wait for the end and give the result; see `AsyncJob.result`."""
        return self._client.run(self._job.result(timeout))

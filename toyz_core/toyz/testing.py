"""Run a plugin's tasks and readers in a test, without a server.

>>> from toyz import Context, Plugin
>>> from toyz.testing import LocalContext, run_task
>>> plugin = Plugin("sums", title="Sums")
>>> @plugin.task
... def add(context: Context, left: int, right: int = 1) -> dict[str, int]:
...     context.session["calls"] = context.session.get("calls", 0) + 1
...     context.progress(0.5, "halfway")
...     return {"sum": left + right, "calls": context.session["calls"]}
>>> run_task(plugin, "add", left=2)
{'sum': 3, 'calls': 1}
>>> with LocalContext() as context:
...     context.run(plugin, "add", left=2), context.run(plugin, "add", left=3), context.reports
({'sum': 3, 'calls': 1}, {'sum': 4, 'calls': 2}, [Report(0.5, 'halfway'), Report(0.5, 'halfway')])
>>> run_task(plugin, "add", left="two")
Traceback (most recent call last):
toyz.errors.InvalidParameter: Expected `int`, got `str`

Parameters travel as JSON and are decoded as in production, and so is what the task returns:
the test sees what the browser would.
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import msgspec

from toyz.context import Image, Level
from toyz.errors import Cancelled, Forbidden, NotFound, ToyzError, UnknownTask, UnsupportedFile
from toyz.pictures import check_picture
from toyz.plugin import Plugin, SimpleReader
from toyz.protocol import Binary
from toyz.readers import OpenFile, Picture, Reader
from toyz.values import to_json


class Report(NamedTuple):
    """A call of `Context.progress`; the fraction is clipped to 0 … 1."""

    fraction: float
    message: str

    def __repr__(self) -> str:
        return f"Report({self.fraction:g}, {self.message!r})"


class LogEntry(NamedTuple):
    """A call of `Context.log`."""

    level: Level
    message: str


class EmittedEvent(NamedTuple):
    """A call of `Context.emit`, with the data as the panel gets them."""

    event: str
    data: Any


class LocalContext:
    """A `toyz.Context` over local folders, which records what a task says.

    It is a context manager: leaving it removes `scratch`. Used without ``with``, call `close`.

    Parameters
    ----------
    shares : mapping of str to path
        Folders by the name of the share, for ``context.open("share/file")``.
    user : str
    session : dict, optional
        State left by earlier tasks.
    cancel_when : callable, optional
        Given every `Report`; once it returns True, the call counts as taken back by the user.

    Attributes
    ----------
    reports : list of Report
    events : list of EmittedEvent
    logs : list of LogEntry
    """

    def __init__(
        self,
        shares: Mapping[str, str | os.PathLike[str]] | None = None,
        *,
        user: str = "tester",
        session: dict[str, Any] | None = None,
        cancel_when: Callable[[Report], bool] | None = None,
    ) -> None:
        self.shares = {name: Path(folder).resolve() for name, folder in (shares or {}).items()}
        self.user = user
        self.session: dict[str, Any] = {} if session is None else session
        self.reports: list[Report] = []
        self.events: list[EmittedEvent] = []
        self.logs: list[LogEntry] = []
        self._cancel_when = cancel_when
        self._cancelled = False
        self._scratch: Path | None = None
        self._readers: list[Reader | SimpleReader] = []

    def __enter__(self) -> "LocalContext":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the scratch folder."""
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    def run(self, plugin: Plugin, task: str, /, **parameters: Any) -> Any:
        """Call a task of `plugin` with this context; see `run_task`."""
        found = plugin.tasks.get(task)
        if found is None:
            raise UnknownTask(f"there is no task {plugin.name}.{task}")
        self._readers = list(plugin.readers)
        value = found.call(self, found.decode(to_json(parameters)))
        if isinstance(value, Binary):
            if found.long:
                raise ToyzError("A long task returns JSON; it writes large results to a file.")
            return value
        return msgspec.json.decode(to_json(value))

    @property
    def scratch(self) -> Path:
        """A folder of this context's own, made when it is first asked for."""
        if self._scratch is None:
            self._scratch = Path(tempfile.mkdtemp(prefix="toyz-test-"))
        return self._scratch

    @property
    def cancelled(self) -> bool:
        """Whether the call has been taken back."""
        return self._cancelled

    def cancel(self) -> None:
        """Take the call back, as the user would."""
        self._cancelled = True

    def check(self) -> None:
        """Raise `Cancelled` if the call has been taken back."""
        if self._cancelled:
            raise Cancelled("The call was taken back.")

    def open(self, path: str) -> OpenFile:
        """Open ``share/relative/path``.

        Raises
        ------
        NotFound, Forbidden, UnsupportedFile
        """
        share, _, rest = path.partition("/")
        parts = PurePosixPath(rest).parts
        if share not in self.shares or not parts or rest.startswith("/") or ".." in parts:
            raise NotFound(f"there is no {path}")
        target = self.shares[share].joinpath(*parts).resolve()
        if self.shares[share] not in target.parents:
            raise NotFound(f"there is no {path}")
        return open_local(target, path)

    def image(self, path: str, hdu: int | None = None, plane: int = 0) -> Image:
        """Open an image with the readers of Toyz and of the plugin under test.

        Raises
        ------
        NotFound, Forbidden, UnsupportedFile, CorruptFile
        """
        opened: Image = import_module("toyz_extensions.local_image").open_image(
            self.open(path), self._readers, hdu, plane
        )
        return opened

    def progress(self, fraction: float, message: str = "") -> None:
        """Record how far the task is; raise `Cancelled` if the call has been taken back."""
        self.check()
        report = Report(min(1.0, max(0.0, float(fraction))), message)
        self.reports.append(report)
        if self._cancel_when is not None and self._cancel_when(report):
            self.cancel()

    def emit(self, event: str, data: Any) -> None:
        """Record an event."""
        self.events.append(EmittedEvent(event, msgspec.json.decode(to_json(data))))

    def log(self, message: str, level: Level = "info") -> None:
        """Record a line of the log."""
        self.logs.append(LogEntry(level, message))


def open_local(path: Path, name: str) -> OpenFile:
    """Open a local file under a display name.

    Raises
    ------
    NotFound, Forbidden
    UnsupportedFile
        If it is no regular file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError:
        raise Forbidden(f"{name} may not be read") from None
    except OSError:
        raise NotFound(f"there is no {name}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnsupportedFile(f"{name} is not a file")
    return OpenFile(descriptor, name)


def run_task(plugin: Plugin, task: str, context: LocalContext | None = None, /, **parameters: Any) -> Any:
    """Call a task as the server would.

    Parameters
    ----------
    plugin : Plugin
    task : str
        Its name on the wire.
    context : LocalContext, optional
        With files, state or cancellation; an empty one by default.
    **parameters
        Encoded as JSON, then decoded into what the task declares.

    Returns
    -------
    Any
        The result as the browser gets it: decoded JSON, or a `toyz.protocol.Binary`.

    Raises
    ------
    UnknownTask, InvalidParameter
        Before the task is called.
    Exception
        Whatever the task raises.
    """
    if context is not None:
        return context.run(plugin, task, **parameters)
    with LocalContext() as empty:
        return empty.run(plugin, task, **parameters)


def read_file(plugin: Plugin, path: str | os.PathLike[str]) -> Picture:
    """Read a local file with the reader that `plugin` declares for it.

    Returns
    -------
    Picture
        Of a full reader: the first plane of its first image, with the header cards as text.

    Raises
    ------
    UnsupportedFile
        If no reader of the plugin takes the file.
    CorruptFile
        If the reader says so, or gives something that is no picture.
    """
    file = open_local(Path(path), Path(path).name)
    try:
        head = file.pread(4096, 0)
        for reader in plugin.readers:
            if isinstance(reader, SimpleReader):
                if file.name.lower().endswith(reader.extensions) and head.startswith(reader.magic):
                    picture = reader.function(file)
                    picture.pixels = check_picture(picture)
                    return picture
            elif reader.sniff(file.name, head):
                return _read_fully(reader, file)
    finally:
        file.close()
    raise UnsupportedFile(f"no reader of the plugin {plugin.name} takes {file.name}")


def _read_fully(reader: Reader, file: OpenFile) -> Picture:
    source = reader.open(file)
    try:
        for info in source.hdus:
            if info.kind == "image" and info.planes and not info.problem:
                header = {card.keyword: card.value for card in source.cards(info.index)}
                if info.windowed:
                    raster = source.raster(info.index)
                    pixels = raster.read(0, raster.shape[0], 0, raster.shape[1])
                else:
                    pixels = source.decode(info.index)
                return Picture(pixels=pixels, header=header, bottom_up=source.bottom_up, unit=info.unit)
    finally:
        source.close()
    raise UnsupportedFile(f"{file.name} holds no image")

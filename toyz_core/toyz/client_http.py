"""The HTTP side of the client, without doing any: what to ask, and how to understand the answer.

Each function gives an `Exchange`; who sends it (`toyz.client`) knows nothing of routes.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import msgspec
import numpy as np

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
from toyz.errors import (
    BadRequest,
    Conflict,
    ErrorInfo,
    Forbidden,
    NotAuthenticated,
    NotFound,
    ProtocolError,
    TooLarge,
    ToyzError,
    Unreachable,
    from_info,
)
from toyz.jobs import Job
from toyz.readers import Pixels

T = TypeVar("T")
_BY_STATUS: dict[int, type[ToyzError]] = {
    error.status: error for error in (BadRequest, NotAuthenticated, Forbidden, NotFound, Conflict, TooLarge)
} | {502: Unreachable, 503: Unreachable, 504: Unreachable}


@dataclass(frozen=True)
class Answer:
    """An HTTP response: status, media type without parameters, and body."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True)
class Exchange(Generic[T]):
    """A request and how to read its answer.

    Attributes
    ----------
    path : str
        Below the server's base URL, quoted, without a leading slash.
    decode : callable
        Makes the result of an answer that is no error.
    wait : float
        Seconds that the server may take on top of the usual.
    """

    method: str
    path: str
    decode: Callable[[Answer], T]
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    wait: float = 0.0

    def read(self, answer: Answer) -> T:
        """Give the result.

        Raises
        ------
        ToyzError
            What the server answered, or `ProtocolError` if it makes no sense.
        """
        if answer.status >= 400:
            raise error_of(answer)
        try:
            return self.decode(answer)
        except (msgspec.MsgspecError, ValueError) as error:
            raise ProtocolError(f"the server's answer makes no sense: {str(error)[:200]}") from None


def error_of(answer: Answer) -> ToyzError:
    """Make the exception of an answer; one that is not from Toyz (a proxy's page) goes by its status."""
    try:
        return from_info(msgspec.json.decode(answer.body, type=ErrorInfo))
    except msgspec.MsgspecError:
        kind = _BY_STATUS.get(answer.status, ToyzError)
        return kind(f"the server answered with status {answer.status}")


def _json(kind: type[T]) -> Callable[[Answer], T]:
    return lambda answer: msgspec.json.decode(answer.body, type=kind)


def _any(answer: Answer) -> Any:
    return msgspec.json.decode(answer.body) if answer.body else None


def _array(answer: Answer) -> Pixels:
    return decode_npy(answer.body)


def decode_npy(data: bytes) -> Pixels:
    """Read an array in numpy's format; objects are refused."""
    array: Pixels = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    return array


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _query(**values: object) -> dict[str, str]:
    """Write query parameters; those that are None are left out."""
    return {name: _text(value) for name, value in values.items() if value is not None}


def _place(kind: str, path: str, ending: str = "") -> str:
    inner = quote(path.strip("/"), safe="/")
    return "/".join(part for part in ("api", kind, inner, ending) if part)


def list_files(path: str, **options: object) -> Exchange[FileListing]:
    """List a page of a folder; the empty path lists the shares."""
    return Exchange("GET", _place("files", path), _json(FileListing), _query(**options))


def describe(path: str) -> Exchange[FileDescription]:
    """Describe a file by its headers."""
    return Exchange("GET", _place("images", path, "describe"), _json(FileDescription))


def image(
    path: str, hdu: int | str | None, plane: int, layout: str | None = None, match: str | None = None
) -> Exchange[ImageInfo]:
    """Open an image; what is None is left to the server."""
    query = _query(hdu=hdu, plane=plane, layout=layout, match=match)
    return Exchange("GET", _place("images", path), _json(ImageInfo), query)


class ImageRequests:
    """The requests about one open image.

    Parameters
    ----------
    info : ImageInfo
    """

    def __init__(self, info: ImageInfo) -> None:
        self.info = info

    def _get(self, ending: str, decode: Callable[[Answer], T], **query: object) -> Exchange[T]:
        return Exchange("GET", _place("images", self.info.path, ending), decode, _query(**(self._which() | query)))

    def _which(self) -> dict[str, object]:
        # Layout and match are of mosaics only; the layout is the one that was found, not "auto".
        info = self.info
        which: dict[str, object] = {"hdu": info.hdu, "plane": info.plane}
        if info.layout != "single":
            which |= {"layout": info.layout, "match": info.match}
        return which

    def pixels(self, x: int, y: int, width: int | None, height: int | None, step: int) -> Exchange[Pixels]:
        """Values of a window in display order, to the far edges where no size is given."""
        width = self.info.width - x if width is None else width
        height = self.info.height - y if height is None else height
        return self._get("pixels", _array, x=x, y=y, width=width, height=height, step=step)

    def pixel(self, x: float, y: float) -> Exchange[PixelValue]:
        """Value and position at FITS pixel coordinates."""
        return self._get("pixel", _json(PixelValue), x=x, y=y)

    def header(self, hdu: int | None) -> Exchange[Header]:
        """Header of one HDU; of the image's own if None."""
        return self._get("header", _json(Header), **({} if hdu is None else {"hdu": hdu}))

    def cuts(self, method: str, percent: float | None) -> Exchange[Cuts]:
        """Cuts by a method."""
        return self._get("cuts", _json(Cuts), method=method, percent=percent)

    def histogram(self, bins: int, low: float | None, high: float | None) -> Exchange[Histogram]:
        """Histogram of a sample."""
        return self._get("histogram", _json(Histogram), bins=bins, low=low, high=high)

    def tile(self, z: int, x: int, y: int, style: Mapping[str, object]) -> Exchange[Tile]:
        """Encoded tile; z counts from the coarsest level."""
        return self._get(f"tiles/{z}/{x}/{y}", lambda answer: Tile(answer.body, answer.media_type), **style)

    def link(self, lifetime: float, pinned: bool, style: Mapping[str, object]) -> Exchange[ImageLink]:
        """Signed IIIF link in a style."""
        asked = {"hdu": str(self.info.hdu), "plane": self.info.plane, "lifetime": int(lifetime), "pinned": pinned}
        body = msgspec.json.encode(asked | dict(style))
        return Exchange("POST", _place("images", self.info.path, "link"), _json(ImageLink), body=body)


def submit(module: str, task: str, parameters: Mapping[str, Any]) -> Exchange[Job]:
    """Submit a job."""
    body = msgspec.json.encode({"module": module, "task": task, "parameters": dict(parameters)})
    return Exchange("POST", "api/jobs", _json(Job), body=body)


def jobs(offset: int, limit: int) -> Exchange[list[Job]]:
    """List jobs, the newest first."""
    return Exchange("GET", "api/jobs", _json(list[Job]), _query(offset=offset, limit=limit))


def job(identifier: str) -> Exchange[Job]:
    """Show a job."""
    return Exchange("GET", _place("jobs", identifier), _json(Job))


def cancel(identifier: str) -> Exchange[Job]:
    """Cancel a job."""
    return Exchange("POST", _place("jobs", identifier, "cancel"), _json(Job))


def progress(identifier: str, wait: float, after: float) -> Exchange[Any]:
    """Wait until a job's progress is no longer `after`, or `wait` seconds."""
    place = _place("jobs", identifier, "progress")
    return Exchange("GET", place, _any, _query(wait=wait, after=after), wait=wait)


def result(identifier: str) -> Exchange[Any]:
    """Result of a job that is done."""
    return Exchange("GET", _place("jobs", identifier, "result"), _any)


def plugins() -> Exchange[Any]:
    """List what is installed."""
    return Exchange("GET", "api/plugins", _any)


def colormaps() -> Exchange[Any]:
    """List the colour tables."""
    return Exchange("GET", "api/colormaps", _any)


def workspaces() -> Exchange[list[Workspace]]:
    """List the workspaces that one may open."""
    return Exchange("GET", "api/workspaces", _decode_workspaces)


def export_workspace(identifier: str) -> Exchange[dict[str, Any]]:
    """Give a workspace as what its file holds."""
    return Exchange("GET", f"api/workspaces/{quote(identifier, safe='')}", _any)


def import_workspace(file: Mapping[str, Any]) -> Exchange[Workspace]:
    """Make a workspace of what a file holds."""
    return Exchange("POST", "api/workspaces", _decode_workspace, body=msgspec.json.encode(file))


def _decode_workspaces(answer: Answer) -> list[Workspace]:
    return msgspec.json.decode(answer.body, type=list[Workspace])


def _decode_workspace(answer: Answer) -> Workspace:
    return msgspec.json.decode(answer.body, type=Workspace)

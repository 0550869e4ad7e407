"""``/api/images``: images by the path of their file."""

from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Meta

from toyz.errors import InvalidParameter
from toyz.protocol import LayoutChoice, Match
from toyz_sessions.answers import Cuts, FileInfo, FoundCard, HeaderInfo, HistogramInfo, PixelInfo
from toyz_web.desk import Desk, ImageKey
from toyz_web.handlers.base import BaseHandler
from toyz_web.operations import Operation, operation
from toyz_web.schemas import ImageDescription

Hdu = Annotated[str, Meta(pattern="^(auto|mosaic|[0-9]{1,6})$", description="a number, mosaic or auto")]
Plane = Annotated[int, Meta(ge=0, le=10**9)]
ERRORS = (404, 415, 422, 503)


class ImageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which image of a file."""

    hdu: Hdu = "auto"
    plane: Plane = 0
    layout: LayoutChoice = "auto"
    match: Match = "none"


class PixelQuery(ImageQuery, frozen=True, kw_only=True):
    """Which pixel: FITS coordinates, 1-based, y up."""

    x: float
    y: float


class HeaderQuery(ImageQuery, frozen=True, kw_only=True):
    """Which header."""


class SearchQuery(ImageQuery, frozen=True, kw_only=True):
    """What is searched for: words that a card holds, all of them."""

    text: Annotated[str, Meta(min_length=1, max_length=200)]
    limit: Annotated[int, Meta(ge=1, le=5000)] = 500


class PixelsQuery(ImageQuery, frozen=True, kw_only=True):
    """Which window: display pixels from the top left corner."""

    x: Annotated[int, Meta(ge=0)]
    y: Annotated[int, Meta(ge=0)]
    width: Annotated[int, Meta(ge=1)]
    height: Annotated[int, Meta(ge=1)]
    step: Annotated[int, Meta(ge=1)] = 1


class CutsQuery(ImageQuery, frozen=True, kw_only=True):
    """How cuts are found."""

    method: Literal["minmax", "percentile", "zscale"] = "zscale"
    percent: Annotated[float, Meta(gt=0, le=100)] = 99.5


class HistogramQuery(ImageQuery, frozen=True, kw_only=True):
    """How a histogram is made."""

    bins: Annotated[int, Meta(ge=1, le=4096)] = 256
    low: float | None = None
    high: float | None = None


class ImageHandler(BaseHandler):
    """An image; the base of what is asked about one."""

    async def open_image(self, path: str, query: ImageQuery) -> tuple[Desk, dict[str, Any]]:
        """Open an image in the user's windowless session.

        Raises
        ------
        NotFound, UnsupportedFile, CorruptFile, Busy, SessionLost
        """
        desk = await self.services.hub.desk(self.user)
        hdu = int(query.hdu) if query.hdu.isdigit() else query.hdu
        return desk, await desk.image(ImageKey(path, hdu, query.plane, query.layout, query.match))

    async def ask(self, path: str, query: ImageQuery, task: str, **parameters: Any) -> bytes:
        """Call a task of ``images`` on an image."""
        desk, info = await self.open_image(path, query)
        return (await desk.call("images", task, {"image": info["image"], **parameters})).payload

    @operation(Operation(summary="Describe an image", query=ImageQuery, response=ImageDescription, errors=ERRORS))
    async def get(self, query: ImageQuery, path: str) -> dict[str, Any]:
        """Open it and say where its tiles are."""
        _, info = await self.open_image(path, query)
        which = urlencode({name: value for name, value in _which(info).items() if value is not None})
        tiles = f"{self.services.base_url}api/images/{quote(path)}/tiles/{{z}}/{{x}}/{{y}}?{which}"
        return {**info, "tiles": tiles}


def _which(info: dict[str, Any]) -> dict[str, Any]:
    """Name an image that was opened as `ImageQuery` does; layout and match are of mosaics only."""
    mosaic = info["layout"] != "single"
    return {
        "hdu": info["hdu"],
        "plane": info["plane"],
        "layout": info["layout"] if mosaic else None,
        "match": info["match"] if mosaic and info["match"] != "none" else None,
    }


class DescribeHandler(BaseHandler):
    """What the headers of a file say."""

    @operation(Operation(summary="Describe a file from its headers", response=FileInfo, errors=ERRORS))
    async def get(self, path: str) -> bytes:
        """Ask the session."""
        desk = await self.services.hub.desk(self.user)
        return (await desk.call("files", "describe", {"path": path})).payload


class PixelHandler(ImageHandler):
    """One pixel."""

    @operation(Operation(summary="Read one pixel", query=PixelQuery, response=PixelInfo, errors=ERRORS))
    async def get(self, query: PixelQuery, path: str) -> bytes:
        """Ask the session."""
        return await self.ask(path, query, "pixel", x=query.x, y=query.y)


class HeaderHandler(ImageHandler):
    """A header."""

    @operation(Operation(summary="Read the header of an HDU", query=HeaderQuery, response=HeaderInfo, errors=ERRORS))
    async def get(self, query: HeaderQuery, path: str) -> bytes:
        """Ask the session."""
        desk = await self.services.hub.desk(self.user)
        hdu = int(query.hdu) if query.hdu.isdigit() else query.hdu
        return (await desk.call("files", "header", {"path": path, "hdu": hdu})).payload


class SearchHeaderHandler(ImageHandler):
    """A search in the headers of all HDUs."""

    @operation(
        Operation(summary="Search the headers of all HDUs", query=SearchQuery, response=list[FoundCard], errors=ERRORS)
    )
    async def get(self, query: SearchQuery, path: str) -> bytes:
        """Ask the session."""
        return await self.ask(path, query, "search_header", text=query.text, limit=query.limit)


class CutsHandler(ImageHandler):
    """Cuts."""

    @operation(Operation(summary="Find cuts", query=CutsQuery, response=Cuts, errors=ERRORS))
    async def get(self, query: CutsQuery, path: str) -> bytes:
        """Ask the session."""
        return await self.ask(path, query, "cuts", method=query.method, percent=query.percent)


class HistogramHandler(ImageHandler):
    """A histogram."""

    @operation(Operation(summary="Make a histogram", query=HistogramQuery, response=HistogramInfo, errors=ERRORS))
    async def get(self, query: HistogramQuery, path: str) -> bytes:
        """Ask the session."""
        limits = {name: value for name in ("low", "high") if (value := getattr(query, name)) is not None}
        return await self.ask(path, query, "histogram", bins=query.bins, **limits)


class PixelsHandler(ImageHandler):
    """A window of pixels as an array."""

    @operation(
        Operation(
            summary="Read pixels as a numpy array (.npy)",
            query=PixelsQuery,
            media=("application/x-npy",),
            errors=(*ERRORS, 413),
        )
    )
    async def get(self, query: PixelsQuery, path: str) -> None:
        """Ask the session, and pass the array on as it is."""
        desk, info = await self.open_image(path, query)
        window = {name: getattr(query, name) for name in ("x", "y", "width", "height", "step")}
        reply = await desk.call("images", "pixels", {"image": info["image"], **window})
        if reply.format != "npy":
            raise InvalidParameter("the image has no pixels there")
        self.set_header("Content-Type", "application/x-npy")
        self.set_header("Content-Disposition", 'attachment; filename="pixels.npy"')
        await self.finish(reply.payload)

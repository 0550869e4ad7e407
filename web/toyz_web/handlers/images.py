"""``/api/images``: images by the path of their file."""

from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from msgspec import Meta

from toyz.errors import InvalidParameter
from toyz_sessions.answers import Cuts, FileInfo, FoundCard, HeaderInfo, HistogramInfo, PixelInfo
from toyz_web.desk import Desk
from toyz_web.handlers.base import BaseHandler
from toyz_web.iiif import service_url
from toyz_web.iiif.identifier import Identifier, Options
from toyz_web.image_query import ImageQuery, key_of
from toyz_web.operations import Operation, operation
from toyz_web.schemas import ImageDescription, ImageLink
from toyz_web.tile_wish import TileQuery, find_style

ERRORS = (404, 415, 422, 503)


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


class NewLink(TileQuery, frozen=True, kw_only=True):
    """How the image is shown, and for how long.

    Attributes
    ----------
    lifetime : int
        Seconds.
    pinned : bool
        Whether the link is to this very file; else it is to whatever has its name.
    """

    lifetime: Annotated[int, Meta(ge=60, le=366 * 86400)] = 86400
    pinned: bool = True


class ImageHandler(BaseHandler):
    """The base of what is asked about an image."""

    async def open_image(self, path: str, query: ImageQuery) -> tuple[Desk, dict[str, Any]]:
        """Open an image in the user's windowless session.

        Raises
        ------
        NotFound, UnsupportedFile, CorruptFile, Busy, SessionLost
        """
        desk = await self.services.hub.desk(self.user)
        return desk, await desk.image(key_of(path, query))

    async def ask(self, path: str, query: ImageQuery, task: str, **parameters: Any) -> bytes:
        """Call a task of ``images`` on an image."""
        desk, info = await self.open_image(path, query)
        return (await desk.call("images", task, {"image": info["image"], **parameters})).payload

    def client_has(self, etag: str, kept: str) -> bool:
        """Tell a client that it has the answer already, if it has.

        Parameters
        ----------
        etag : str
            Names the answer.
        kept : str
            ``Cache-Control`` of an answer that it has.
        """
        self.set_header("Etag", etag)
        if not self.check_etag_header():
            return False
        self.set_header("Cache-Control", kept)
        self.set_status(304)
        self.finish()
        return True


class DescriptionHandler(ImageHandler):
    """An image: where its tiles are, and what is known of it."""

    @operation(Operation(summary="Describe an image", query=ImageQuery, response=ImageDescription, errors=ERRORS))
    async def get(self, query: ImageQuery, path: str) -> dict[str, Any]:
        """Open it and say where its tiles are."""
        _, info = await self.open_image(path, query)
        which = urlencode(which_of(info))
        tiles = f"{self.services.base_url}api/images/{quote(path)}/tiles/{{z}}/{{x}}/{{y}}?{which}"
        return {**info, "tiles": tiles, "iiif": service_url(self.site, identifier_of(info))}


def identifier_of(info: dict[str, Any], options: Options | None = None) -> Identifier:
    """Give the identifier of an open image; it means this very file once all of that is there."""
    which = which_of(info) | {"hdu": str(info["hdu"]), "version": info["image"] if info["complete"] else ""}
    return Identifier(info["path"], options or Options()).replace(**which)


class LinkHandler(ImageHandler):
    """Links to an image for those who have no login."""

    @operation(
        Operation(
            summary="Sign a IIIF link to an image that opens without a login",
            body=NewLink,
            response=ImageLink,
            errors=ERRORS,
        )
    )
    async def post(self, new: NewLink, path: str) -> ImageLink:
        """Open the image, so that nothing is signed that cannot be shown, and sign."""
        desk, info = await self.open_image(path, new)
        await find_style(desk, info, new)
        fields = {field: getattr(new, field) for field in TileQuery.__struct_fields__}
        identifier = identifier_of(info, Options(**fields))
        if not new.pinned:
            identifier = identifier.replace(version="", hdu=new.hdu)
        signed = self.services.signer.sign(identifier, new.lifetime)
        return ImageLink(service_url(self.site, signed), signed.options.expires)


def which_of(info: dict[str, Any]) -> dict[str, Any]:
    """Name an image that was opened, as `ImageQuery` does; layout and match are of mosaics only."""
    which = {"hdu": info["hdu"], "plane": info["plane"]}
    if info["layout"] != "single":
        which["layout"] = info["layout"]
    if info["match"] != "none":
        which["match"] = info["match"]
    return which


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
        return (await desk.call("files", "header", {"path": path, "hdu": key_of(path, query).hdu})).payload


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

"""What the public picture routes (IIIF and DZI) share: who may see, other sites' pages, how long answers keep."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from toyz.errors import NotAuthenticated, NotFound
from toyz.protocol import Style, TileAddress
from toyz_web.cors import cors_headers, preflight_headers
from toyz_web.desk import Desk
from toyz_web.handlers.images import ImageHandler
from toyz_web.iiif.identifier import Identifier, parse
from toyz_web.iiif.request import ImageRequest, Size
from toyz_web.image_query import key_of
from toyz_web.shares import ANONYMOUS
from toyz_web.tile_wish import MEDIA, etag_of, find_style

_BRIEF = 300
"""Seconds that an answer is kept whose file may be replaced."""
_LONG = 31_536_000
"""Seconds that an answer is kept whose address names the file's identity."""
_BLACK = "#000000"


@dataclass(frozen=True)
class ViewedImage:
    """An image that is open for whoever asked.

    Attributes
    ----------
    identifier : Identifier
    desk : Desk
    info : dict
    public : bool
        Whether everybody may see it.
    left : float
        Seconds until the link expires.
    """

    identifier: Identifier
    desk: Desk
    info: dict[str, Any]
    public: bool
    left: float

    @property
    def size(self) -> Size:
        """Of the image."""
        return Size(self.info["width"], self.info["height"])

    @property
    def kept(self) -> str:
        """``Cache-Control`` of an answer that will not change."""
        whose = "public" if self.public else "private"
        if not self.identifier.options.version:
            return f"{whose}, max-age={int(min(_BRIEF, self.left))}"
        return f"{whose}, max-age={int(min(_LONG, self.left))}, immutable"


class _RegionAddress(msgspec.Struct, frozen=True):
    """What a picture is made of that is no tile."""

    image: str
    request: ImageRequest
    style: Style


class ViewerHandler(ImageHandler):
    """A handler for viewers, also those of other sites, and for those who are not signed in where that is granted."""

    public = True
    _rendering: "asyncio.Task[_Picture] | None" = None
    SUPPORTED_METHODS = ("GET", "HEAD", "OPTIONS")  # type: ignore[assignment]

    def set_default_headers(self) -> None:
        """Set the security headers, and those for pages of other sites."""
        super().set_default_headers()
        origins = self.services.shared.config.cors_origins
        for name, value in cors_headers(origins, self.request.headers.get("Origin")).items():
            self.set_header(name, value)
        if origins and not self.cookie:
            # An <img> of another site shows what needs no cookie; a cookie's pictures are for our own pages.
            self.set_header("Cross-Origin-Resource-Policy", "cross-origin")

    async def prepare(self) -> None:
        """Find out who asks; a browser that asks before it asks says nothing of that."""
        if self.request.method != "OPTIONS":
            await super().prepare()

    async def options(self, *args: str, **kwargs: str) -> None:
        """Answer a preflight."""
        del args, kwargs
        if "Access-Control-Allow-Origin" in self._headers:
            for name, value in preflight_headers().items():
                self.set_header(name, value)
        self.set_header("Allow", ", ".join(self.allowed_methods()))
        self.set_status(204)

    async def show(self, text: str) -> ViewedImage:
        """Open the image that an identifier names, if who asks may see it.

        Raises
        ------
        NotFound
            Also if a signature is not valid, or the identifier names a version that is no more.
        NotAuthenticated
            If it needs a login. An image that is not there needs one as well.
        InvalidParameter
        """
        identifier = parse(text)
        user, left = self._reader(identifier)
        desk = await self.services.hub.desk(user)
        info = await desk.image(key_of(identifier.path, identifier.options))
        if identifier.options.version not in ("", info["image"]):
            raise NotFound("The file has been replaced since this address was made.")
        return ViewedImage(identifier, desk, info, user == ANONYMOUS, left)

    def _reader(self, identifier: Identifier) -> tuple[str, float]:
        """Say as which user an identifier is opened, and for how many seconds."""
        services = self.services
        if identifier.signed:
            return services.auth.user, services.signer.check(identifier)
        if self.identity is not None:
            return self.identity.user, float(_LONG)
        if identifier.share in {grant.name for grant in services.shared.grants_for(ANONYMOUS)}:
            return ANONYMOUS, float(_LONG)
        raise NotAuthenticated("Sign in first, send Authorization: Bearer TOKEN, or use a signed link.")

    async def send_picture(self, viewed: ViewedImage, request: ImageRequest) -> None:
        """Answer with a picture, unless the client has it."""
        info = viewed.info
        style = await find_style(viewed.desk, info, viewed.identifier.options)
        if request.format == "jpg" and style.bad == "transparent":
            style = msgspec.structs.replace(style, bad=_BLACK)
        tile = request.tile
        address = (
            TileAddress(info["image"], tile.level, tile.x, tile.y, style)
            if tile is not None
            else _RegionAddress(info["image"], request, style)
        )
        etag = etag_of(address)
        if info["pyramid"] == "ready" and info["complete"] and self.client_has(etag, viewed.kept):
            return
        picture = await self._wait_for(_render(viewed.desk, address))
        if picture is None or (picture.final and self.client_has(etag, viewed.kept)):
            return
        self.set_header("Content-Type", MEDIA[picture.format])
        self.set_header("Cache-Control", viewed.kept if picture.final else "no-store")
        await self.finish(picture.data)

    async def _wait_for(self, rendering: "Coroutine[Any, Any, _Picture]") -> "_Picture | None":
        """Wait for a picture; None if the client has gone."""
        self._rendering = asyncio.create_task(rendering)
        try:
            return await self._rendering
        except asyncio.CancelledError:
            if self._rendering.cancelled():
                return None
            raise

    def on_connection_close(self) -> None:
        """Take the picture back: nobody waits for it."""
        super().on_connection_close()
        if self._rendering is not None:
            self._rendering.cancel()


class _Picture(NamedTuple):
    """A picture: its format, its bytes, and whether it will stay as it is."""

    format: str
    data: bytes
    final: bool


async def _render(desk: Desk, address: TileAddress | _RegionAddress) -> _Picture:
    if isinstance(address, TileAddress):
        done, data = await desk.tile(address)
        return _Picture(done.format, data, done.cacheable)
    request, (x, y, width, height) = address.request, address.request.region
    parameters = {
        "image": address.image,
        "region": [x, y, x + width, y + height],
        "size": request.size,
        "style": address.style,
        "format": "jpeg" if request.format == "jpg" else request.format,
        "tone": request.quality,
        "turn": request.turn,
        "mirror": request.mirror,
    }
    reply = await desk.call("images", "render", parameters)
    return _Picture(reply.format, reply.payload, bool(reply.result["final"]))

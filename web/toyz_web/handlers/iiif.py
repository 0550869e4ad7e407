"""``/iiif/3/…``: the IIIF Image API 3.0 at level 2."""

import re

import msgspec

from toyz_web.handlers.images import ERRORS
from toyz_web.handlers.viewer import ViewedImage, ViewerHandler
from toyz_web.iiif import PREFIX, service_url
from toyz_web.iiif.identifier import parse
from toyz_web.iiif.info import CONTEXT, PROFILE, ImageInformation, image_information
from toyz_web.iiif.request import ImageRequest
from toyz_web.iiif.request import parse as parse_request
from toyz_web.operations import Operation, operation

JSON = "application/json"
LINKED_DATA = "application/ld+json"


class IiifBaseHandler(ViewerHandler):
    """An image's base URL: it leads to its description."""

    @operation(Operation(summary="Go to the description of an image", status=303, media=(), errors=(404,)))
    async def get(self, identifier: str) -> None:
        """Redirect, whoever asks: the description is asked for anew."""
        self.redirect(f"{self.services.base_url}{PREFIX}{parse(identifier).quoted}/info.json", status=303)


class IiifInfoHandler(ViewerHandler):
    """What a viewer must know of an image."""

    @operation(
        Operation(
            summary="Describe an image to a IIIF viewer",
            response=ImageInformation,
            media=(JSON, LINKED_DATA),
            errors=(*ERRORS, 304),
        )
    )
    async def get(self, identifier: str) -> None:
        """Open the image and describe it, in the media type that is preferred."""
        viewed = await self.show(identifier)
        self.add_header("Vary", "Accept")
        self.set_header("Link", f'<{PROFILE}>;rel="profile"')
        self.set_header("Cache-Control", viewed.kept if viewed.info["complete"] else "no-store")
        accept = self.request.headers.get("Accept", "")
        linked = _weight(accept, LINKED_DATA) > _weight(accept, JSON)
        self.set_header("Content-Type", f'{LINKED_DATA};profile="{CONTEXT}"' if linked else JSON)
        await self.finish(
            msgspec.json.encode(image_information(service_url(self.site, viewed.identifier), viewed.size))
        )


def _weight(accept: str, kind: str) -> float:
    """How much a media type is wanted, from 0 to 1; what is not named is not wanted."""
    for each in accept.split(","):
        name, *parameters = (part.strip().lower() for part in each.split(";"))
        if name == kind:
            given = [part.removeprefix("q=") for part in parameters if part.startswith("q=")]
            return float(given[0]) if given and re.fullmatch(r"[01](\.[0-9]{0,3})?", given[0]) else 1.0
    return 0.0


class IiifImageHandler(ViewerHandler):
    """A picture of an image, or of a part of it."""

    @operation(
        Operation(
            summary="Render a region of an image (IIIF Image API 3.0, level 2)",
            media=("image/jpeg", "image/png"),
            errors=(*ERRORS, 304, 501),
        )
    )
    async def get(
        self,
        identifier: str,
        region: str,
        size: str,
        rotation: str,
        quality: str,
        format: str,  # noqa: A002 - the word of the standard
    ) -> None:
        """Render it, unless the client has it."""
        viewed = await self.show(identifier)
        request = _plain(viewed, parse_request(viewed.size, region, size, rotation, quality, format))
        canonical = f"{service_url(self.site, viewed.identifier)}/{request.canonical}"
        self.set_header("Link", f'<{canonical}>;rel="canonical",<{PROFILE}>;rel="profile"')
        await self.send_picture(viewed, request)


def _plain(viewed: ViewedImage, request: ImageRequest) -> ImageRequest:
    """Ask for the default quality where the one asked for is the same."""
    style, channels = viewed.identifier.options, viewed.info["channels"]
    same = {"color": style.is_coloured, "gray": style.is_grey}.get(request.quality)
    if same is None or not same(channels):
        return request
    return msgspec.structs.replace(request, quality="default")

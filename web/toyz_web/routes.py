"""Which handler answers which address: the one table that the application and the OpenAPI document share."""

import re

import msgspec

from toyz_web.handlers.base import BaseHandler
from toyz_web.handlers.deepzoom import DeepZoomTileHandler, DescriptorHandler
from toyz_web.handlers.documents import AsyncApiHandler, OpenApiHandler
from toyz_web.handlers.download import DownloadHandler
from toyz_web.handlers.files import FilesHandler
from toyz_web.handlers.health import HealthHandler
from toyz_web.handlers.iiif import IiifBaseHandler, IiifImageHandler, IiifInfoHandler
from toyz_web.handlers.images import (
    CutsHandler,
    DescribeHandler,
    DescriptionHandler,
    HeaderHandler,
    HistogramHandler,
    LinkHandler,
    PixelHandler,
    PixelsHandler,
    SearchHeaderHandler,
)
from toyz_web.handlers.jobs import CancelHandler, JobHandler, JobsHandler, ProgressHandler, ResultHandler
from toyz_web.handlers.login import LoginHandler, LogoutHandler
from toyz_web.handlers.metrics import MetricsHandler
from toyz_web.handlers.page import BundleHandler, PageHandler, PluginFileHandler
from toyz_web.handlers.plugins import ColormapsHandler, PluginsHandler
from toyz_web.handlers.status import StatusHandler
from toyz_web.handlers.tiles import TileHandler
from toyz_web.handlers.uploads import UploadHandler, UploadsHandler
from toyz_web.handlers.visit import ArriveHandler, DepartHandler, HubArriveHandler, PlaceScriptHandler
from toyz_web.handlers.workspaces import WorkspaceHandler, WorkspacesHandler
from toyz_web.oversize import MAX_BODY, WORDS
from toyz_web.socket import SocketHandler

PATTERNS = {
    "path": r"(?P<path>.+)",
    # The file's own name may be that of a question ("pixel"), so an image has a share and a file.
    "file": r"(?P<path>[^/]+?(?:/|%2[Ff]).+)",
    "z": r"(?P<z>[0-9]{1,3})",
    "x": r"(?P<x>[0-9]{1,9})",
    "y": r"(?P<y>[0-9]{1,9})",
    "id": r"(?P<id>[^/]{1,64})",
    "identifier": r"(?P<identifier>[^/]+)",
    "region": r"(?P<region>[^/]+)",
    "size": r"(?P<size>[^/]+)",
    "rotation": r"(?P<rotation>[^/]+)",
    "quality": r"(?P<quality>[^/]+)",
    "format": r"(?P<format>[^/.]+)",
    "level": r"(?P<level>[0-9]{1,3})",
    "way": r"(?P<way>[a-z]{1,20})",
    "plugin": r"([a-z][a-z0-9_]{0,63})",
    "name": r"(.+)",
}


class Route(msgspec.Struct, frozen=True):
    """An address and its handler.

    Attributes
    ----------
    template : str
        Relative to the base prefix, with ``{names}``.
    handler : type
    documented : bool
        Whether it belongs to the API for scripts.
    limit : int or None
        Bytes of a request's body; None where the handler sees to that itself.
    too_large : str
        What is said of more, ``{}`` being the megabytes.
    """

    template: str
    handler: type[BaseHandler]
    documented: bool = True
    limit: int | None = MAX_BODY
    too_large: str = WORDS

    def pattern(self, base_url: str) -> str:
        """Give the regular expression of the address, percent-encoded as it arrives."""
        parts = re.split(r"\{(\w+)\}", self.template)
        inner = "".join(PATTERNS[part] if index % 2 else re.escape(part) for index, part in enumerate(parts))
        return f"{re.escape(base_url)}{inner}"


ROUTES = (
    Route("", PageHandler, documented=False),
    Route("login", LoginHandler, documented=False),
    Route("login/place.js", PlaceScriptHandler, documented=False),
    Route("login/{way}", DepartHandler, documented=False),
    Route("login/{way}/callback", ArriveHandler, documented=False),
    Route("oauth_callback", HubArriveHandler, documented=False),
    Route("logout", LogoutHandler, documented=False),
    Route("healthz", HealthHandler),
    Route("metrics", MetricsHandler, documented=False),
    Route("api/files", FilesHandler),
    Route("api/files/{path}", FilesHandler),
    Route("api/download/{path}", DownloadHandler),
    Route("api/uploads", UploadsHandler),
    Route("api/uploads/{id}", UploadHandler, limit=None),
    Route("api/images/{file}/tiles/{z}/{x}/{y}", TileHandler),
    Route("api/images/{file}/pixel", PixelHandler),
    Route("api/images/{file}/header", HeaderHandler),
    Route("api/images/{file}/search_header", SearchHeaderHandler),
    Route("api/images/{file}/pixels", PixelsHandler),
    Route("api/images/{file}/describe", DescribeHandler),
    Route("api/images/{file}/cuts", CutsHandler),
    Route("api/images/{file}/histogram", HistogramHandler),
    Route("api/images/{file}/link", LinkHandler),
    Route("api/images/{path}", DescriptionHandler),
    Route("iiif/3/{identifier}", IiifBaseHandler),
    Route("iiif/3/{identifier}/info.json", IiifInfoHandler),
    Route("iiif/3/{identifier}/{region}/{size}/{rotation}/{quality}.{format}", IiifImageHandler),
    Route("dzi/{identifier}.dzi", DescriptorHandler),
    Route("dzi/{identifier}_files/{level}/{x}_{y}.{format}", DeepZoomTileHandler),
    Route("api/jobs", JobsHandler),
    Route("api/jobs/{id}", JobHandler),
    Route("api/jobs/{id}/progress", ProgressHandler),
    Route("api/jobs/{id}/cancel", CancelHandler),
    Route("api/jobs/{id}/result", ResultHandler),
    # A workspace of 4 MB, written legibly.
    Route(
        "api/workspaces",
        WorkspacesHandler,
        limit=6 << 20,
        too_large="This is not a workspace file, or larger than {} MB.",
    ),
    Route("api/workspaces/{id}", WorkspaceHandler),
    Route("api/status", StatusHandler),
    Route("api/plugins", PluginsHandler),
    Route("api/colormaps", ColormapsHandler),
    Route("api/openapi.json", OpenApiHandler),
    Route("api/asyncapi.json", AsyncApiHandler),
    Route("api/socket", SocketHandler, documented=False),
    Route("plugins/{plugin}/{name}", PluginFileHandler, documented=False),
    Route("static/{name}", BundleHandler, documented=False),
)

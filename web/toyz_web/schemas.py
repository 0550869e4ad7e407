"""The shapes of answers that are the server's own, or have something of its own besides what a session answers."""

from typing import Any

import msgspec

from toyz_sessions.answers import ImageInfo


class ImageDescription(ImageInfo, kw_only=True):
    """An open image: its size, levels, position on the sky, and where its tiles are."""

    tiles: str
    """URL of a tile, from the root of the host, with ``{z}``, ``{x}`` and ``{y}``; z = 0 is the coarsest level."""
    iiif: str
    """Base URL of the image for IIIF viewers; it names this very file, and not one that takes its place."""


class ImageLink(msgspec.Struct, frozen=True):
    """A link to an image for those who have no login: a IIIF base URL, and when it expires (epoch, seconds)."""

    iiif: str
    expires: int


class PluginList(msgspec.Struct):
    """Plugins that are there, and those that failed."""

    modules: list[dict[str, Any]]
    failures: list[dict[str, str]]


class JobProgress(msgspec.Struct):
    """How far a job is."""

    id: str
    phase: str
    progress: float
    message: str

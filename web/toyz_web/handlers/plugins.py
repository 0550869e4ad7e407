"""``/api/plugins`` and ``/api/colormaps``: what is installed."""

from typing import Any

from toyz_sessions.answers import ColormapInfo
from toyz_web.handlers.base import BaseHandler
from toyz_web.operations import Operation, operation
from toyz_web.schemas import PluginList


class PluginsHandler(BaseHandler):
    """The plugins."""

    @operation(Operation(summary="List the plugins", response=PluginList))
    async def get(self) -> dict[str, Any]:
        """Give what ``server.plugins`` gives."""
        return self.services.shared.directory.manifest.public()


class ColormapsHandler(BaseHandler):
    """The colour tables."""

    @operation(Operation(summary="List the colour tables", response=list[ColormapInfo]))
    async def get(self) -> bytes:
        """Ask the session; they change only with an upgrade."""
        desk = await self.services.hub.desk(self.user)
        reply = await desk.call("images", "colormaps", {})
        self.set_header("Cache-Control", "private, max-age=3600")
        return reply.payload

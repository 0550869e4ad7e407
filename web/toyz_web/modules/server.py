"""``server``: what is installed."""

from typing import Any

from toyz.plugin import Plugin
from toyz_web.context import ServerContext

plugin = Plugin("server", title="Server")


@plugin.task
async def plugins(context: ServerContext) -> dict[str, Any]:
    """Give the plugins that are there, and those that failed with the reason."""
    return context.shared.directory.manifest.public()

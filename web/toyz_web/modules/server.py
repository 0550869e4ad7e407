"""``server``: what is installed, how it is doing, and the sessions of its users."""

from typing import Annotated, Any

from msgspec import Meta

from toyz.errors import Forbidden
from toyz.plugin import Plugin
from toyz_web.context import ServerContext
from toyz_web.status import ServerStatus

plugin = Plugin("server", title="Server")


@plugin.task
async def plugins(context: ServerContext) -> dict[str, Any]:
    """Give the plugins that are there, and those that failed."""
    return context.shared.directory.manifest.public()


@plugin.task
async def status(context: ServerContext) -> ServerStatus:
    """Tell how the server is doing, and which sessions the user has; administrators are told of everybody's."""
    return await context.shared.board.show(context.user, all_users=await context.is_administrator())


@plugin.task
async def end_session(
    context: ServerContext,
    window: Annotated[str, Meta(max_length=64)] = "",
    user: Annotated[str, Meta(max_length=65)] = "",
) -> None:
    """End a window of the user, or without a name what answers requests; administrators also end others'.

    Raises
    ------
    Forbidden, NotFound
    """
    whose = user or context.user
    if whose != context.user and not await context.is_administrator():
        raise Forbidden("Only administrators end what others have open.")
    await context.shared.board.end(whose, window)
    await context.shared.audit.record(context.user, "end_session", whose)

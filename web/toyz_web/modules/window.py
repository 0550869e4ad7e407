"""``window``: what a window keeps for when its page comes back."""

import msgspec

from toyz.errors import TooLarge
from toyz.plugin import Plugin
from toyz_web.context import ServerContext

plugin = Plugin("window", title="Window")
MAX_VIEW = 16 * 1024


@plugin.task
async def save_view(context: ServerContext, view: msgspec.Raw) -> None:
    """Keep the view; it comes back in ``Hello.view``.

    Raises
    ------
    TooLarge
    """
    if len(bytes(view)) > MAX_VIEW:
        raise TooLarge("A view takes at most 16 KB.", field="parameters.view")
    context.window.view = msgspec.Raw(bytes(view))

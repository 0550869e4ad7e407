"""The server's own modules: declared as plugins are, but with coroutines that run on the server's loop."""

from toyz.plugin import Plugin
from toyz_web.modules import account, admin, jobs, server, settings, workspaces

MODULES: tuple[Plugin, ...] = (
    settings.plugin,
    account.plugin,
    admin.plugin,
    jobs.plugin,
    server.plugin,
    workspaces.plugin,
)

"""``/api/status``: how the server is doing."""

from toyz_web.handlers.base import BaseHandler
from toyz_web.operations import Operation, operation
from toyz_web.status import ServerStatus


class StatusHandler(BaseHandler):
    """The load and the user's own sessions; for administrators those of all, and the installation."""

    async def prepare(self) -> None:
        """Let in users, and commands that can read the server's secrets, which are told all."""
        self.identity = self.services.auth.local_identity(self.request.headers.get("Authorization", ""))
        if self.identity is None:
            await super().prepare()

    @operation(Operation(summary="How the server is doing", response=ServerStatus))
    async def get(self) -> ServerStatus:
        """Gather and give it."""
        admin = self.identity is not None and self.identity.admin
        return await self.services.shared.board.show(self.user, all_users=admin)

"""``/healthz``: whether the server lives, for a supervisor or a proxy."""

import msgspec

from toyz_web.handlers.base import BaseHandler
from toyz_web.operations import Operation, operation


class Health(msgspec.Struct, frozen=True):
    """The server answers; nothing is told to those who are not signed in."""

    status: str = "ok"


class HealthHandler(BaseHandler):
    """Answers while the loop turns and the database can be read."""

    public = True

    @operation(Operation(summary="Whether the server lives", response=Health))
    async def get(self) -> Health:
        """Read from the database and answer."""
        await self.services.shared.settings.count("")
        return Health()

    async def prepare(self) -> None:
        """Let everybody in."""

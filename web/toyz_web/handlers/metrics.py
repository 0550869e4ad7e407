"""``/metrics``: the numbers of the server, for Prometheus."""

from toyz.errors import Forbidden, NotAuthenticated
from toyz_web.forwarding import Networks
from toyz_web.handlers.base import BaseHandler
from toyz_web.metrics import CONTENT_TYPE


class MetricsHandler(BaseHandler):
    """All metrics as text, for administrators and for the addresses that the configuration names."""

    public = True

    async def prepare(self) -> None:
        """Let in who may read them."""
        await super().prepare()
        if (self.request.remote_ip or "") in Networks(self.services.shared.config.metrics_from):
            return
        if self.identity is None:
            raise NotAuthenticated("Send an administrator's token as Authorization: Bearer TOKEN.")
        if not self.identity.admin:
            raise Forbidden("This is for administrators.")

    async def get(self) -> None:
        """Give them."""
        self.set_header("Content-Type", CONTENT_TYPE)
        self.write(await self.services.metrics.expose())

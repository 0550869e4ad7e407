"""The published protocol: OpenAPI and AsyncAPI, generated from the declarations."""

from typing import Any

from toyz_web.handlers.base import BaseHandler
from toyz_web.operations import Operation, operation


class DocumentHandler(BaseHandler):
    """A document made once at start-up; it tells nothing but the protocol, so everybody may read it."""

    public = True
    setting = ""

    @operation(Operation(summary="Read a description of the protocol", response=dict[str, Any]))
    async def get(self) -> bytes:
        """Give the JSON."""
        self.set_header("Cache-Control", "no-cache")
        document: bytes = self.application.settings[self.setting]
        return document


class OpenApiHandler(DocumentHandler):
    """``/api/openapi.json``."""

    setting = "openapi_document"


class AsyncApiHandler(DocumentHandler):
    """``/api/asyncapi.json``."""

    setting = "asyncapi_document"

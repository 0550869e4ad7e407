"""``/api/files``: folders of the shares."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from toyz_sessions.listing import Listing
from toyz_web.handlers.base import BaseHandler
from toyz_web.operations import Operation, operation


class FilesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which part of a folder, and in which order."""

    offset: Annotated[int, Meta(ge=0, le=10**9)] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 200
    sort: Literal["name", "size", "modified", "kind"] = "name"
    descending: bool = False
    filter: Annotated[str, Meta(max_length=200)] = ""
    hidden: bool = False


class FilesHandler(BaseHandler):
    """Lists a folder, or the shares."""

    @operation(Operation(summary="List a folder, or the shares", query=FilesQuery, response=Listing, errors=(404,)))
    async def get(self, query: FilesQuery, path: str = "") -> bytes:
        """Ask the session."""
        desk = await self.services.hub.desk(self.user)
        parameters = {"path": path, **msgspec.structs.asdict(query)}
        return (await desk.call("files", "list", parameters)).payload

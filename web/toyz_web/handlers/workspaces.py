"""``/api/workspaces``: workspaces as files, to be kept, sent and opened elsewhere."""

import re
from typing import Any

from toyz_web.handlers.base import BaseHandler
from toyz_web.operations import Operation, check_content_type, operation
from toyz_web.store.workspace_rows import Workspace
from toyz_web.workspace_file import WorkspaceFile, read_file, write_file

_UNSAFE = re.compile(r"[^\w.-]+", re.ASCII)


class WorkspacesHandler(BaseHandler):
    """All workspaces of a user."""

    @operation(Operation(summary="List the workspaces that you may open", response=list[Workspace]))
    async def get(self) -> list[Workspace]:
        """Give all, the ones opened last first."""
        return await self.services.shared.workspaces.acting(self.user).list()

    @operation(
        Operation(
            summary="Make a workspace of an exported file, which is the body",
            reads=WorkspaceFile,
            response=Workspace,
            status=201,
            errors=(413,),
        )
    )
    async def post(self) -> Workspace:
        """Read the file; nothing is kept of one that is wrong anywhere."""
        check_content_type(self.request.headers.get("Content-Type", ""))
        file = read_file(self.request.body)
        entries: dict[str, bytes | None] = {key: bytes(value) for key, value in file.entries.items()}
        new = await self.services.shared.workspaces.acting(self.user).create(file.name, entries)
        self.set_header("Location", f"{self.services.base_url}api/workspaces/{new.id}")
        return new


class WorkspaceHandler(BaseHandler):
    """One workspace."""

    @operation(Operation(summary="Export a workspace as a JSON file", response=dict[str, Any], errors=(404,)))
    async def get(self, id: str) -> bytes:  # noqa: A002
        """Give the file."""
        store = self.services.shared.workspaces.acting(self.user)
        name = (await store.show(id)).name
        stem = _UNSAFE.sub("_", name).strip("_.") or "workspace"
        self.set_header("Content-Disposition", f'attachment; filename="{stem}.toyz.json"')
        return write_file(name, (await store.read(id)).entries)

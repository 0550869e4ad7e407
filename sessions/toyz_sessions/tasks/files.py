"""``files``: list the folders of the shares, and describe a file from its headers."""

from typing import Annotated

import msgspec
from msgspec import Meta

from toyz.plugin import Plugin
from toyz.readers import HduInfo
from toyz_sessions.listing import Listing, Sort
from toyz_sessions.task_context import TaskContext

plugin = Plugin("files", title="Files", description="The files of the server's shares.")

Path = Annotated[str, Meta(max_length=4096, description="share/relative/path")]


class FileInfo(msgspec.Struct, kw_only=True):
    """A file and its HDUs, from headers alone."""

    path: str
    name: str
    size: int
    modified: float
    reader: str
    hdus: list[HduInfo]
    warnings: list[str]
    mosaic: bool
    complete: bool


@plugin.task(name="list", title="List a folder")
def list_folder(
    context: TaskContext,
    path: Path = "",
    offset: Annotated[int, Meta(ge=0)] = 0,
    limit: Annotated[int, Meta(ge=1, le=1000)] = 200,
    sort: Sort = "name",
    descending: bool = False,
    filter: Annotated[str, Meta(max_length=256)] = "",  # noqa: A002 - the word of the wire
    hidden: bool = False,
) -> Listing:
    """List a page of a folder; the empty path lists the shares."""
    return context.shares.list(
        path, offset, limit, sort, descending, filter, hidden, reader_of=context.readers.reader_name_for
    )


@plugin.task(title="Describe a file")
def describe(context: TaskContext, path: Path) -> FileInfo:
    """List the HDUs of a file with shape, type and compression; no pixels are read."""
    opened = context.images.look(path)
    entry = context.shares.stat(path)
    return FileInfo(
        path=path,
        name=entry.name,
        size=entry.size,
        modified=entry.modified,
        reader=opened.reader,
        hdus=list(opened.source.hdus),
        warnings=list(opened.source.warnings),
        mosaic=opened.makes_mosaic(),
        complete=opened.complete,
    )

"""``files``: list the folders of the shares, and describe a file from its headers."""

from typing import Annotated, Literal

from msgspec import Meta

from toyz.plugin import Plugin
from toyz_sessions.answers import FileInfo, HeaderInfo
from toyz_sessions.listing import Listing, Sort
from toyz_sessions.packing import unpacked_name
from toyz_sessions.task_context import TaskContext

plugin = Plugin("files", title="Files", description="The files of the server's shares.")

Path = Annotated[str, Meta(max_length=4096, description="share/relative/path")]


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

    def reader_of(name: str) -> str:
        return context.readers.reader_name_for(unpacked_name(name))

    return context.shares.list(path, offset, limit, sort, descending, filter, hidden, reader_of=reader_of)


@plugin.task(title="Read a header")
def header(
    context: TaskContext, path: Path, hdu: Annotated[int, Meta(ge=0)] | Literal["auto", "mosaic"] = "auto"
) -> HeaderInfo:
    """All cards of an HDU of a file, whether or not it holds an image.

    ``auto`` is the primary header of a file that makes a mosaic, else that of its first image.
    """
    opened = context.images.look(path)
    chosen = hdu
    if chosen == "auto":
        images = opened.image_hdus()
        chosen = "mosaic" if opened.makes_mosaic() or not images else images[0].index
    number = 0 if isinstance(chosen, str) else chosen
    opened.info(number)
    return HeaderInfo(number, list(opened.source.cards(number)))


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

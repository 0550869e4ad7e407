"""``files``: list and change the folders of the shares, and describe a file from its headers."""

from typing import Annotated, Literal

from msgspec import Meta

from toyz.plugin import Plugin
from toyz_sessions.answers import FileInfo, HeaderInfo
from toyz_sessions.listing import Listing, Sort
from toyz_sessions.packing import unpacked_name
from toyz_sessions.paths import check_new_name
from toyz_sessions.task_context import TaskContext
from toyz_sessions.trash import Trashed

plugin = Plugin("files", title="Files", description="The files of the server's shares.")

Path = Annotated[str, Meta(max_length=4096, description="share/relative/path")]
Share = Annotated[str, Meta(min_length=1, max_length=64)]
_MOST_TRASH = 1000
TrashId = Annotated[str, Meta(min_length=1, max_length=64)]


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

    context.folders.listed(path)
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


@plugin.task(title="New folder")
def create_folder(context: TaskContext, path: Path) -> None:
    """Make a folder in a share that is granted for writing."""
    context.changes.create_folder(path)


@plugin.task(title="Rename")
def rename(
    context: TaskContext, path: Path, name: Annotated[str, Meta(max_length=1024)], overwrite: bool = False
) -> str:
    """Give a file or a folder another name in its folder; what has that name is refused, or goes to the trash."""
    check_new_name(name)
    to = f"{path.rpartition('/')[0]}/{name}"
    context.changes.move(path, to, overwrite=overwrite)
    return to


@plugin.task(title="Move")
def move(context: TaskContext, path: Path, to: Path, overwrite: bool = False) -> str:
    """Move a file or a folder to another path; what is there is refused, or goes to the trash.

    To another disk it is copied, with progress, and the original goes to the trash of its share.
    """

    def progress(fraction: float) -> None:
        context.progress(fraction, "Copying to another disk")

    context.changes.move(path, to, overwrite=overwrite, progress=progress)
    return to


@plugin.task(title="Delete")
def delete(context: TaskContext, path: Path) -> str:
    """Move a file or a folder to the trash of its share; the id restores it."""
    return context.changes.delete(path)


@plugin.task(title="List the trash")
def trash(context: TaskContext, share: Share) -> list[Trashed]:
    """What you have deleted in a share, the latest first."""
    return context.changes.trash.entries(share)[:_MOST_TRASH]


@plugin.task(title="Restore from the trash")
def restore(context: TaskContext, share: Share, id: TrashId, to: Path = "") -> str:  # noqa: A002 - the word of the wire
    """Move something from the trash back to where it was, or to another path of the share; gives that path."""
    return context.changes.restore(share, id, to)


@plugin.task(title="Empty the trash")
def empty_trash(
    context: TaskContext, share: Share, ids: Annotated[list[TrashId], Meta(max_length=1000)] | None = None
) -> int:
    """Remove for good what you have deleted in a share: all of it, or some; gives how many things that were."""
    return context.changes.empty_trash(share, ids)

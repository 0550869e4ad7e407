"""``transfers``: the pieces of uploads and downloads, asked for by the server; no client can name this module."""

import secrets
import threading
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from toyz.errors import Busy, Conflict, NotFound
from toyz.plugin import Plugin
from toyz.protocol import Binary
from toyz_sessions.answers import Downloadable, Packed
from toyz_sessions.packed_folder import PackedFolder, safe_name
from toyz_sessions.task_context import TaskContext
from toyz_sessions.upload_part import UploadPart, name_of

plugin = Plugin("transfers", title="Transfers")
_ARCHIVES = 8
"""Archives under way in one session."""
_lock = threading.Lock()

Path = Annotated[str, Meta(max_length=4096)]
Upload = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
Size = Annotated[int, Meta(ge=0)]


def _part(context: TaskContext, path: str, upload: str) -> UploadPart:
    return UploadPart(context.shares, path, upload, context.session.setdefault("running", {}))


@plugin.task
def begin(context: TaskContext, path: Path, upload: Upload, length: Size, overwrite: bool, parents: bool) -> None:
    """Begin an upload."""
    _part(context, path, upload).begin(length, overwrite=overwrite, parents=parents)


@plugin.task
def size(context: TaskContext, path: Path, upload: Upload) -> int:
    """How much of an upload has come."""
    return _part(context, path, upload).size()


@plugin.task
def write(context: TaskContext, path: Path, upload: Upload, offset: Size) -> int:
    """Append the piece that comes with the call."""
    return _part(context, path, upload).write(offset, context.payload)


@plugin.task
def settle(
    context: TaskContext,
    path: Path,
    upload: Upload,
    start: Size,
    algorithm: Literal["", "sha1", "sha256"] = "",
    checksum: str = "",
) -> int:
    """Have on disk what has come."""
    return _part(context, path, upload).settle(start, algorithm, checksum)


@plugin.task
def verify(context: TaskContext, path: Path, upload: Upload, length: Size, sha256: str = "") -> str:
    """Check the whole."""
    return _part(context, path, upload).verify(length, sha256)


@plugin.task
def commit(context: TaskContext, path: Path, upload: Upload, inode: str, overwrite: bool) -> str:
    """Give the whole its name, and say by which path it is known without links."""
    return _part(context, path, upload).commit(context.changes, inode, overwrite=overwrite)


@plugin.task
def discard(context: TaskContext, path: Path, upload: Upload) -> None:
    """Remove the part of an upload."""
    _part(context, path, upload).discard()


class Whereabouts(msgspec.Struct, forbid_unknown_fields=True):
    """Where a file was put, and which one it was."""

    path: str
    inode: str


@plugin.task
def missing(context: TaskContext, files: list[Whereabouts]) -> list[str]:
    """Which of these files are not there any more, by their paths."""
    return [file.path for file in files if not _is_there(context, file)]


def _is_there(context: TaskContext, file: Whereabouts) -> bool:
    found = context.shares.status(file.path)
    return found is not None and name_of(found) == file.inode


@plugin.task
def describe(context: TaskContext, path: Path) -> Downloadable:
    """What would be downloaded."""
    entry = context.shares.stat(path)
    if entry.kind == "folder":
        return Downloadable(name=safe_name(path.rpartition("/")[2]), folder=True)
    file = context.shares.open(path)
    try:
        name = safe_name(path.rpartition("/")[2])
        return Downloadable(name=name, size=file.size, modified=entry.modified, identity=file.identity)
    finally:
        file.close()


@plugin.task
def read(
    context: TaskContext, path: Path, identity: str, offset: Size, length: Annotated[int, Meta(le=4 << 20)]
) -> Binary:
    """Read a piece of a file that is still the one that was described."""
    file = context.shares.open(path)
    try:
        if file.identity != identity:
            raise Conflict("the file has changed")
        return Binary(file.pread(length, offset), "bytes")
    finally:
        file.close()


@plugin.task
def pack(context: TaskContext, path: Path) -> Packed:
    """Begin an archive of a folder."""
    archives = context.session.setdefault("archives", {})
    if len(archives) >= _ARCHIVES:
        raise Busy("too many folders are being downloaded; wait until one is done")
    packed = PackedFolder(context.shares, path)
    stream = secrets.token_hex(8)
    with _lock:
        archives[stream] = packed
    return Packed(stream=stream, name=packed.name, size=packed.size, files=packed.files)


@plugin.task
def next_piece(context: TaskContext, stream: str, number: Size) -> Binary:
    """Give the next piece of an archive; an empty one is the end."""
    packed = context.session.get("archives", {}).get(stream)
    if packed is None:
        raise NotFound("there is no such download")
    return Binary(packed.next(number), "bytes")


@plugin.task
def end_archive(context: TaskContext, stream: str) -> None:
    """Make no more of an archive."""
    with _lock:
        context.session.get("archives", {}).pop(stream, None)

"""The trash of a share: a hidden folder in it, so that deleting and restoring are renamings.

Each thing lies in a folder of its own, as ``content``, with ``record.json`` beside it, which says who deleted it,
when, and where it was. The record is on disk before the thing is moved. A user sees what he deleted himself, and
nothing of somebody who had the same name before.
"""

import contextlib
import os
import secrets
import stat
import time
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from toyz.errors import Conflict, Forbidden, InvalidParameter, NotFound, ToyzError
from toyz_sessions import paths
from toyz_sessions.files import Shares
from toyz_sessions.new_folders import folders_made
from toyz_sessions.openat import Root, open_folder
from toyz_sessions.places import Place, make_folder, place, top, typed
from toyz_sessions.removing import remove_folder
from toyz_sessions.renaming import Name, rename_new

FOLDER = f"{paths.RESERVED}trash"
_CONTENT, _RECORD = b"content", b"record.json"
_LONGEST_RECORD = 64 << 10
_ID = "0123456789abcdef-"


class Record(msgspec.Struct, frozen=True):
    """What is kept with a deleted thing."""

    path: str
    user: str
    deleted: float


class Trashed(msgspec.Struct, kw_only=True):
    """Something in the trash.

    Attributes
    ----------
    id : str
        What restores it, with the share.
    share, path, name : str
        Where it was.
    kind : str
    size : int
        Bytes; 0 for a folder.
    deleted : float
        Seconds since the Unix epoch.
    """

    id: str
    share: str
    path: str
    name: str
    kind: Literal["file", "folder"]
    size: int
    deleted: float


class Trash:
    """The trash of one user.

    Parameters
    ----------
    shares : Shares
    user : str
    """

    def __init__(self, shares: Shares, user: str) -> None:
        self._shares, self._user = shares, user

    def put(self, what: Place, was: str) -> str:
        """Move something into the trash of its share, and give the path at which it lies there.

        Parameters
        ----------
        what : Place
        was : str
            The path that it is known by.

        Raises
        ------
        Conflict, OSError
        """
        self.check_reach(what)
        identifier = f"{time.time_ns():x}-{secrets.token_hex(4)}"
        with self._opened(what.share, make=True) as trash:
            make_folder(Name(trash, identifier.encode()), private=True)
            with _slot(trash, identifier) as slot:
                _write(slot, msgspec.json.encode(Record(was, self._user, time.time())))
                try:
                    with typed(was):
                        rename_new(what.at, Name(slot, _CONTENT))
                except ToyzError:
                    remove_folder(Name(trash, identifier.encode()))
                    raise
                os.fsync(slot)
            os.fsync(trash)
        what.at.sync()
        return f"{what.share}/{FOLDER}/{identifier}/{_CONTENT.decode()}"

    def check_reach(self, what: Place) -> None:
        """Refuse what cannot be moved into the trash, because another disk is mounted where it lies.

        Raises
        ------
        Conflict
        """
        with top(self._shares, what.share) as beside:
            if os.fstat(beside).st_dev != os.fstat(what.at.folder).st_dev:
                raise Conflict(f"{what.shown} lies on another disk than its share, where there is no trash")

    def entries(self, share: str) -> list[Trashed]:
        """Give what the user has deleted in a share, the latest first."""
        found: list[Trashed] = []
        try:
            with self._opened(share) as trash, os.scandir(trash) as slots:
                for slot in slots:
                    known = self._known(trash, share, slot.name)
                    found += [known] if known is not None else []
        except NotFound:
            return []
        return sorted(found, key=lambda each: each.deleted, reverse=True)

    def restore(self, share: str, identifier: str, to: str = "") -> tuple[str, str]:
        """Move something back to where it was, or to another name; folders that are gone are made again.

        Returns
        -------
        tuple of str
            The path at which it lay in the trash, and that at which it lies now.

        Raises
        ------
        NotFound
        AlreadyExists
            If something else has its name.
        """
        with self._opened(share) as trash:
            record = self._record(trash, share, identifier)
            path = to or record.path
            if path.partition("/")[0] != share:
                raise InvalidParameter("what is restored stays in its share", field="parameters.to")
            if to:
                paths.check_new_path(to)
            with (
                _slot(trash, identifier) as slot,
                folders_made(self._shares, path.rpartition("/")[0], new=bool(to)),
                place(self._shares, path, new=bool(to)) as target,
            ):
                _take_out(Name(slot, _CONTENT), target.at)
                now = target.real
            remove_folder(Name(trash, identifier.encode()))
        return f"{share}/{FOLDER}/{identifier}/{_CONTENT.decode()}", now

    def empty(self, share: str, identifiers: Sequence[str] | None = None) -> list[str]:
        """Remove for good what the user deleted, all of it or some; give the paths at which it lay.

        Raises
        ------
        NotFound
        """
        wanted = [each.id for each in self.entries(share)] if identifiers is None else list(identifiers)
        gone: list[str] = []
        if not wanted:
            return gone
        with self._opened(share) as trash:
            for identifier in wanted:
                try:
                    self._record(trash, share, identifier)
                except NotFound:
                    if identifiers is not None:
                        raise
                    # Another window has emptied it meanwhile.
                    continue
                remove_folder(Name(trash, identifier.encode()))
                gone.append(f"{share}/{FOLDER}/{identifier}/{_CONTENT.decode()}")
        return gone

    @contextlib.contextmanager
    def _opened(self, share: str, *, make: bool = False) -> Iterator[int]:
        """Open the trash of a share.

        Raises
        ------
        NotFound
            If there is none, or no such share.
        Forbidden
            If it may not be written.
        Conflict
            If what has its name is none.
        """
        shown = paths.display(share)
        with top(self._shares, share) as beside:
            folder = Name(beside, FOLDER.encode())
            if make:
                with contextlib.suppress(FileExistsError):
                    make_folder(folder, private=True)
            try:
                opened = _open_plain(folder)
            except NotFound:
                if make:
                    raise Conflict(f"{shown} can have no trash: something else has its name") from None
                raise _absent() from None
            except Forbidden:
                raise Forbidden(f"the trash of {shown} may not be changed") from None
            try:
                yield opened
            finally:
                os.close(opened)

    def _record(self, trash: int, share: str, identifier: str) -> Record:
        absent = _absent()
        if not identifier or identifier.strip(_ID):
            raise absent
        try:
            with _slot(trash, identifier) as slot:
                descriptor = os.open(_RECORD, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=slot)
                with open(descriptor, "rb") as file:
                    record = msgspec.json.decode(file.read(_LONGEST_RECORD), type=Record)
            owner, _ = self._shares.split(record.path)
        except (OSError, msgspec.MsgspecError, ToyzError):
            raise absent from None
        if record.user != self._user or owner.name != share or record.deleted < owner.since:
            raise absent
        return record

    def _known(self, trash: int, share: str, identifier: str) -> Trashed | None:
        try:
            record = self._record(trash, share, identifier)
            with _slot(trash, identifier) as slot:
                status = Name(slot, _CONTENT).status()
        except (NotFound, OSError):
            return None
        if status is None:
            return None
        folder = stat.S_ISDIR(status.st_mode)
        return Trashed(
            id=identifier,
            share=share,
            path=record.path,
            name=paths.display(record.path.rpartition("/")[2]),
            kind="folder" if folder else "file",
            size=0 if folder else status.st_size,
            deleted=record.deleted,
        )


def _absent() -> NotFound:
    return NotFound("there is no such thing in your trash")


@contextlib.contextmanager
def _slot(trash: int, identifier: str) -> Iterator[int]:
    """Open the folder of one deleted thing."""
    try:
        descriptor = _open_plain(Name(trash, identifier.encode()))
    except (NotFound, Forbidden):
        raise _absent() from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _open_plain(folder: Name) -> int:
    """Open a folder that is not a link."""
    shown = folder.name.decode()
    descriptor = open_folder(Root(folder.folder, b""), folder.name, shown)
    status = folder.status()
    if status is None or stat.S_ISLNK(status.st_mode):
        os.close(descriptor)
        raise NotFound(f"{shown} is a link")
    return descriptor


def _take_out(content: Name, target: Name) -> None:
    """Move a thing out of its folder in the trash."""
    try:
        rename_new(content, target)
    except FileNotFoundError:
        # Another window has restored it or emptied the trash meanwhile; or the folder of the target has gone.
        if content.status() is None:
            raise _absent() from None
        raise
    target.sync()


def _write(slot: int, record: bytes) -> None:
    descriptor = os.open(_RECORD, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=slot)
    with open(descriptor, "wb") as file:
        file.write(record)
        file.flush()
        os.fsync(descriptor)

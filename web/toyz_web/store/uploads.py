"""What is being uploaded, and what was: the record of each upload, and how much a user may."""

import secrets
import time
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
from sqlite_utils import Database as Tables

from toyz.errors import NotFound, OverQuota
from toyz_web.store.audit import add_entries, entry_of
from toyz_web.store.database import Database
from toyz_web.store.quotas import Quota, quota_in

_FOLLOW = """
    update uploads set path = ? || substr(path, ?)
    where (path = ? and state = 'done') or substr(path, 1, ?) = ?
"""
_FORGET = "delete from uploads where state = 'done' and (path = ? or substr(path, 1, ?) = ?)"
_SUMS = """
    select coalesce(sum(case when state = 'done' then length end), 0),
           coalesce(sum(case when state <> 'done' then length end), 0)
    from uploads where user = ?
"""
_SUMS_OF_ALL = """
    select user,
           sum(case when state = 'done' then length else 0 end),
           sum(case when state <> 'done' then length else 0 end)
    from uploads where user not like '@%' group by user
"""
FORMER = "@"
"""Before the name of a user who is deleted. Nobody has such a name: who gets the same again has nothing of it."""
MOST = 500
"""Unfinished uploads of a user: each is a hidden file, however small."""
State = Literal["open", "finishing", "done"]


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """An upload.

    Attributes
    ----------
    id, user : str
    path : str
        ``share/relative/path`` of the whole; follows where the file is moved to.
    length : int
        Bytes of the whole.
    sha256 : str
        Of the whole, in hexadecimal; empty if the client gave none.
    overwrite : bool
        Whether what has the name is replaced at the end.
    state : str
        ``finishing`` once all of it is checked and about to get its name.
    inode : str
        Which file it is, from then on.
    created, expires : float
        Seconds since the epoch.
    """

    id: str
    user: str
    path: str
    length: int
    sha256: str = ""
    overwrite: bool = False
    state: State = "open"
    inode: str = ""
    created: float
    expires: float

    @property
    def share(self) -> str:
        """The name of the share."""
        return self.path.partition("/")[0]


class UploadStore:
    """The uploads of all users.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self, user: str, path: str, length: int, lifetime: float, quota: Quota, *, sha256: str, overwrite: bool
    ) -> Upload:
        """Enter an upload.

        Raises
        ------
        OverQuota
            If the user would have more than is allowed.
        """
        now = time.time()
        upload = Upload(
            id=secrets.token_hex(16),
            user=user,
            path=path,
            length=length,
            sha256=sha256,
            overwrite=overwrite,
            created=now,
            expires=now + lifetime,
        )

        def change(tables: Tables) -> None:
            own = quota_in(tables, user) or quota
            done, unfinished = _used(tables, user)
            if tables.table("uploads").count_where("user = ? and state <> 'done'", [user]) >= MOST:
                raise OverQuota(f"You may have {MOST} unfinished uploads; end or cancel others first.")
            if unfinished + length > own.unfinished:
                allowed = _size(own.unfinished)
                raise OverQuota(f"You may have {allowed} of unfinished uploads; end or cancel others first.")
            if done + unfinished + length > own.finished:
                raise OverQuota(f"You may upload {_size(own.finished)} in all; delete some of it for good first.")
            tables.table("uploads").insert(msgspec.structs.asdict(upload))

        await self._database.write(change)
        return upload

    async def find(self, user: str, id: str) -> Upload:  # noqa: A002
        """Give an upload of a user.

        Raises
        ------
        NotFound
            If there is none, or it is another's.
        """
        found = await self._rows("id = ? and user = ?", [id, user])
        if not found:
            raise NotFound("There is no such upload.")
        return found[0]

    async def unfinished(self, user: str) -> list[Upload]:
        """Give what a user has not finished, the latest first."""
        return await self._rows("user = ? and state <> 'done'", [user])

    async def finished(self, user: str) -> list[Upload]:
        """Give what a user has uploaded."""
        return await self._rows("user = ? and state = 'done'", [user])

    async def expired(self) -> list[Upload]:
        """Give what has not been finished in time."""
        return await self._rows("state <> 'done' and expires < ?", [time.time()])

    async def prolong(self, upload: Upload, lifetime: float) -> None:
        """Note that more of an upload has come."""
        expires = time.time() + lifetime
        await self._database.write(lambda tables: tables.table("uploads").update(upload.id, {"expires": expires}))

    async def finishing(self, upload: Upload, inode: str) -> Upload:
        """Note that an upload is whole, and which file it is, before that gets its name."""
        changed = msgspec.structs.replace(upload, state="finishing", inode=inode)
        await self._database.write(
            lambda tables: tables.table("uploads").update(upload.id, {"state": "finishing", "inode": inode})
        )
        return changed

    async def done(self, upload: Upload, path: str) -> None:
        """Note that an upload has its name, in the audit log as well.

        Parameters
        ----------
        upload : Upload
        path : str
            Its path without links, by which it is followed.
        """

        def change(tables: Tables) -> None:
            sentence = "update uploads set state = 'done', path = ? where id = ? and state <> 'done'"
            found = tables.conn.execute(sentence, [path, upload.id])
            if found.rowcount:
                add_entries(tables, [entry_of(upload.user, "upload", upload.path, f"{upload.length} bytes")])

        await self._database.write(change)

    async def remove(self, ids: Iterable[str]) -> None:
        """Forget uploads."""
        given = list(ids)
        await self._database.write(
            lambda tables: tables.table("uploads").delete_where(f"id in ({','.join('?' * len(given))})", given)
        )

    async def follow(self, path: str, to: str) -> None:
        """Note that a file or a folder is at another path now; with `to` empty, that it is gone for good.

        What is being uploaded into a folder follows it; what is being uploaded to the name of a file does not.
        """
        inside = f"{path}/"
        moved = [path, len(inside), inside]

        def change(tables: Tables) -> None:
            if to:
                tables.conn.execute(_FOLLOW, [to, len(path) + 1, *moved])
            else:
                tables.conn.execute(_FORGET, moved)

        await self._database.write(change)

    async def used(self, user: str) -> tuple[int, int]:
        """Give the bytes that a user has uploaded, and those of uploads that are not finished."""
        return await self._database.read(lambda tables: _used(tables, user))

    async def used_by_all(self) -> dict[str, Quota]:
        """Give the same for each user who has any, in the form of a quota."""
        return await self._database.read(
            lambda tables: {
                user: Quota(unfinished, done) for user, done, unfinished in tables.conn.execute(_SUMS_OF_ALL).fetchall()
            }
        )

    async def _rows(self, where: str, values: Sequence[object]) -> list[Upload]:
        def query(tables: Tables) -> list[Upload]:
            rows = tables.table("uploads").rows_where(where, list(values), order_by="created desc")
            return [msgspec.convert(row, Upload, strict=False) for row in rows]

        return await self._database.read(query)


def leave_uploads(tables: Tables, user: str) -> None:
    """Forget what a user who is deleted has uploaded; what is unfinished is removed from the disk as expired."""
    tables.table("uploads").delete_where("user = ? and state = 'done'", [user])
    tables.conn.execute("update uploads set expires = 0, user = ? where user = ?", [FORMER + user, user])


def _used(tables: Tables, user: str) -> tuple[int, int]:
    done, unfinished = tables.conn.execute(_SUMS, [user]).fetchone()
    return int(done), int(unfinished)


def _size(count: int) -> str:
    return f"{count / 1e9:.3g} GB" if count >= 1e9 else f"{count / 1e6:.3g} MB"

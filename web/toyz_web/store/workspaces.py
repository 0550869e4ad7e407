"""Workspaces: who has which, and the entries in them, ordered by revisions."""

import secrets
import time
from typing import Any

import msgspec
from sqlite_utils import Database as Tables

from toyz.errors import InvalidParameter, NotFound, TooLarge
from toyz_web.store.audit import Audited
from toyz_web.store.workspace_rows import (
    MAX_OWN,
    Levels,
    Workspace,
    find_workspace,
    forget_workspaces,
    level_of,
    read_entries,
    write_entries,
)

UNNAMED = 20
"""Workspaces without a name that are kept for a user; the one changed longest ago goes."""
TRASH = 30 * 86400.0
"""Seconds that a deleted workspace can be had back."""
MAX_NAME = 100
_OPENED = 60.0
_LIST = """select w.id, w.owner, w.name, w.created, w.changed, w.revision, w.deleted,
    coalesce(max(m.opened), 0) as opened,
    (select count(*) from workspace_links l where l.workspace = w.id and (l.expires = 0 or l.expires > :now)) as links
  from workspaces w left join workspace_members m on m.workspace = w.id and m.user = :user
  where (w.owner = :user or (m.user is not null and w.deleted = 0)) and (w.id = :id or :id is null)
  group by w.id order by max(coalesce(max(m.opened), 0), w.created) desc"""


class State(msgspec.Struct, frozen=True):
    """What a workspace holds, or what changed in it since a revision.

    Attributes
    ----------
    revision : int
    entries : dict
        Null stands for one that was taken away.
    whole : bool
        Whether this is all there is, and what is not in it is no more.
    """

    revision: int
    entries: dict[str, msgspec.Raw]
    whole: bool = True


class WorkspaceStore(Audited):
    """Keeps workspaces; what is done is done in the name of whom `acting` names."""

    async def list(self) -> list[Workspace]:
        """Give those one may open, and one's own in the trash; the ones opened last come first."""
        await self._database.write(_empty_trash)
        return await self._database.read(lambda tables: _list(tables, self._by))

    async def show(self, workspace: str) -> Workspace:
        """Give one.

        Raises
        ------
        NotFound
        """

        def query(tables: Tables) -> Workspace:
            find_workspace(tables, self._by, workspace)
            return _list(tables, self._by, workspace)[0]

        return await self._database.read(query)

    async def create(self, name: str, entries: dict[str, bytes | None], *, opened: bool = False) -> Workspace:
        """Make one, with these entries; whether it is the one that is worked in from now on.

        Raises
        ------
        InvalidParameter, TooLarge
        """
        _check_name(name)

        def change(tables: Tables) -> Workspace:
            new = _insert(tables, self._by, name)
            write_entries(tables, new, {key: value for key, value in entries.items() if value is not None}, 1)
            if opened:
                _note_opened(tables, self._by, new)
            self._note(tables, "create_workspace", new, name)
            return _list(tables, self._by, new)[0]

        return await self._database.write(change)

    async def rename(self, workspace: str, name: str) -> None:
        """Give it a name.

        Raises
        ------
        NotFound, Forbidden, InvalidParameter
        """
        _check_name(name)

        def change(tables: Tables) -> None:
            find_workspace(tables, self._by, workspace, "own")
            tables.table("workspaces").update(workspace, {"name": name})
            self._note(tables, "rename_workspace", workspace, name)

        await self._database.write(change)

    async def duplicate(self, workspace: str, name: str) -> Workspace:
        """Make one's own of one that may be seen, without its links.

        Raises
        ------
        NotFound, InvalidParameter, TooLarge
        """
        _check_name(name)

        def change(tables: Tables) -> Workspace:
            find_workspace(tables, self._by, workspace)
            new = _insert(tables, self._by, name)
            tables.conn.execute(
                "insert into workspace_entries select ?, key, value, size, 1 from workspace_entries"
                " where workspace = ? and value is not null",
                [new, workspace],
            )
            self._note(tables, "create_workspace", new, f"from {workspace}")
            return _list(tables, self._by, new)[0]

        return await self._database.write(change)

    async def delete(self, workspace: str) -> None:
        """Put it into the trash; its links open nothing any more.

        Raises
        ------
        NotFound, Forbidden
        """

        def change(tables: Tables) -> None:
            find_workspace(tables, self._by, workspace, "own")
            tables.table("workspace_links").delete_where("workspace = ?", [workspace])
            tables.table("workspaces").update(workspace, {"deleted": time.time()})
            self._note(tables, "delete_workspace", workspace)

        await self._database.write(change)

    async def restore(self, workspace: str) -> None:
        """Take it out of the trash.

        Raises
        ------
        NotFound
        """

        def change(tables: Tables) -> None:
            where = ("id = ? and owner = ? and deleted > 0", [workspace, self._by])
            if not tables.table("workspaces").count_where(*where):
                raise NotFound("There is no such workspace.")
            tables.table("workspaces").update(workspace, {"deleted": 0.0})
            self._note(tables, "restore_workspace", workspace)

        await self._database.write(change)

    async def change(self, workspace: str, entries: dict[str, bytes | None]) -> int:
        """Change entries, all or none; None takes one away. What is there afterwards has the revision that is given.

        Raises
        ------
        NotFound, Forbidden, InvalidParameter, TooLarge
        """

        def change(tables: Tables) -> int:
            revision = find_workspace(tables, self._by, workspace, "edit").revision + 1
            write_entries(tables, workspace, entries, revision)
            return revision

        return await self._database.write(change)

    async def read(self, workspace: str, since: int | None = None) -> State:
        """Give all entries, or what changed after a revision.

        Raises
        ------
        NotFound
        """

        def query(tables: Tables) -> State:
            found = find_workspace(tables, self._by, workspace)
            known = since is not None and found.horizon <= since <= found.revision
            entries = read_entries(tables, workspace, since if known else None)
            return State(found.revision, entries, whole=not known)

        return await self._database.read(query)

    async def levels(self, workspace: str, users: set[str]) -> Levels:
        """Say what each of these may do with it now."""

        def query(tables: Tables) -> Levels:
            sql = "select owner from workspaces where id = ? and deleted = 0"
            row = tables.conn.execute(sql, [workspace]).fetchone()
            levels = {user: level_of(tables, user, workspace, row[0]) if row else None for user in users}
            ends = "select min(expires) from workspace_links where workspace = ? and expires > ?"
            return Levels(levels, tables.conn.execute(ends, [workspace, time.time()]).fetchone()[0] or 0.0)

        return await self._database.read(query)

    async def opened(self, workspace: str) -> None:
        """Keep that one has opened it now, for the order of the list."""

        def change(tables: Tables) -> None:
            _note_opened(tables, self._by, workspace)

        await self._database.write(change)


def _note_opened(tables: Tables, user: str, workspace: str) -> None:
    row = {"workspace": workspace, "user": user, "link": "", "opened": time.time()}
    tables.table("workspace_members").insert(row, replace=True)


def _check_name(name: str) -> None:
    if len(name) > MAX_NAME or not name.isprintable() or name != name.strip():
        raise InvalidParameter(f"a name has up to {MAX_NAME} printable characters", field="parameters.name")


def _insert(tables: Tables, owner: str, name: str) -> str:
    """Insert an empty one, if there is room; unnamed ones that are old and not shared make room."""
    old = tables.conn.execute(
        "select id from workspaces w where owner = ? and name = '' and deleted = 0"
        " and not exists (select 1 from workspace_links l where l.workspace = w.id) order by changed desc"
        " limit -1 offset ?",
        [owner, UNNAMED - 1],
    ).fetchall()
    forget_workspaces(tables, [row[0] for row in old] if not name else [])
    if tables.table("workspaces").count_where("owner = ?", [owner]) >= MAX_OWN:
        raise TooLarge(f"A user has at most {MAX_OWN} workspaces, those in the trash included.")
    row: dict[str, Any] = {"id": secrets.token_urlsafe(12), "owner": owner, "name": name, "created": time.time()}
    row |= {"changed": row["created"], "revision": 1, "horizon": 0, "deleted": 0.0}
    tables.table("workspaces").insert(row)
    return str(row["id"])


def _list(tables: Tables, user: str, workspace: str | None = None) -> list[Workspace]:
    cursor = tables.conn.execute(_LIST, {"user": user, "now": time.time(), "id": workspace})
    names = [column[0] for column in cursor.description]
    found: list[Workspace] = []
    for row in cursor.fetchall():
        fields = dict(zip(names, row, strict=True))
        level = level_of(tables, user, fields["id"], fields["owner"])
        if level is not None:
            links = fields["links"] if level == "own" else 0
            found.append(Workspace(**{**fields, "links": links}, level=level))
    return found


def _empty_trash(tables: Tables) -> None:
    rows = tables.table("workspaces").rows_where("deleted > 0 and deleted < ?", [time.time() - TRASH])
    forget_workspaces(tables, [row["id"] for row in rows])

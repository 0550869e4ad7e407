"""Links that let others into a workspace. Only digests are stored: a copy of the database opens nothing."""

import secrets
import time

import msgspec
from sqlite_utils import Database as Tables

from toyz.errors import InvalidParameter, NotFound, TooLarge
from toyz_web.store.audit import Audited
from toyz_web.store.logins import digest
from toyz_web.store.workspace_rows import LinkLevel, find_workspace

MAX_LINKS = 50
"""Of one workspace."""
LONGEST = 366 * 86400.0
"""Seconds that a link with an end may be valid."""
_GONE = "There is no such link, or it is no longer valid."


class SharedLink(msgspec.Struct, frozen=True):
    """A link to a workspace; its value is stored nowhere.

    Attributes
    ----------
    id : str
        Digest of the value.
    level : str
    created, expires : float
        Seconds since the epoch; `expires` is 0 if it is valid until it is revoked.
    users : list of str
        Who has opened it.
    """

    id: str
    level: LinkLevel
    created: float
    expires: float
    users: list[str]


class NewLink(msgspec.Struct, frozen=True):
    """A link just made: its value, which nobody can find out again, and its id."""

    token: str
    id: str
    expires: float


class LinkStore(Audited):
    """Makes, lists, opens and revokes links, in the name of whom `acting` names."""

    async def share(self, workspace: str, level: LinkLevel, lifetime: float) -> NewLink:
        """Make a link.

        Parameters
        ----------
        lifetime : float
            Seconds; 0 for one that is valid until it is revoked.

        Raises
        ------
        NotFound, Forbidden, InvalidParameter, TooLarge
        """
        if not 0 <= lifetime <= LONGEST:
            raise InvalidParameter("a link with an end is valid for at most a year", field="parameters.lifetime")
        token, now = secrets.token_urlsafe(24), time.time()
        new = NewLink(token, digest(token), now + lifetime if lifetime else 0.0)

        def change(tables: Tables) -> None:
            find_workspace(tables, self._by, workspace, "own")
            links = tables.table("workspace_links")
            _drop(tables, "workspace = ? and expires > 0 and expires < ?", [workspace, now])
            if links.count_where("workspace = ?", [workspace]) >= MAX_LINKS:
                raise TooLarge(f"A workspace has at most {MAX_LINKS} links.")
            row = {"id": new.id, "workspace": workspace, "level": level, "created": now}
            links.insert({**row, "expires": new.expires, "user": self._by})
            self._note(tables, "share_workspace", workspace, level)

        await self._database.write(change)
        return new

    async def list(self, workspace: str) -> list[SharedLink]:
        """Give the links that are valid, the newest first.

        Raises
        ------
        NotFound, Forbidden
        """

        def query(tables: Tables) -> list[SharedLink]:
            find_workspace(tables, self._by, workspace, "own")
            where = ("workspace = ? and (expires = 0 or expires > ?)", [workspace, time.time()])
            rows = list(tables.table("workspace_links").rows_where(*where, order_by="created desc"))
            return [msgspec.convert({**row, "users": _users(tables, row["id"])}, SharedLink) for row in rows]

        return await self._database.read(query)

    async def revoke(self, workspace: str, link: str) -> None:
        """End a link, for those who have opened it as well.

        Raises
        ------
        NotFound, Forbidden
        """

        def change(tables: Tables) -> None:
            find_workspace(tables, self._by, workspace, "own")
            if not _drop(tables, "workspace = ? and id = ?", [workspace, link]):
                raise NotFound(_GONE)
            self._note(tables, "revoke_link", workspace)

        await self._database.write(change)

    async def open(self, token: str) -> tuple[str, float]:
        """Let in who has a link.

        Returns
        -------
        str
            The workspace.
        float
            When the link ends, epoch seconds; 0 if it does not.

        Raises
        ------
        NotFound
            One and the same for links that never were, that have expired and that were revoked.
        """
        key = digest(token)

        def change(tables: Tables) -> tuple[str, float]:
            query = (
                "select l.workspace, l.expires, w.owner, l.level from workspace_links l"
                " join workspaces w on w.id = l.workspace and w.deleted = 0 join users u on u.name = w.owner"
                " where l.id = ? and (l.expires = 0 or l.expires > ?) and u.disabled = 0"
            )
            row = tables.conn.execute(query, [key, time.time()]).fetchone()
            if row is None:
                raise NotFound(_GONE)
            workspace, expires, owner, level = row
            if owner != self._by:
                member = {"workspace": workspace, "user": self._by, "link": key, "opened": time.time()}
                tables.table("workspace_members").insert(member, replace=True)
                self._note(tables, "open_link", workspace, level)
            return workspace, expires

        return await self._database.write(change)

    async def leave(self, workspace: str) -> None:
        """Give up what links have let one into.

        Raises
        ------
        NotFound
        """

        def change(tables: Tables) -> None:
            find_workspace(tables, self._by, workspace)
            tables.table("workspace_members").delete_where("workspace = ? and user = ?", [workspace, self._by])
            self._note(tables, "leave_workspace", workspace)

        await self._database.write(change)


def _users(tables: Tables, link: str) -> list[str]:
    return [row["user"] for row in tables.table("workspace_members").rows_where("link = ?", [link], order_by="user")]


def _drop(tables: Tables, where: str, values: list[object]) -> int:
    """Delete links, and with each what it let people into."""
    found = [row["id"] for row in tables.table("workspace_links").rows_where(where, values)]
    for link in found:
        tables.table("workspace_members").delete_where("link = ?", [link])
        tables.table("workspace_links").delete(link)
    return len(found)

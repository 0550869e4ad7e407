"""What a workspace is in the database: its rows, who may do what with it, and the limits on what it holds.

The functions are parts of transactions: they are given the tables and raise what the user is told.
"""

import re
import time
from typing import Literal, NamedTuple

import msgspec
from sqlite_utils import Database as Tables

from toyz.errors import Forbidden, InvalidParameter, NotFound, TooLarge
from toyz_web.plain_json import STRING, check_plain
from toyz_web.workspace_entries import KEY, check_shape

LinkLevel = Literal["view", "edit"]
Level = Literal["view", "edit", "own"]
LEVELS: tuple[Level, ...] = ("view", "edit", "own")
"""To look; to change entries; to rename, share and delete as well. Each includes those before it."""
MAX_VALUE = 60_000
"""Bytes of a value: one fits into a frame of the websocket with its key."""
MAX_ENTRIES = 5000
MAX_SIZE = 4 << 20
"""Bytes of all keys and values."""
MAX_DEPTH = 32
"""How deep lists and objects of a value may lie in each other."""
MAX_OWN = 200
"""Workspaces of a user, those in the trash included."""
_TOMBSTONES = 5000
_KEY = re.compile(KEY)
_BRACKET = re.compile(rb"[\[\]{}]")


class Workspace(msgspec.Struct, frozen=True):
    """A workspace, as one who may open it sees it.

    Attributes
    ----------
    id, owner, name : str
        `name` is empty until it is given one.
    created, changed, opened : float
        Seconds since the epoch; `opened` is of who asks, 0 if never.
    revision : int
        Of its last change.
    level : str
        What who asks may do with it.
    links : int
        How many links to it are valid, where `level` is ``own``; else 0.
    deleted : float
        When it was put into the trash; 0 if it was not.
    """

    id: str
    owner: str
    name: str
    created: float
    changed: float
    opened: float
    revision: int
    level: Level
    links: int = 0
    deleted: float = 0.0


class Found(NamedTuple):
    """A row of a workspace, and what the user who asked may do with it."""

    owner: str
    name: str
    revision: int
    horizon: int
    level: Level


class Levels(NamedTuple):
    """What users may do with a workspace, None for nothing; and when the next link to it ends, 0 for never."""

    of: dict[str, Level | None]
    until: float


_VALID = """select l.level from workspace_members m
  join workspace_links l on l.id = m.link join workspaces w on w.id = m.workspace join users u on u.name = w.owner
  where m.workspace = ? and m.user = ? and (l.expires = 0 or l.expires > ?) and u.disabled = 0"""


def find_workspace(tables: Tables, user: str, workspace: str, level: Level = "view") -> Found:
    """Find a workspace with which a user may do something.

    Raises
    ------
    NotFound
        If there is none, or none that this user may see: the two are told alike.
    Forbidden
        If the user may see it, and not do this.
    """
    query = "select owner, name, revision, horizon from workspaces where id = ? and deleted = 0"
    row = tables.conn.execute(query, [workspace]).fetchone()
    own = level_of(tables, user, workspace, row[0]) if row is not None else None
    if own is None:
        raise NotFound("There is no such workspace.")
    if LEVELS.index(own) < LEVELS.index(level):
        words = "may be looked at only" if level == "edit" else "belongs to somebody else"
        raise Forbidden(f"This workspace {words}.")
    owner, name, revision, horizon = row
    return Found(owner, name, revision, horizon, own)


def level_of(tables: Tables, user: str, workspace: str, owner: str) -> Level | None:
    """Say what a user may do with a workspace that is there; None if it is not for this user."""
    if user == owner:
        return "own"
    levels: list[Level] = [row[0] for row in tables.conn.execute(_VALID, [workspace, user, time.time()])]
    return max(levels, key=LEVELS.index, default=None)


def write_entries(tables: Tables, workspace: str, entries: dict[str, bytes | None], revision: int) -> None:
    """Put entries in, or take those away that are None.

    Raises
    ------
    InvalidParameter, TooLarge
    """
    for key, value in entries.items():
        check_entry(key, value)
    # What was taken away stays as a row without a value, for those who ask what changed since.
    rows = [
        (workspace, key, value.decode() if value is not None else None, len(key) + len(value or b""), revision)
        for key, value in entries.items()
    ]
    tables.conn.executemany("insert or replace into workspace_entries values (?, ?, ?, ?, ?)", rows)
    count, size, gone = tables.conn.execute(
        "select count(value), total(case when value is null then 0 else size end), sum(value is null)"
        " from workspace_entries where workspace = ?",
        [workspace],
    ).fetchone()
    if count > MAX_ENTRIES:
        raise TooLarge(f"A workspace has at most {MAX_ENTRIES} entries.", field="parameters.entries")
    if size > MAX_SIZE:
        raise TooLarge(f"A workspace takes at most {MAX_SIZE >> 20} MB.", field="parameters.entries")
    horizon = 0
    if gone and gone > _TOMBSTONES:
        tables.conn.execute("delete from workspace_entries where workspace = ? and value is null", [workspace])
        horizon = revision
    tables.conn.execute(
        "update workspaces set revision = ?, changed = ?, horizon = max(horizon, ?) where id = ?",
        [revision, time.time(), horizon, workspace],
    )


def check_entry(key: str, value: bytes | None) -> None:
    """Refuse what cannot be an entry.

    Raises
    ------
    InvalidParameter, TooLarge
    """
    if not _KEY.fullmatch(key):
        raise InvalidParameter("a key is a word, and perhaps ids after slashes", field=f"parameters.entries.{key[:64]}")
    if value is not None and len(value) > MAX_VALUE:
        raise TooLarge(f"A value takes at most {MAX_VALUE:,} bytes.", field=f"parameters.entries.{key}")
    if value is not None and _depth(value) > MAX_DEPTH:
        raise TooLarge(f"A value is nested at most {MAX_DEPTH} deep.", field=f"parameters.entries.{key}")
    if value is not None:
        check_plain(value, f"parameters.entries.{key}")
        check_shape(key, value)


def _depth(value: bytes) -> int:
    deepest = depth = 0
    for bracket in _BRACKET.findall(STRING.sub(b"", value)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def read_entries(tables: Tables, workspace: str, since: int | None = None) -> dict[str, msgspec.Raw]:
    """Give the entries, or those that changed after a revision: null where one was taken away."""
    where = "value is not null" if since is None else "revision > ?"
    query = f"select key, value from workspace_entries where workspace = ? and {where} order by key"  # noqa: S608
    rows = tables.conn.execute(query, [workspace] if since is None else [workspace, since])
    return {key: msgspec.Raw((value if value is not None else "null").encode()) for key, value in rows}


def forget_workspaces(tables: Tables, workspaces: list[str]) -> None:
    """Delete workspaces for good, with all that belongs to them."""
    for workspace in workspaces:
        for table in ("workspace_entries", "workspace_links", "workspace_members"):
            tables.table(table).delete_where("workspace = ?", [workspace])
        tables.table("workspaces").delete_where("id = ?", [workspace])


def forget_owner(tables: Tables, user: str) -> None:
    """Delete the workspaces of a user, and what that user has been let into."""
    forget_workspaces(tables, [row["id"] for row in tables.table("workspaces").rows_where("owner = ?", [user])])
    tables.table("workspace_members").delete_where("user = ?", [user])

"""Who did what, and when: openings, sign-ins, changes of accounts and grants."""

import asyncio
import contextlib
import json
import time
from collections import deque
from typing import Self

import msgspec
import structlog
from sqlite_utils import Database as Tables

from toyz_web.store.database import Database

log = structlog.get_logger("toyz.audit")
KEPT = 200_000
"""Entries; see `drop_entries` which of them go."""
ROUTINE = ("open", "download", "create_workspace", "rename_workspace", "open_link", "leave_workspace", "wrong_password")
"""What everybody does all day, and what strangers can do in a user's name: it goes before sign-ins, and before what
changes files, accounts and grants."""
_DROP = """
    delete from audit where id in (
        select id from audit where ?1 is null or user = ?1
        order by action not in (select value from json_each(?2)), id limit ?3
    )
"""
_LOOK_EVERY = 500
"""Entries after which it is looked whether there are too many."""
TERMINAL = "(terminal)"
"""Who does what a command on the server's machine does; no user has such a name."""
PERIOD = 1.0
"""Seconds between two writings of what is only noted."""
_WAITING = 10_000
_LONGEST = 300


class Entry(msgspec.Struct, frozen=True):
    """What somebody did.

    Attributes
    ----------
    id : int
        Counts up.
    time : float
        Seconds since the epoch.
    user : str
        Who did it; `TERMINAL` for a command on the server's machine.
    action : str
        Such as ``open``, ``sign_in``, ``grant``, ``disable_user``.
    subject : str
        What it was done to: a file, a user, a share.
    detail : str
    """

    id: int
    time: float
    user: str
    action: str
    subject: str
    detail: str


class Audit:
    """Keeps what was done. Entries can be read and not changed.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: deque[dict[str, object]] = deque(maxlen=_WAITING)
        self._writer: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write what is noted, once a second."""
        self._writer = asyncio.create_task(self._write_on(), name="audit")

    async def close(self) -> None:
        """Write what is noted, and no more."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.wait({self._writer})
        await self._write_noted()

    def note(self, user: str, action: str, subject: str = "", detail: str = "") -> None:
        """Have an entry written within the second: one that is no change, and must not hold anything up."""
        self._noted.append(entry_of(user, action, subject, detail))

    async def record(self, user: str, action: str, subject: str = "", detail: str = "") -> None:
        """Write an entry; it is on disk when this returns."""
        self.note(user, action, subject, detail)
        await self._write_noted()

    async def read(self, *, before: int | None = None, limit: int = 100, text: str = "") -> list[Entry]:
        """Give entries, the newest first.

        Parameters
        ----------
        before : int, optional
            Only those with a lower id.
        limit : int
        text : str
            Only those in which it stands, as user, action, subject or detail.
        """
        await self._write_noted()
        where, values = ["1"], list[object]()
        if before is not None:
            where.append("id < ?")
            values.append(before)
        if text:
            where.append("instr(lower(user || ' ' || action || ' ' || subject || ' ' || detail), lower(?)) > 0")
            values.append(text)

        def query(tables: Tables) -> list[Entry]:
            rows = tables.table("audit").rows_where(" and ".join(where), values, order_by="id desc", limit=limit)
            return [msgspec.convert(row, Entry) for row in rows]

        return await self._database.read(query)

    async def _write_noted(self) -> None:
        rows = [self._noted.popleft() for _ in range(len(self._noted))]
        if rows:
            await self._database.write(lambda tables: add_entries(tables, rows))

    async def _write_on(self) -> None:
        while True:
            await asyncio.sleep(PERIOD)
            with contextlib.suppress(asyncio.CancelledError):
                try:
                    await asyncio.shield(self._write_noted())
                except Exception:
                    log.exception("entries of the audit log are lost")


class Audited:
    """What changes accounts and shares, in somebody's name: each change and its entry are one transaction.

    Parameters
    ----------
    database : Database
    by : str
        Who does it.
    """

    def __init__(self, database: Database, by: str = TERMINAL) -> None:
        self._database = database
        self._by = by

    def acting(self, by: str) -> Self:
        """Give the same in another's name."""
        return type(self)(self._database, by)

    def _note(self, tables: Tables, action: str, subject: str, detail: str = "") -> None:
        add_entries(tables, [entry_of(self._by, action, subject, detail)])


def entry_of(user: str, action: str, subject: str, detail: str) -> dict[str, object]:
    """Make the row of an entry, of now."""
    words = {"user": user, "action": action, "subject": subject, "detail": detail}
    return {"time": time.time(), **{name: word[:_LONGEST] for name, word in words.items()}}


def add_entries(tables: Tables, rows: list[dict[str, object]]) -> None:
    """Insert entries, and drop some where there are too many; part of a transaction."""
    tables.table("audit").insert_all(rows)
    (last,) = tables.conn.execute("select max(id) from audit").fetchone()
    if last % _LOOK_EVERY < len(rows):
        drop_entries(tables, KEPT)


def drop_entries(tables: Tables, kept: int) -> None:
    """Drop what is too much: nobody's noise may push out what others did, nor what is routine what matters.

    The oldest go; but where one user has more than half of all entries, only that user's, and routine ones first.

    Parameters
    ----------
    tables : Database
    kept : int
        How many entries stay.
    """
    surplus = tables.table("audit").count - kept
    while surplus > 0:
        most = "select user, count(*) from audit group by user order by count(*) desc limit 1"
        user, held = tables.conn.execute(most).fetchone()
        loud = held > kept // 2
        take = min(surplus, held - kept // 2) if loud else surplus
        tables.conn.execute(_DROP, [user if loud else None, json.dumps(ROUTINE), take])
        surplus -= take

"""One SQLite file, one thread that talks to it, and transactions that are on disk when they return."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database as Tables

from toyz.errors import NoSpace
from toyz_web.meters import Histogram
from toyz_web.store.migrations import migrate
from toyz_web.store.opened import OpenLock

T = TypeVar("T")
LOCK_TIMEOUT = 10.0
"""Seconds that a transaction waits for another process's."""


class Database:
    """The database of a server.

    All access happens in one thread, so the event loop never waits for a disk and writers never
    contend with each other. A write is a ``BEGIN IMMEDIATE`` transaction with ``synchronous=FULL``:
    once `write` returns, the change survives a crash.

    Parameters
    ----------
    path : Path
        The file, created with mode 0600 if it is not there.

    Attributes
    ----------
    write_time : Histogram
        Of the transactions.

    Raises
    ------
    toyz_web.store.migrations.NewerSchema
        If the file is of a later version.
    Conflict
        While a backup is being put in its place.
    """

    def __init__(self, path: Path) -> None:
        self.write_time = Histogram()
        self._lock = OpenLock(path)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        try:
            self._tables: Tables = self._thread.submit(_open, path).result()
        except BaseException:
            self._thread.shutdown()
            self._lock.close()
            raise

    async def read(self, query: Callable[[Tables], T]) -> T:
        """Run `query` in the database's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, query, self._tables)

    async def write(self, change: Callable[[Tables], T]) -> T:
        """Run `change` as one transaction; what it did is durable when this returns."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transact, change)

    async def version(self) -> int:
        """Give a number that is another when another process has changed anything."""
        return await self.read(lambda tables: int(tables.conn.execute("PRAGMA data_version").fetchone()[0]))

    def close(self) -> None:
        """Finish what was asked for and close the file."""
        self._thread.submit(self._tables.conn.close).result()
        self._thread.shutdown()
        self._lock.close()

    def _transact(self, change: Callable[[Tables], T]) -> T:
        connection, began = self._tables.conn, time.monotonic()
        try:
            connection.execute("BEGIN IMMEDIATE")
            outcome = change(self._tables)
            connection.execute("COMMIT")
        except BaseException as error:
            # A commit that fails leaves the transaction open, unless SQLite has rolled it back itself.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise NoSpace("The server's disk is full; nothing was changed.") from error
            raise
        self.write_time.observe(time.monotonic() - began)
        return outcome


def _open(path: Path) -> Tables:
    path.touch(mode=0o600)
    # The connection belongs to the database's thread; only the interpreter's own shutdown may close it elsewhere.
    connection = sqlite3.connect(path, timeout=LOCK_TIMEOUT, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        tables = Tables(connection)
        migrate(tables)
    except BaseException:
        connection.close()
        raise
    return tables

"""The records of jobs; implements `toyz_sessions.jobs.JobStore`."""

import fcntl
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec
from sqlite_utils import Database as Tables

from toyz.jobs import Job, Phase
from toyz_web.store.database import Database


class ServerLock:
    """A file that is locked for as long as this server lives.

    Two servers may share a database; by their locks one knows which unfinished jobs belong to a server
    that is gone. The kernel releases the lock however a server ends.

    Parameters
    ----------
    folder : Path
        Where the locks of all servers on a database lie.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self.name = secrets.token_hex(8)
        self._folder = folder
        self._descriptor = os.open(folder / self.name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def is_alive(self, server: str) -> bool:
        """Whether a server of this name holds its lock."""
        if server == self.name:
            return True
        try:
            descriptor = os.open(self._folder / server, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            (self._folder / server).unlink(missing_ok=True)
            return False
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Release the lock and remove its file."""
        (self._folder / self.name).unlink(missing_ok=True)
        os.close(self._descriptor)


class JobRecords:
    """Keeps the records of jobs.

    Parameters
    ----------
    database : Database
    lock : ServerLock
        Of this server; what it saves is its own.
    """

    def __init__(self, database: Database, lock: ServerLock) -> None:
        self._database = database
        self._lock = lock

    async def save(self, job: Job) -> None:
        """Insert or replace the record; it is safe when this returns."""
        row = {
            "id": job.id,
            "user": job.user,
            "module": job.module,
            "task": job.task,
            "phase": str(job.phase),
            "server": self._lock.name,
            "created": job.created,
            "record": msgspec.json.encode(job).decode(),
        }
        await self._database.write(lambda tables: tables.table("jobs").insert(row, replace=True))

    async def load(self, id: str) -> Job | None:  # noqa: A002
        """Give the record, or None."""

        def query(tables: Tables) -> list[str]:
            return [row["record"] for row in tables.table("jobs").rows_where("id = ?", [id], select="record")]

        records = await self._database.read(query)
        return msgspec.json.decode(records[0], type=Job) if records else None

    async def list(
        self, user: str | None = None, *, offset: int = 0, limit: int = 100, phases: Sequence[Phase] = ()
    ) -> Sequence[Job]:
        """Give records, the newest first: of one user or of all, in these phases or in any.

        Without a user, what another living server works on is left out: it is not this one's to end.
        """
        where, values = ["1"], list[object]()
        if user is not None:
            where.append("user = ?")
            values.append(user)
        if phases:
            where.append(f"phase in ({', '.join('?' * len(phases))})")
            values += [str(phase) for phase in phases]

        def query(tables: Tables) -> list[tuple[str, str]]:
            rows = tables.table("jobs").rows_where(
                " and ".join(where), values, order_by="created desc, id", offset=offset, limit=limit
            )
            return [(row["server"], row["record"]) for row in rows]

        rows = await self._database.read(query)
        if user is None:
            rows = [row for row in rows if row[0] == self._lock.name or not self._lock.is_alive(row[0])]
        return [msgspec.json.decode(record, type=Job) for _, record in rows]

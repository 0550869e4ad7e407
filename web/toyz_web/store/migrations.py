"""The schema of the database, as numbered steps that are only ever added to.

``PRAGMA user_version`` holds how many were taken. The steps that a database lacks are one transaction
together with the new number: an upgrade that fails, or is killed halfway, leaves the database as it was.

Whoever adds a step adds a database of the schema before it to the tests: ``make schema-fixture``.
"""

import sqlite3
from collections.abc import Callable

from sqlite_utils import Database


def _first(database: Database) -> None:
    database.table("logins").create(
        {"id": str, "user": str, "secret": str, "created": float, "expires": float}, pk="id", strict=True
    )
    database.table("tickets").create({"id": str, "user": str, "expires": float}, pk="id", strict=True)
    database.table("settings").create(
        {"user": str, "key": str, "value": str}, pk=("user", "key"), not_null={"value"}, strict=True
    )
    jobs = database.table("jobs").create(
        {
            "id": str,
            "user": str,
            "module": str,
            "task": str,
            "phase": str,
            "server": str,
            "created": float,
            "record": str,
        },
        pk="id",
        not_null={"user", "record"},
        strict=True,
    )
    jobs.create_index(["user", "created"])
    jobs.create_index(["phase"])


def _accounts(database: Database) -> None:
    database.table("users").create(
        {"name": str, "admin": int, "disabled": int, "password": str, "created": float},
        pk="name",
        not_null={"admin", "disabled", "password"},
        strict=True,
    )
    database.table("groups").create({"name": str, "created": float}, pk="name", strict=True)
    database.table("members").create(
        {"group": str, "user": str},
        pk=("group", "user"),
        foreign_keys=[("group", "groups", "name"), ("user", "users", "name")],
        strict=True,
    )
    tokens = database.table("tokens").create(
        {"id": str, "user": str, "name": str, "scope": str, "created": float, "expires": float, "used": float},
        pk="id",
        not_null={"user", "name", "scope"},
        foreign_keys=[("user", "users", "name")],
        strict=True,
    )
    tokens.create_index(["user", "name"], unique=True)
    logins = database.table("logins")
    logins.add_column("address", str)
    logins.add_column("agent", str)
    logins.create_index(["user"])


def _shares(database: Database) -> None:
    database.table("shares").create({"name": str, "path": str, "write": int}, pk="name", strict=True)
    database.table("grants").create(
        {"share": str, "subject": str, "level": str}, pk=("share", "subject"), not_null={"level"}, strict=True
    )


def _audit(database: Database) -> None:
    database.table("audit").create(
        {"id": int, "time": float, "user": str, "action": str, "subject": str, "detail": str},
        pk="id",
        not_null={"time", "user", "action", "subject", "detail"},
        strict=True,
    )


def _workspaces(database: Database) -> None:
    database.table("workspaces").create(
        {
            "id": str,
            "owner": str,
            "name": str,
            "created": float,
            "changed": float,
            "revision": int,
            "horizon": int,
            "deleted": float,
        },
        pk="id",
        not_null={"owner", "name", "created", "changed", "revision", "horizon", "deleted"},
        strict=True,
    ).create_index(["owner"])
    database.table("workspace_entries").create(
        {"workspace": str, "key": str, "value": str, "size": int, "revision": int},
        pk=("workspace", "key"),
        not_null={"size", "revision"},
        strict=True,
    )
    database.table("workspace_links").create(
        {"id": str, "workspace": str, "level": str, "created": float, "expires": float, "user": str},
        pk="id",
        not_null={"workspace", "level", "created", "expires", "user"},
        strict=True,
    ).create_index(["workspace"])
    database.table("workspace_members").create(
        {"workspace": str, "user": str, "link": str, "opened": float},
        pk=("workspace", "user", "link"),
        not_null={"opened"},
        strict=True,
    ).create_index(["user"])


def _uploads(database: Database) -> None:
    uploads = database.table("uploads").create(
        {
            "id": str,
            "user": str,
            "path": str,
            "length": int,
            "sha256": str,
            "overwrite": int,
            "state": str,
            "inode": str,
            "created": float,
            "expires": float,
        },
        pk="id",
        not_null={"user", "path", "length", "sha256", "overwrite", "state", "inode", "created", "expires"},
        strict=True,
    )
    uploads.create_index(["user", "state"])
    database.table("quotas").create(
        {"user": str, "unfinished": int, "finished": int}, pk="user", not_null={"unfinished", "finished"}, strict=True
    )


def _identities(database: Database) -> None:
    database.table("identities").create(
        {"issuer": str, "subject": str, "user": str, "created": float},
        pk=("issuer", "subject"),
        not_null={"user"},
        foreign_keys=[("user", "users", "name")],
        strict=True,
    )
    database.table("admissions").create(
        {"way": str, "user": str},
        pk=("way", "user"),
        foreign_keys=[("user", "users", "name")],
        strict=True,
    )
    # Who put a user into a group: an administrator (empty), or a way to sign in that follows another's groups.
    database.table("members").add_column("way", str, not_null_default="")
    for column in ("way", "proof"):
        database.table("logins").add_column(column, str)


STEPS: tuple[Callable[[Database], None], ...] = (_first, _accounts, _shares, _audit, _workspaces, _uploads, _identities)


class NewerSchema(RuntimeError):
    """The database was written by a later version of Toyz."""


def migrate(database: Database) -> None:
    """Bring the schema to the present, all of the way or not at all.

    Raises
    ------
    NewerSchema
        If the file is of a later version; nothing is changed.
    """
    if _taken(database) == len(STEPS):
        return
    database.conn.execute("BEGIN IMMEDIATE")
    try:
        # Another server on the same file may have done it while this one waited for the lock.
        for step in STEPS[_taken(database) :]:
            step(database)
        database.conn.execute(f"PRAGMA user_version = {len(STEPS)}")
        database.conn.execute("COMMIT")
    except BaseException:
        database.conn.execute("ROLLBACK")
        raise


def schema_of(connection: sqlite3.Connection) -> int:
    """Give the number of the schema that a database has; 0 if it is empty."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _taken(database: Database) -> int:
    taken = schema_of(database.conn)
    if taken > len(STEPS):
        raise NewerSchema(
            f"The database has schema {taken}, this version knows {len(STEPS)}. Use a later Toyz or another --state."
        )
    return taken

"""The schema of the database, as numbered steps that are only ever added to.

``PRAGMA user_version`` holds how many were taken. Each step runs in a transaction of its own
together with the new number: a step that is killed halfway leaves the schema before it.
"""

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


STEPS: tuple[Callable[[Database], None], ...] = (_first, _accounts, _shares, _audit)


class NewerSchema(RuntimeError):
    """The database was written by a later version of Toyz."""


def migrate(database: Database) -> None:
    """Bring the schema to the present.

    Raises
    ------
    NewerSchema
        If the file is of a later version; nothing is changed.
    """
    taken = _version(database)
    if taken > len(STEPS):
        raise NewerSchema(
            f"The database has schema {taken}, this version knows {len(STEPS)}. Use a later Toyz or another --state."
        )
    while taken < len(STEPS):
        database.conn.execute("BEGIN IMMEDIATE")
        try:
            # Another server on the same file may have taken the step while this one waited for the lock.
            if _version(database) == taken:
                STEPS[taken](database)
                database.conn.execute(f"PRAGMA user_version = {taken + 1}")
            database.conn.execute("COMMIT")
        except BaseException:
            database.conn.execute("ROLLBACK")
            raise
        taken = _version(database)


def _version(database: Database) -> int:
    return int(database.conn.execute("PRAGMA user_version").fetchone()[0])

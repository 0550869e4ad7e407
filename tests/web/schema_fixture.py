"""Databases of earlier schemas, as SQL: ``python -m tests.web.schema_fixture`` writes those that are missing.

A fixture is made once, when its schema is the last but one, from the fixture before it: brought to the next
schema, with a row in each table that has none. It is never changed afterwards, since what it stands for is out there.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database as Tables

from toyz_web.store.migrations import STEPS, schema_of

SCHEMAS = Path(__file__).with_name("schemas")
_JOB = {
    "id": "5b0f",
    "user": "ada",
    "module": "exposures",
    "task": "make",
    "parameters": {"path": "sky/a.fits"},
    "phase": "EXECUTING",
    "created": 1795732120.5,
}
ROWS: dict[str, dict[str, object]] = {
    "users": {"name": "ada", "admin": 1, "disabled": 0, "password": "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA"},
    "groups": {"name": "astro"},
    "tokens": {"id": "9f86d081", "name": "laptop", "scope": "read", "expires": 9795732120.5},
    "shares": {"name": "decam", "path": "/data/decam", "write": 1},
    "grants": {"share": "decam", "subject": "@astro", "level": "write"},
    "jobs": _JOB | {"server": "a1b2c3d4", "parameters": None, "record": json.dumps(_JOB)},
    "audit": {"user": "ada", "action": "open", "subject": "decam/a.fits", "detail": ""},
}
"""What a row of a table says where that matters; the rest is made up from the columns' types."""
_SAMPLES = {"TEXT": "sample", "INTEGER": 1, "REAL": 1795732120.5, "BLOB": b"sample"}


def fixture(schema: int) -> Path:
    """Give the path of the fixture of a schema."""
    return SCHEMAS / f"{schema}.sql"


def load(schema: int, path: Path | str = ":memory:") -> sqlite3.Connection:
    """Make a database from a fixture."""
    connection = sqlite3.connect(path)
    connection.executescript(fixture(schema).read_text(encoding="utf-8"))
    return connection


def take_step(connection: sqlite3.Connection, schema: int) -> None:
    """Bring a database from one schema to the next."""
    STEPS[schema](Tables(connection))
    connection.execute(f"PRAGMA user_version = {schema + 1}")
    connection.commit()


def fill(connection: sqlite3.Connection) -> None:
    """Put a row into each table that has none; what refers to another table refers to a row of it."""
    for table in tables_of(connection):
        if connection.execute(f'SELECT 1 FROM "{table}"').fetchone() is not None:
            continue
        row = {name: _SAMPLES[kind] for _, name, kind, *_ in connection.execute(f'PRAGMA table_info("{table}")')}
        row |= {name: value for name, value in ROWS.get(table, {}).items() if name in row}
        for _, _, other, column, there, *_ in connection.execute(f'PRAGMA foreign_key_list("{table}")'):
            row[column] = connection.execute(f'SELECT "{there}" FROM "{other}"').fetchone()[0]
        names = ", ".join(f'"{name}"' for name in row)
        connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(row))})', [*row.values()])
    connection.commit()


def tables_of(connection: sqlite3.Connection) -> list[str]:
    """Give the names of the tables, each after those that it refers to."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    left = sorted(name for (name,) in rows)
    found: list[str] = []
    while left:
        for table in left:
            needed = {row[2] for row in connection.execute(f'PRAGMA foreign_key_list("{table}")')}
            if needed <= {*found, table}:
                found.append(table)
        left = [table for table in left if table not in found]
    return found


def write(schema: int) -> None:
    """Write the fixture of a schema from the one before it."""
    with closing(load(schema - 1)) as connection:
        take_step(connection, schema - 1)
        fill(connection)
        lines = [line.replace("COMMIT;", f"PRAGMA user_version = {schema};\nCOMMIT;") for line in connection.iterdump()]
        fixture(schema).write_text("\n".join(lines) + "\n", encoding="utf-8")
        assert schema_of(connection) == schema


def main() -> None:
    """Write what is missing: of each schema from the first to the last but one."""
    for schema in range(2, len(STEPS)):
        if not fixture(schema).exists():
            write(schema)
            print(f"{fixture(schema).relative_to(Path.cwd())}: look at it, make its rows telling, and commit it")


if __name__ == "__main__":
    main()

"""Databases of every earlier schema: what is in them survives the upgrade, and one that fails leaves them whole."""

import asyncio
import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlite_utils import Database as Tables

from tests.web import schema_fixture
from tests.web.schema_fixture import fixture, load, tables_of, take_step, write
from toyz_web.store import migrations
from toyz_web.store.accounts import AccountStore
from toyz_web.store.database import Database
from toyz_web.store.logins import LoginStore
from toyz_web.store.migrations import STEPS, migrate, schema_of
from toyz_web.store.settings import SettingStore

HOW = (
    "There is no database of schema {schema} for the tests. `make schema-fixture` writes it as "
    "tests/web/schemas/{schema}.sql: look at it, make its rows telling, and commit it beside the new step."
)
EARLIER = range(1, len(STEPS))


def rows_of(connection: sqlite3.Connection) -> dict[str, list[dict[str, object]]]:
    """Give all rows of all tables."""
    connection.row_factory = sqlite3.Row
    return {
        table: [dict(row) for row in connection.execute(f'SELECT * FROM "{table}" ORDER BY 1, 2')]
        for table in tables_of(connection)
    }


def structure(connection: sqlite3.Connection) -> dict[str, object]:
    """Give tables with their columns, indices and references."""
    found: dict[str, object] = {}
    for table in tables_of(connection):
        found[table] = sorted(tuple(row)[1:] for row in connection.execute(f'PRAGMA table_info("{table}")'))
        found[f"{table} to"] = sorted(
            tuple(row)[2:5] for row in connection.execute(f'PRAGMA foreign_key_list("{table}")')
        )
        indices = [tuple(row)[1:4] for row in connection.execute(f'PRAGMA index_list("{table}")')]
        found[f"{table} by"] = sorted(each for each in indices if not each[0].startswith("sqlite_"))
    return found


def whole(connection: sqlite3.Connection) -> None:
    """Have the database looked through for damage."""
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize("schema", EARLIER)
def test_there_is_a_database_of_every_earlier_schema_with_something_in_each_table(schema: int) -> None:
    assert fixture(schema).is_file(), HOW.format(schema=schema)
    with closing(load(schema)) as old, closing(sqlite3.connect(":memory:")) as made:
        for step in range(schema):
            take_step(made, step)
        # A step that was changed after it was out would make another database than those that are out there.
        assert structure(old) == structure(made)
        assert schema_of(old) == schema
        # The first one is from before fixtures were filled.
        empty = {table for table, rows in rows_of(old).items() if not rows} - ({"jobs"} if schema == 1 else set())
        assert empty == set()
        whole(old)


@pytest.mark.parametrize("schema", EARLIER)
def test_a_database_of_every_earlier_schema_is_brought_to_the_present(tmp_path: Path, schema: int) -> None:
    path = tmp_path / "toyz.sqlite"
    load(schema, path).close()
    with closing(load(schema)) as old:
        before = rows_of(old)
    opened = Database(path)

    async def run() -> None:
        await AccountStore(opened).ensure_admin("me")
        (login,) = await LoginStore(opened).list("me")
        assert (login.secret, login.address) == ("secret", "")
        assert await SettingStore(opened).get("me", "theme") == b'"dark"'

    asyncio.run(run())
    opened.close()
    with closing(sqlite3.connect(path)) as new, closing(sqlite3.connect(":memory:")) as fresh:
        migrate(Tables(fresh))
        assert structure(new) == structure(fresh)
        whole(new)
        after = rows_of(new)
    for table, rows in before.items():
        for row in rows if table in after else ():
            assert any(row.items() <= each.items() for each in after[table]), f"a row of {table} is lost: {row}"


def test_a_fixture_that_is_missing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "1.sql").write_text(fixture(1).read_text())
    monkeypatch.setattr(schema_fixture, "SCHEMAS", tmp_path)
    write(2)
    with closing(load(2)) as made:
        assert all(rows_of(made).values())


def _half(tables: Tables) -> None:
    # A step that does something to what is there, in a process that is killed before it is done.
    tables.table("settings").insert({"user": "u", "key": "k", "value": "1"})
    tables.conn.execute("DELETE FROM settings")
    tables.table("half").create({"id": int})
    os.kill(os.getpid(), signal.SIGKILL)


def _upgrade_and_die(path: Path) -> None:
    migrations.STEPS = (*STEPS, _half)
    Database(path)


@contextmanager
def _killed(path: Path) -> Iterator[int]:
    process = multiprocessing.get_context("spawn").Process(target=_upgrade_and_die, args=(path,))
    process.start()
    process.join(60)
    yield int(process.exitcode or 0)
    process.close()


@pytest.mark.parametrize("schema", [1, len(STEPS) - 1])
def test_an_upgrade_that_is_killed_halfway_leaves_the_old_database_whole(tmp_path: Path, schema: int) -> None:
    path = tmp_path / "toyz.sqlite"
    load(schema, path).close()
    with closing(load(schema)) as old:
        before = rows_of(old)
    with _killed(path) as code:
        assert code == -signal.SIGKILL
    with closing(sqlite3.connect(path)) as left:
        assert (schema_of(left), rows_of(left)) == (schema, before)
        whole(left)
    Database(path).close()
    with closing(sqlite3.connect(path)) as upgraded:
        assert schema_of(upgraded) == len(STEPS)


def test_a_step_that_fails_leaves_the_schema_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "toyz.sqlite"
    load(1, path).close()

    def broken(tables: Tables) -> None:
        tables.table("half").create({"id": int})
        raise RuntimeError("halfway")

    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, broken))
    with pytest.raises(RuntimeError, match="halfway"):
        Database(path)
    with closing(sqlite3.connect(path)) as left:
        assert schema_of(left) == 1
        assert "half" not in tables_of(left)

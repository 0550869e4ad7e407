"""The parts of a window and of the store, each by itself."""

import asyncio
import sqlite3
from collections.abc import Awaitable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from sqlite_utils import Database as Tables

from toyz.errors import TooLarge
from toyz.jobs import Job, Phase
from toyz.protocol import Style, TileAddress
from toyz_web import image_query
from toyz_web.answers import Answers
from toyz_web.iiif.identifier import Options
from toyz_web.modules import settings as settings_module
from toyz_web.outbox import Outbox
from toyz_web.replay import Replay
from toyz_web.store import migrations
from toyz_web.store.database import Database
from toyz_web.store.jobs import JobRecords, ServerLock
from toyz_web.store.logins import LoginStore
from toyz_web.store.settings import SettingStore
from toyz_web.tilecache import EncodedTile, TileCache

GREY = Style(0, 1)


def fill(replay: Replay, count: int) -> None:
    for _ in range(count):
        replay.add(f"message {replay.next_seq()}".encode())


def test_replay_gives_what_came_after() -> None:
    replay = Replay(length=3)
    assert replay.since(0) == []
    fill(replay, 5)
    assert replay.since(5) == []
    assert replay.since(3) == [b"message 4", b"message 5"]
    assert replay.since(2) == [b"message 3", b"message 4", b"message 5"]
    assert replay.since(1) is None
    assert replay.since(6) is None
    assert replay.since(-1) is None


def test_replay_is_bounded_in_bytes() -> None:
    replay = Replay(length=100, max_bytes=25)
    fill(replay, 5)
    assert replay.since(3) == [b"message 4", b"message 5"]
    assert replay.since(2) is None
    replay.next_seq()
    replay.add(b"x" * 100)
    assert replay.since(5) is None
    assert replay.since(6) == []


def test_answers_are_remembered_and_bounded() -> None:
    answers = Answers(length=2, max_bytes=10)
    for name in "abc":
        answers.begin(name, "module", repeatable=False)
        answers.record(name, name.encode() * 4, final=True)
    assert answers.find("a") is None
    found = answers.find("c")
    assert found is not None
    assert (found.last, found.final) == (b"cccc", True)
    answers.begin("d", "module", repeatable=True)
    assert answers.running == 1
    answers.record("d", b"half", final=False)
    running = answers.find("d")
    assert running is not None
    assert (running.last, running.final) == (b"half", False)


def tile(image: str, x: int) -> TileAddress:
    return TileAddress(image, 0, x, 0, GREY)


def test_tiles_are_kept_by_their_use() -> None:
    cache = TileCache(capacity=3000)
    for x in range(3):
        cache.put(tile("a", x), EncodedTile("jpeg", b"x" * 400))
    assert cache.get(tile("a", 0)) is not None
    cache.put(tile("b", 0), EncodedTile("jpeg", b"x" * 400))
    assert cache.used <= 3000
    assert cache.get(tile("a", 1)) is None
    assert cache.get(tile("a", 0)) is not None
    cache.put(tile("c", 0), EncodedTile("jpeg", b"x" * 5000))
    assert cache.get(tile("c", 0)) is None
    cache.drop_image("a")
    assert [cache.get(tile("a", x)) for x in range(3)] == [None] * 3
    assert cache.get(tile("b", 0)) is not None
    cache.drop_image("b")
    assert cache.used == 0


def test_styles_are_told_apart() -> None:
    cache = TileCache(capacity=100_000)
    cache.put(tile("a", 0), EncodedTile("jpeg", b"grey"))
    other = TileAddress("a", 0, 0, 0, Style(0, 1, invert=True))
    assert cache.get(other) is None


class Pipe:
    """A connection whose client reads when it is told to, and says when enough has come or it was dropped."""

    def __init__(self, enough: int = 0) -> None:
        self.delivered: list[bytes] = []
        self.dropped: list[int] = []
        self.reading = asyncio.Event()
        self.done = asyncio.Event()
        self._enough = enough

    def send_frame(self, frame: bytes, *, binary: bool) -> Awaitable[None] | None:
        del binary
        if not self.reading.is_set():
            return self._deliver_later(frame)
        self._deliver(frame)
        return None

    async def _deliver_later(self, frame: bytes) -> None:
        await self.reading.wait()
        self._deliver(frame)

    def _deliver(self, frame: bytes) -> None:
        self.delivered.append(frame)
        if len(self.delivered) == self._enough:
            self.done.set()

    def drop(self, code: int, reason: str) -> None:
        del reason
        self.dropped.append(code)
        self.done.set()


@pytest.mark.parametrize("reading_after", [0, 3, 5])
def test_outbox_writes_in_order(reading_after: int) -> None:
    async def run() -> Pipe:
        pipe = Pipe(enough=5)
        outbox = Outbox(pipe)
        for number in range(5):
            if number == reading_after:
                pipe.reading.set()
            outbox.put(str(number).encode())
        pipe.reading.set()
        await pipe.done.wait()
        await asyncio.sleep(0)
        assert outbox.waiting == 0
        outbox.put(b"late")
        assert pipe.delivered.pop() == b"late", "it left at once"
        return pipe

    pipe = asyncio.run(run())
    assert pipe.delivered == [b"0", b"1", b"2", b"3", b"4"]
    assert pipe.dropped == []


def test_outbox_drops_who_does_not_read() -> None:
    async def run() -> tuple[Pipe, Outbox]:
        pipe = Pipe()
        outbox = Outbox(pipe, max_bytes=100)
        outbox.put(b"x" * 500)  # one large frame passes
        assert pipe.dropped == []
        outbox.put(b"x")
        outbox.put(b"y" * 1000)
        await asyncio.sleep(0)
        return pipe, outbox

    pipe, outbox = asyncio.run(run())
    assert pipe.dropped == [1008]
    assert (outbox.closed, outbox.waiting) == (True, 0)


def test_outbox_drops_who_stops_reading() -> None:
    async def run() -> Pipe:
        pipe = Pipe()
        outbox = Outbox(pipe, stall=0.01)
        outbox.put(b"x")
        await pipe.done.wait()
        return pipe

    assert asyncio.run(run()).dropped == [1008]


@pytest.fixture
def database(tmp_path: Path) -> "Database":
    return Database(tmp_path / "toyz.sqlite")


def test_database_is_durable_and_private(database: Database, tmp_path: Path) -> None:
    def pragmas(tables: Tables) -> tuple[object, ...]:
        return tuple(tables.conn.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous"))

    async def run() -> tuple[object, ...]:
        return await database.read(pragmas)

    assert asyncio.run(run()) == ("wal", 2)
    assert (tmp_path / "toyz.sqlite").stat().st_mode & 0o777 == 0o600
    database.close()


def test_a_full_shelf_of_settings_is_cleared_by_null(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_module, "MAX_KEYS", 2)
    shared: Any = SimpleNamespace(settings=SettingStore(database))
    context: Any = SimpleNamespace(user="u", shared=shared)

    async def run() -> list[str]:
        for key in ("a", "b"):
            await settings_module.set_value(context, key, msgspec.Raw(b"1"))
        with pytest.raises(TooLarge, match="null"):
            await settings_module.set_value(context, "c", msgspec.Raw(b"1"))
        await settings_module.set_value(context, "nothing", msgspec.Raw(b"null"))
        await settings_module.set_value(context, "a", msgspec.Raw(b" null "))
        await settings_module.set_value(context, "c", msgspec.Raw(b"1"))
        return await settings_module.list_keys(context)

    assert asyncio.run(run()) == ["b", "c"]
    database.close()


def test_a_failed_change_leaves_nothing(database: Database) -> None:
    settings = SettingStore(database)

    def half(tables: Tables) -> None:
        tables.table("settings").insert({"user": "u", "key": "k", "value": "1"})
        raise RuntimeError("stop")

    async def run() -> bytes:
        with pytest.raises(RuntimeError, match="stop"):
            await database.write(half)
        await settings.set("u", "other", b"2")
        assert await settings.get("u", "other") == b"2"
        assert await settings.count("u") == 1
        assert await settings.count("u", besides="other") == 0
        await settings.set("u", "another", b"3")
        await settings.set("v", "another", b"4")
        assert await settings.keys("u") == ["another", "other"]
        await settings.remove("u", "another")
        assert (await settings.keys("u"), await settings.keys("v")) == (["other"], ["another"])
        return await settings.get("u", "k")

    assert asyncio.run(run()) == b"null"
    database.close()


def test_writers_of_two_servers_wait_for_each_other(tmp_path: Path) -> None:
    stores = [SettingStore(Database(tmp_path / "toyz.sqlite")) for _ in range(3)]

    async def run() -> int:
        await asyncio.gather(*(stores[n % 3].set("u", f"k{n}", b"1") for n in range(60)))
        return await stores[0].count("u")

    assert asyncio.run(run()) == 60
    for store in stores:
        store._database.close()


def test_a_later_schema_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "toyz.sqlite"
    Database(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(migrations.NewerSchema, match="schema 99"):
        Database(path)
    with sqlite3.connect(path) as check:
        assert check.execute("PRAGMA user_version").fetchone() == (99,)
    check.close()


def test_logins_and_tickets(database: Database) -> None:
    logins = LoginStore(database)

    async def run() -> None:
        value = await logins.create("me", "secret")
        login = await logins.find(value)
        assert login is not None
        assert login.user == "me"
        assert value not in (login.id, login.secret)
        await logins.end(login.id)
        assert await logins.find(value) is None
        ticket = await logins.issue_ticket("me")
        assert await logins.use_ticket(ticket) == "me"
        assert await logins.use_ticket(ticket) is None
        assert await logins.use_ticket("guess") is None

    asyncio.run(run())
    database.close()


def job(number: int, user: str = "me", phase: Phase = Phase.COMPLETED) -> Job:
    return Job(
        id=f"j{number}", user=user, module="m", task="t", phase=phase, created=float(number), result={"n": number}
    )


def test_job_records(database: Database, tmp_path: Path) -> None:
    lock = ServerLock(tmp_path / "servers")
    records = JobRecords(database, lock)

    async def run() -> None:
        for number in range(5):
            await records.save(job(number))
        await records.save(job(9, user="other", phase=Phase.EXECUTING))
        found = await records.load("j3")
        assert found == job(3)
        assert await records.load("j77") is None
        assert [each.id for each in await records.list("me", offset=1, limit=2)] == ["j3", "j2"]
        unfinished = (Phase.PENDING, Phase.QUEUED, Phase.EXECUTING)
        assert [each.id for each in await records.list(phases=unfinished)] == ["j9"]
        # Another server that lives on the same database does not see this one's jobs as left behind ...
        other_lock = ServerLock(tmp_path / "servers")
        other = JobRecords(database, other_lock)
        assert list(await other.list(phases=unfinished)) == []
        # ... until it is gone.
        lock.close()
        assert [each.id for each in await other.list(phases=unfinished)] == ["j9"]
        other_lock.close()

    asyncio.run(run())
    database.close()


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        (settings_module.Key, "theme\n"),
        (image_query.Hdu, "auto\n"),
        (image_query.Hdu, "3\n"),
        (Options, {"version": "\n"}),
    ],
)
def test_no_newline_passes_at_the_end_of_a_pattern(declared: Any, value: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(value, declared)

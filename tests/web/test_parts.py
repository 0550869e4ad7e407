"""The parts of a window and of the store, each by itself."""

import asyncio
import json
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
from toyz_web.numbered import Numbered
from toyz_web.outbox import FAIR, Budget, Outbox
from toyz_web.replay import Replay
from toyz_web.store import migrations
from toyz_web.store.audit import add_entries, drop_entries, entry_of
from toyz_web.store.database import Database
from toyz_web.store.jobs import JobRecords, ServerLock
from toyz_web.store.logins import LoginStore
from toyz_web.store.settings import SettingStore
from toyz_web.tilecache import EncodedTile, TileCache

GREY = Style(0, 1)


def fill(replay: Replay, count: int) -> None:
    for _ in range(count):
        replay.add(f'{{"message":{replay.seq + 1}}}'.encode())


def numbers(messages: "list[Numbered] | None") -> list[int]:
    assert messages is not None
    return [each.seq for each in messages]


def test_replay_gives_what_came_after() -> None:
    replay = Replay(length=3)
    assert replay.since(0) == []
    fill(replay, 5)
    assert replay.since(5) == []
    assert numbers(replay.since(3)) == [4, 5]
    assert numbers(replay.since(2)) == [3, 4, 5]
    assert replay.since(1) is None
    assert replay.since(6) is None
    assert replay.since(-1) is None


def test_replay_is_bounded_in_bytes() -> None:
    replay = Replay(length=100, max_bytes=30)
    fill(replay, 5)
    assert numbers(replay.since(3)) == [4, 5]
    assert replay.since(2) is None
    replay.add(b"x" * 100)
    assert replay.since(5) is None
    assert replay.since(6) == []


def test_a_message_is_held_once_however_many_are_told() -> None:
    body = msgspec.json.encode({"event": "changed", "data": "x" * 1000})
    replays = [Replay(length=10) for _ in range(3)]
    replays[1].add(b'{"other":1}')
    told = [replay.add(body) for replay in replays]
    assert all(each.body is body for each in told)
    assert [json.loads(each.frame())["seq"] for each in told] == [1, 2, 1]
    assert json.loads(told[1].frame()) == {"event": "changed", "data": "x" * 1000, "seq": 2}


def test_answers_are_remembered_and_bounded() -> None:
    answers = Answers(length=2, max_bytes=10)
    for name in "abc":
        answers.begin(name, "module", repeatable=False)
        answers.record(name, Numbered(name.encode() * 4, 1), final=True)
    assert answers.find("a") is None
    found = answers.find("c")
    assert found is not None
    assert (found.last, found.final) == (Numbered(b"cccc", 1), True)
    answers.begin("d", "module", repeatable=True)
    assert answers.running == 1
    answers.record("d", Numbered(b"half", 2), final=False)
    running = answers.find("d")
    assert running is not None
    assert (running.last, running.final) == (Numbered(b"half", 2), False)


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
        outbox = Outbox(pipe, Budget())
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


def test_tiles_leave_after_all_else_and_can_be_taken_back_until_then() -> None:
    async def run() -> tuple[list[bytes], int, int]:
        pipe, budget = Pipe(enough=5), Budget()
        left: list[int] = []
        outbox = Outbox(pipe, budget, lambda: left.append(outbox.waiting))
        outbox.put_tile("a", b"tile a")
        for name in "bcd":
            outbox.put_tile(name, f"tile {name}".encode())
        outbox.put(b"answer")
        outbox.put_newest("cursor", b"here")
        outbox.take_back("a")  # it is leaving
        outbox.take_back("c")
        outbox.take_back("c")
        assert left == [len(b"tile atile btile danswer")]
        pipe.reading.set()
        await pipe.done.wait()
        await asyncio.sleep(0)
        assert outbox.waiting == 0
        return pipe.delivered, budget.used, left[-1]

    assert asyncio.run(run()) == ([b"tile a", b"answer", b"tile b", b"tile d", b"here"], 0, 0)


def test_what_is_put_when_the_last_has_left_is_written_once() -> None:
    async def run() -> list[bytes]:
        pipe = Pipe(enough=3)
        more = iter([b"second", b"third"])

        def on_left() -> None:
            for frame in more:
                outbox.put(frame)

        outbox = Outbox(pipe, Budget(), on_left)
        outbox.put(b"first")
        pipe.reading.set()
        await pipe.done.wait()
        await asyncio.sleep(0)
        assert outbox.waiting == 0
        return pipe.delivered

    assert asyncio.run(run()) == [b"first", b"second", b"third"]


def test_outbox_drops_who_does_not_read() -> None:
    async def run() -> tuple[Pipe, Outbox]:
        pipe = Pipe()
        outbox = Outbox(pipe, Budget(), max_bytes=100)
        outbox.put(b"x" * 500)  # one large frame passes
        assert pipe.dropped == []
        outbox.put(b"x")
        outbox.put(b"y" * 1000)
        await asyncio.sleep(0)
        return pipe, outbox

    pipe, outbox = asyncio.run(run())
    assert pipe.dropped == [1008]
    assert (outbox.closed, outbox.waiting) == (True, 0)


def test_where_much_waits_for_all_those_with_much_are_dropped() -> None:
    async def run() -> tuple[Pipe, Pipe, Budget]:
        budget = Budget(limit=3 * FAIR)
        greedy, modest = Pipe(), Pipe()
        one, other = Outbox(greedy, budget), Outbox(modest, budget)
        for _ in range(4):
            one.put(bytes(FAIR))
        for _ in range(3):
            other.put(b"small")
        assert greedy.dropped == []
        one.put(b"x")
        assert one.closed
        assert budget.used == other.waiting == 15
        other.close()
        await asyncio.sleep(0)
        return greedy, modest, budget

    greedy, modest, budget = asyncio.run(run())
    assert (greedy.dropped, modest.dropped, budget.used) == ([1008], [], 0)


def test_outbox_drops_who_stops_reading() -> None:
    async def run() -> Pipe:
        pipe = Pipe()
        outbox = Outbox(pipe, Budget(), stall=0.01)
        outbox.put(b"x")
        await pipe.done.wait()
        return pipe

    assert asyncio.run(run()).dropped == [1008]


@pytest.fixture
def database(tmp_path: Path) -> "Database":
    return Database(tmp_path / "toyz.sqlite")


def test_nobody_can_push_out_of_the_log_what_others_did(database: Database) -> None:
    def change(tables: Tables) -> list[tuple[str, str, str]]:
        add_entries(tables, [entry_of("chief", "grant", f"share {number}", "") for number in range(20)])
        add_entries(tables, [entry_of("ada", "open", f"{number}", "") for number in range(30)])
        add_entries(tables, [entry_of("mallory", "delete", "sky/a.fits", "")])
        add_entries(tables, [entry_of("mallory", "rename_workspace", f"{number}", "") for number in range(400)])
        # What strangers can have written in her name is not heard before what she did.
        add_entries(tables, [entry_of("mallory", "wrong_password", "", "10.0.0.1") for number in range(60)])
        drop_entries(tables, 100)
        return [(row["user"], row["action"], row["subject"]) for row in tables.table("audit").rows]

    kept = asyncio.run(database.write(change))
    assert len(kept) == 100
    assert sum(user == "chief" for user, _, _ in kept) == 20
    assert sum(user == "ada" for user, _, _ in kept) == 30
    assert ("mallory", "delete", "sky/a.fits") in kept
    assert kept[-1] == ("mallory", "wrong_password", "")


def test_where_nobody_is_loud_the_oldest_of_what_is_routine_goes(database: Database) -> None:
    def change(tables: Tables) -> list[str]:
        rows = [
            entry_of(f"user {number % 7}", "open" if number % 2 else "grant", f"{number}", "") for number in range(70)
        ]
        add_entries(tables, rows)
        drop_entries(tables, 50)
        return [row["subject"] for row in tables.table("audit").rows]

    assert asyncio.run(database.write(change)) == [
        f"{number}" for number in range(70) if number % 2 == 0 or number > 40
    ]


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

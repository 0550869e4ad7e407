"""Builds through real processes: once for each key, their files, their failures, the quota."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sessions.build_work import MEGABYTE
from tests.sessions.rig import looped, make_config, managed, open_window
from toyz.jobs import Phase
from toyz.readers import OpenFile
from toyz_sessions import priority, spool
from toyz_sessions.builders import Builders
from toyz_sessions.files import grants_of
from toyz_sessions.forkserver import ForkServer
from toyz_sessions.keys import build_key
from toyz_sessions.messages import Build, BuildUpdate, LogLine
from toyz_sessions.sandbox import sandbox_available


class Yard:
    """Builders and the updates they send."""

    def __init__(self, folder: Path, forkserver: ForkServer, **options: Any) -> None:
        stall = options.pop("stall", 60.0)
        self.folder = folder
        self.config = make_config(folder, **options)
        self.builders = Builders(forkserver, self.config, runner="tests.sessions.build_work:run", stall=stall)
        self.updates: list[BuildUpdate] = []
        self._waits: list[tuple[Callable[[BuildUpdate], bool], asyncio.Future[BuildUpdate]]] = []

    @property
    def cache(self) -> Path:
        return self.folder / "cache" / "data"

    def notify(self, update: BuildUpdate) -> None:
        self.updates.append(update)
        for condition, wait in self._waits:
            if not wait.done() and condition(update):
                wait.set_result(update)

    def request(self, what: str, key: str = "key", kind: str = "decompress", name: str = "file", **fields: Any) -> None:
        (self.folder / "data" / name).write_text(what)
        build = Build(**({"key": key, "kind": kind, "share": "data", "path": name} | fields))
        self.builders.request(build, grants_of(self.config)[0], self.notify)

    async def until(self, condition: Callable[[BuildUpdate], bool]) -> BuildUpdate:
        wait: asyncio.Future[BuildUpdate] = asyncio.get_running_loop().create_future()
        self._waits.append((condition, wait))
        return await wait

    async def run(self, what: str, key: str = "key", **fields: Any) -> BuildUpdate:
        self.request(what, key, **fields)
        return await self.until(lambda update: update.key == key and update.phase.final)

    def files(self) -> list[str]:
        return sorted(os.listdir(self.cache))


@contextlib.asynccontextmanager
async def yard(tmp_path: Path, forkserver: ForkServer, **options: Any) -> AsyncIterator[Yard]:
    made = Yard(tmp_path, forkserver, **options)
    await made.builders.start()
    try:
        yield made
    finally:
        await made.builders.close()


@pytest.mark.parametrize(("kind", "suffix"), [("pyramid", ".pyramid"), ("decode", ".npy"), ("decompress", ".unpacked")])
def test_the_file_has_its_name_when_it_is_whole(tmp_path: Path, forkserver: ForkServer, kind: str, suffix: str) -> None:
    @looped
    async def run() -> None:
        async with yard(tmp_path, forkserver) as at:
            update = await at.run("copy 2", kind=kind)
            assert update == BuildUpdate("key", Phase.COMPLETED, 1.0)
            assert at.files() == [f"key{suffix}"]
            assert (at.cache / f"key{suffix}").stat().st_size == 2 * MEGABYTE
            assert at.updates[0] == BuildUpdate("key", Phase.QUEUED)
            progress = [update.progress for update in at.updates]
            assert progress == sorted(progress)

    run()


@looped
async def test_a_key_is_built_once(tmp_path: Path, forkserver: ForkServer) -> None:
    async with yard(tmp_path, forkserver) as at:
        mark = tmp_path / "data" / "mark"
        at.request(f"grow {mark}")
        await at.until(lambda update: update.progress > 0)
        others: list[BuildUpdate] = []
        build = Build("key", "decompress", "data", "file")
        at.builders.request(build, grants_of(at.config)[0], others.append)
        mark.touch()
        await at.until(lambda update: update.phase is Phase.COMPLETED)
        assert others[0].phase is Phase.EXECUTING
        assert others[-1].phase is Phase.COMPLETED
        written = (at.cache / "key.unpacked").stat().st_mtime_ns
        assert (await at.run("refuse")).phase is Phase.COMPLETED
        os.utime(at.cache / "key.unpacked", ns=(written, written))
        assert (at.cache / "key.unpacked").read_bytes() == b"first piece"


@looped
async def test_what_is_unpacked_can_be_read_while_it_grows(tmp_path: Path, forkserver: ForkServer) -> None:
    async with yard(tmp_path, forkserver) as at:
        mark = tmp_path / "data" / "mark"
        at.request(f"grow {mark}")
        await at.until(lambda update: update.progress > 0.2)
        assert (at.cache / "key.unpacked.partial").read_bytes() == b"first piece"
        mark.touch()
        await at.until(lambda update: update.phase.final)
        assert at.files() == ["key.unpacked"]


def group_nice(process: int) -> int | None:
    """Give the nice value of a process' scheduling group; few kernels have such groups."""
    try:
        text = Path(f"/proc/{process}/autogroup").read_text()
    except FileNotFoundError:
        return None
    return int(text.split()[-1]) if text.startswith("/autogroup-") else None


@looped
async def test_a_build_steps_aside_for_every_session(tmp_path: Path, forkserver: ForkServer) -> None:
    async with yard(tmp_path, forkserver) as at:
        mark = tmp_path / "data" / "mark"
        at.request(f"stay {mark}")
        await at.until(lambda update: update.progress > 0.2)
        builder = int((at.cache / "key.unpacked.partial").read_text())
        assert os.getpriority(os.PRIO_PROCESS, builder) == priority.BUILD
        assert len(os.sched_getaffinity(builder)) == max(1, -(-len(os.sched_getaffinity(0)) // 2))
        assert group_nice(builder) in {priority.BUILD, None}
        mark.touch()
        await at.until(lambda update: update.phase.final)


@pytest.mark.parametrize(
    ("what", "code", "said"),
    [
        ("refuse", "corrupt_file", "ends before its data"),
        ("crash", "internal", "SIGSEGV"),
        ("hang", "internal", "no progress"),
        ("copy 9", "too_large", "larger than it may"),
        ("unknown", "internal", "KeyError"),
    ],
)
def test_builds_that_fail_say_how_and_leave_nothing(
    tmp_path: Path, forkserver: ForkServer, what: str, code: str, said: str
) -> None:
    @looped
    async def run() -> None:
        async with yard(tmp_path, forkserver, stall=1.0, spool_file=8 * MEGABYTE) as at:
            update = await at.run(what)
            assert update.phase is Phase.ERROR
            assert update.error is not None
            assert update.error.code == code
            assert said in update.error.message
            assert str(tmp_path) not in update.error.message
            assert (await at.run("copy", key="next", name="other")).phase is Phase.COMPLETED
            assert at.files() == ["next.unpacked"]

    run()


@pytest.mark.skipif(not sandbox_available(), reason="this kernel has no Landlock")
@looped
async def test_a_builder_touches_its_share_only(tmp_path: Path, forkserver: ForkServer) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    async with yard(tmp_path, forkserver, write=True) as at:
        await at.run(f"spy {secret}", key="a")
        assert (at.cache / "a.unpacked").read_bytes() == b"[]"
        await at.run(f"spy {tmp_path}/data/file", key="b")
        assert (at.cache / "b.unpacked").read_bytes() == b"['rb']"
        assert secret.read_text() == "secret"


@pytest.mark.parametrize(
    "fields",
    [
        {"key": "../../state/x"},
        {"key": ""},
        {"key": ".hidden"},
        {"key": "a/b"},
        {"key": "x" * 300},
        {"kind": "rm"},
        {"share": "other"},
    ],
)
def test_requests_that_no_honest_session_makes(tmp_path: Path, forkserver: ForkServer, fields: dict[str, str]) -> None:
    @looped
    async def run() -> None:
        async with yard(tmp_path, forkserver) as at:
            at.request("copy", **fields)
            update = await at.until(lambda update: update.phase.final)
            assert update.error is not None
            assert update.error.code == "bad_request"
            assert not at.cache.exists()

    run()


@looped
async def test_a_few_run_and_pyramids_wait(tmp_path: Path, forkserver: ForkServer) -> None:
    async with yard(tmp_path, forkserver, builders=1) as at:
        mark = tmp_path / "data" / "mark"
        at.request(f"grow {mark}", key="first", name="a")
        at.request("copy", key="pyramid", kind="pyramid", name="b")
        at.request("copy", key="unpack", name="c")
        await at.until(lambda update: update.progress > 0.2)
        mark.touch()
        await at.until(lambda update: update.key == "pyramid" and update.phase.final)
        ended = [update.key for update in at.updates if update.phase is Phase.COMPLETED]
        assert ended == ["first", "unpack", "pyramid"]


@looped
async def test_the_quota_makes_room_for_the_new(tmp_path: Path, forkserver: ForkServer) -> None:
    async with yard(tmp_path, forkserver, spool=5 * MEGABYTE) as at:
        await at.run("copy 3", key="pyramid", kind="pyramid")
        for age, key in ((300, "old"), (200, "used"), (100, "new")):
            assert (await at.run("copy 1", key=key)).phase is Phase.COMPLETED
            stamp = (at.cache / f"{key}.unpacked").stat().st_mtime - age
            os.utime(at.cache / f"{key}.unpacked", (stamp, stamp))
        os.utime(at.cache / "used.unpacked")
        assert (await at.run("copy 3", key="big")).phase is Phase.COMPLETED
        # Room is made after the news is out: nobody waits for that.
        await asyncio.gather(*at.builders._tasks)
        assert at.files() == ["big.unpacked", "new.unpacked", "pyramid.pyramid", "used.unpacked"]


@looped
async def test_what_cannot_fit_is_refused(tmp_path: Path, forkserver: ForkServer) -> None:
    async with yard(tmp_path, forkserver, spool=2 * MEGABYTE, spool_file=100 * MEGABYTE) as at:
        update = await at.run("copy 20")
        assert update.phase is Phase.ERROR
        assert update.error is not None
        assert update.error.code == "too_large"
        # What is left is cleared away after the news is out.
        await asyncio.gather(*at.builders._tasks)
        assert at.files() == []


@looped
async def test_leftovers_of_a_killed_server_are_swept(tmp_path: Path, forkserver: ForkServer) -> None:
    cache = tmp_path / "cache" / "data"
    (cache / "tmpabc").mkdir(parents=True)
    for name in ("a.pyramid", "b.unpacked.partial", "c.npy.partial", "tmpabc/x"):
        (cache / name).touch()
    async with yard(tmp_path, forkserver) as at:
        assert at.files() == ["a.pyramid"]


def test_sweeping_spares_builders_at_work(tmp_path: Path) -> None:
    (tmp_path / "a.partial").touch()
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_SH)
    spool.sweep(tmp_path)
    assert (tmp_path / "a.partial").exists()
    os.close(folder)
    spool.sweep(tmp_path)
    assert not (tmp_path / "a.partial").exists()
    spool.sweep(tmp_path / "missing")


@looped
async def test_another_server_at_the_same_file(tmp_path: Path, forkserver: ForkServer) -> None:
    async with yard(tmp_path, forkserver) as at:
        at.cache.mkdir(parents=True)
        other = os.open(at.cache / "key.unpacked.partial", os.O_CREAT | os.O_RDWR)
        fcntl.flock(other, fcntl.LOCK_EX)
        update = await at.run("copy")
        os.close(other)
        assert update.error is not None
        assert update.error.code == "busy"


@looped
async def test_sessions_ask_and_are_told(tmp_path: Path, forkserver: ForkServer) -> None:
    """With the real work: unpack a gzip file."""
    async with managed(make_config(tmp_path), forkserver) as manager:
        import gzip

        (tmp_path / "data" / "a.fits.gz").write_bytes(gzip.compress(b"SIMPLE  =" * 1000))
        window = await open_window(manager)
        packed = OpenFile(os.open(tmp_path / "data" / "a.fits.gz", os.O_RDONLY), "data/a.fits.gz")
        key = build_key("decompress", packed.identity)
        build = {"key": key, "kind": "decompress", "share": "data", "path": "a.fits.gz"}
        await window.call("build", build=build)

        def told(phase: Phase) -> bool:
            lines = [message.message for message, _ in window.listener.messages if isinstance(message, LogLine)]
            return any(line.startswith(f"{key} {phase}") for line in lines)

        await window.listener.until(lambda: told(Phase.COMPLETED) or told(Phase.ERROR))
        assert told(Phase.COMPLETED)
        assert (tmp_path / "cache" / "data" / f"{key}.unpacked").read_bytes() == b"SIMPLE  =" * 1000

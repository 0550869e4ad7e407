"""Builds through real processes: once for each key, their files, their failures, the quota."""

import asyncio
import contextlib
import fcntl
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sessions.build_work import MEGABYTE
from tests.sessions.rig import Window, looped, make_config, managed, open_window
from toyz.jobs import Phase
from toyz.readers import OpenFile
from toyz_sessions import priority
from toyz_sessions.builders import Builders
from toyz_sessions.files import grants_of
from toyz_sessions.forkserver import ForkServer
from toyz_sessions.keys import build_key
from toyz_sessions.messages import Build, BuildUpdate, LogLine
from toyz_sessions.quota import claim, sweep, touch
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

    async def settled(self) -> None:
        """Wait for what is done after the news is out: nobody waits for that."""
        while self.builders._tasks:
            await asyncio.gather(*self.builders._tasks)

    def release(self, key: str = "key") -> None:
        self.builders.release(key, grants_of(self.config)[0], self.notify)

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


@pytest.mark.parametrize(("kind", "nice"), [("pyramid", priority.IDLE), ("decompress", priority.JOB)])
def test_a_build_steps_aside_for_every_session(tmp_path: Path, forkserver: ForkServer, kind: str, nice: int) -> None:
    @looped
    async def run() -> None:
        async with yard(tmp_path, forkserver) as at:
            mark = tmp_path / "data" / "mark"
            at.request(f"stay {mark}", kind=kind)
            await at.until(lambda update: update.progress > 0.2)
            (partial,) = at.cache.glob("*.partial")
            builder = int(partial.read_text())
            assert os.getpriority(os.PRIO_PROCESS, builder) == nice
            assert len(os.sched_getaffinity(builder)) == max(1, -(-len(os.sched_getaffinity(0)) // 2))
            assert group_nice(builder) in {nice, None}
            mark.touch()
            await at.until(lambda update: update.phase.final)

    run()


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


@pytest.mark.parametrize(
    ("kind", "suffix", "limits"),
    [("decompress", ".unpacked", {"spool": 5 * MEGABYTE}), ("pyramid", ".pyramid", {"pyramids": 5 * MEGABYTE})],
)
def test_the_quota_makes_room_for_the_new(
    tmp_path: Path, forkserver: ForkServer, kind: str, suffix: str, limits: dict[str, int]
) -> None:
    @looped
    async def run() -> None:
        async with yard(tmp_path, forkserver, **limits) as at:
            other = "pyramid" if kind == "decompress" else "decompress"
            await at.run("copy 3", key="other", kind=other)
            for age, key in ((300, "old"), (200, "used"), (100, "new")):
                assert (await at.run("copy 1", key=key, kind=kind)).phase is Phase.COMPLETED
                stamp = (at.cache / f"{key}{suffix}").stat().st_mtime - age
                os.utime(at.cache / f"{key}{suffix}", (stamp, stamp))
            touch(at.cache / f"used{suffix}")
            with (at.cache / f"old{suffix}").open("rb") as held:
                assert (await at.run("copy 3", key="big", kind=kind)).phase is Phase.COMPLETED
                await at.settled()
                # Who has it open is not disturbed, and who wants it again has it made again.
                assert len(held.read()) == MEGABYTE
            assert [name for name in at.files() if name.endswith(suffix)] == [
                f"{k}{suffix}" for k in ("big", "new", "used")
            ]
            assert len(at.files()) == 4
            assert (await at.run("copy 1", key="old", kind=kind)).phase is Phase.COMPLETED

    run()


@looped
async def test_what_cannot_fit_is_refused(tmp_path: Path, forkserver: ForkServer) -> None:
    async with yard(tmp_path, forkserver, spool=2 * MEGABYTE, spool_file=100 * MEGABYTE) as at:
        update = await at.run("copy 20")
        assert update.phase is Phase.ERROR
        assert update.error is not None
        assert update.error.code == "too_large"
        await at.settled()
        assert at.files() == []


@looped
async def test_leftovers_of_a_killed_server_are_swept(tmp_path: Path, forkserver: ForkServer) -> None:
    cache = tmp_path / "cache" / "data"
    (cache / "tmpabc").mkdir(parents=True)
    for name in ("a.pyramid", "b.unpacked.partial", "c.npy.partial", "d.pyramid.partial", "tmpabc/x"):
        (cache / name).touch()
    async with yard(tmp_path, forkserver) as at:
        assert at.files() == ["a.pyramid", "d.pyramid.partial"]


def test_sweeping_spares_builders_at_work(tmp_path: Path) -> None:
    (tmp_path / "a.npy.partial").touch()
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_SH)
    sweep(tmp_path)
    assert (tmp_path / "a.npy.partial").exists()
    os.close(folder)
    sweep(tmp_path)
    assert not (tmp_path / "a.npy.partial").exists()
    sweep(tmp_path / "missing")


@looped
async def test_two_servers_build_one_file(tmp_path: Path, forkserver: ForkServer) -> None:
    async with yard(tmp_path, forkserver) as at, yard(tmp_path, forkserver) as other:
        mark = tmp_path / "data" / "mark"
        at.request(f"grow {mark}", kind="pyramid")
        await at.until(lambda update: update.progress > 0.2)
        other.request(f"grow {mark} never", kind="pyramid")
        await other.until(lambda update: update.progress > 0)
        mark.touch()
        await at.until(lambda update: update.phase is Phase.COMPLETED)
        if other.updates[-1].phase is not Phase.COMPLETED:
            await other.until(lambda update: update.phase is Phase.COMPLETED)
        assert (at.cache / "key.pyramid").read_bytes() == b"first piece"
        assert at.files() == ["key.pyramid"]


@looped
async def test_a_server_goes_on_where_another_was_killed(tmp_path: Path, forkserver: ForkServer) -> None:
    async with yard(tmp_path, forkserver) as at:
        at.cache.mkdir(parents=True)
        (at.cache / "key.pyramid.partial").write_bytes(b"of another, and ")
        held = claim(at.cache / "key.pyramid.partial", create=False)
        assert held is not None
        mark = tmp_path / "data" / "mark"
        mark.touch()
        at.request(f"grow {mark}", kind="pyramid")
        await at.until(lambda update: update.progress > 0)
        os.close(held)
        await at.until(lambda update: update.phase is Phase.COMPLETED)
        assert (at.cache / "key.pyramid").read_bytes() == b"of another, and first piece"


@pytest.mark.parametrize(("kind", "left"), [("pyramid", ["key.pyramid.partial"]), ("decompress", [])])
def test_what_nobody_wants_any_more_ends(tmp_path: Path, forkserver: ForkServer, kind: str, left: list[str]) -> None:
    @looped
    async def run() -> None:
        async with yard(tmp_path, forkserver) as at:
            mark = tmp_path / "data" / "mark"
            at.request(f"toil {mark}", kind=kind)
            await at.until(lambda update: update.progress > 0.2)
            at.release()
            await at.settled()
            assert at.files() == left
            assert at.updates[-1].phase is Phase.EXECUTING
            # Wanted again, it goes on from what is there.
            before = (at.cache / left[0]).stat().st_size if left else 0
            mark.touch()
            assert (await at.run(f"toil {mark}", kind=kind)).phase is Phase.COMPLETED
            assert (at.cache / at.files()[0]).stat().st_size == before

    run()


@looped
async def test_a_build_that_somebody_else_wants_goes_on(tmp_path: Path, forkserver: ForkServer) -> None:
    async with yard(tmp_path, forkserver) as at:
        mark = tmp_path / "data" / "mark"
        at.request(f"toil {mark}", kind="pyramid")
        await at.until(lambda update: update.progress > 0.2)
        others: list[BuildUpdate] = []
        at.builders.request(Build("key", "pyramid", "data", "file"), grants_of(at.config)[0], others.append)
        at.release()
        at.release()
        mark.touch()
        await at.settled()
        assert others[-1].phase is Phase.COMPLETED


@looped
async def test_a_build_wanted_again_while_it_ends_is_begun_again(tmp_path: Path, forkserver: ForkServer) -> None:
    async with yard(tmp_path, forkserver) as at:
        mark = tmp_path / "data" / "mark"
        at.request(f"toil {mark}", kind="pyramid")
        await at.until(lambda update: update.progress > 0.2)
        at.release()
        mark.touch()
        assert (await at.run(f"toil {mark}", kind="pyramid")).phase is Phase.COMPLETED
        assert Phase.ABORTED not in [update.phase for update in at.updates]


@looped
async def test_a_build_that_waits_is_taken_back_at_once(tmp_path: Path, forkserver: ForkServer) -> None:
    async with yard(tmp_path, forkserver, builders=1) as at:
        mark = tmp_path / "data" / "mark"
        at.request(f"toil {mark}", key="first", name="a")
        at.request("copy", key="second", name="b")
        await at.until(lambda update: update.progress > 0.2)
        at.release("second")
        mark.touch()
        await at.settled()
        assert at.files() == ["first.unpacked"]


@looped
async def test_a_killed_builder_leaves_what_the_next_goes_on_from(tmp_path: Path, forkserver: ForkServer) -> None:
    async with yard(tmp_path, forkserver) as at:
        mark = tmp_path / "data" / "mark"
        at.request(f"stay {mark}", kind="pyramid")
        await at.until(lambda update: update.progress > 0.2)
        first = (at.cache / "key.pyramid.partial").read_text()
        os.kill(int(first), signal.SIGKILL)
        assert (await at.until(lambda update: update.phase.final)).phase is Phase.ERROR
        await at.settled()
        mark.touch()
        assert (await at.run(f"grow {mark}", kind="pyramid")).phase is Phase.COMPLETED
        assert (at.cache / "key.pyramid").read_text() == f"{first}first piece"


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


@looped
async def test_a_window_that_ends_takes_its_builds_back(tmp_path: Path, forkserver: ForkServer) -> None:
    async with managed(make_config(tmp_path), forkserver) as manager:
        manager.builders._runner = "tests.sessions.build_work:run"
        (tmp_path / "data" / "file").write_text(f"toil {tmp_path / 'data' / 'mark'}")
        build = {"key": "key", "kind": "pyramid", "share": "data", "path": "file"}
        windows = [await open_window(manager, name) for name in ("w1", "w2")]
        for window in windows:
            await window.call("build", build=build)
            await window.listener.until(lambda window=window: "key EXECUTING" in logged(window))  # type: ignore[misc]
        (running,) = manager.builders._builds.values()
        assert len(running.listeners) == 2
        # A process that dies is followed by one that most likely wants the same.
        os.kill(windows[0].handle.pid, signal.SIGKILL)
        await windows[0].listener.until(lambda: len(windows[0].listener.ready) == 2)
        assert len(running.listeners) == 2
        await windows[0].call("build", build=build)
        await windows[0].handle.end()
        assert len(running.listeners) == 1
        await windows[1].call("unbuild", key="other", share="data")
        assert len(running.listeners) == 1
        await windows[1].call("unbuild", key="key", share="data")
        while manager.builders._tasks:
            await asyncio.gather(*manager.builders._tasks)
        assert running.resumable
        assert os.listdir(tmp_path / "cache" / "data") == ["key.pyramid.partial"]


def logged(window: Window) -> str:
    return "\n".join(message.message for message, _ in window.listener.messages if isinstance(message, LogLine))

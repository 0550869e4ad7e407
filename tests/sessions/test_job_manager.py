"""Jobs through real processes: results, progress, cancellation, crashes, records."""

import asyncio
import contextlib
import copy
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.sessions.rig import alive, looped, make_config, wait_until_gone
from toyz.config import Config
from toyz.errors import BadRequest, Busy, NotFound
from toyz.jobs import Job, Phase
from toyz_sessions import jobs as jobs_module
from toyz_sessions.files import grants_of
from toyz_sessions.forkserver import ForkServer
from toyz_sessions.jobs import JobManager
from toyz_sessions.messages import Emitted, FromSession, LogLine
from toyz_sessions.sandbox import sandbox_available


class MemoryStore:
    """Keeps records as they were when they were saved."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.saved: list[Phase] = []

    async def save(self, job: Job) -> None:
        await asyncio.sleep(0)
        self.jobs[job.id] = copy.deepcopy(job)
        self.saved.append(job.phase)

    async def load(self, id: str) -> Job | None:  # noqa: A002
        return copy.deepcopy(self.jobs.get(id))

    async def list(
        self, user: str | None = None, *, offset: int = 0, limit: int = 100, phases: Sequence[Phase] = ()
    ) -> Sequence[Job]:
        found = [job for job in self.jobs.values() if user in (None, job.user) and (not phases or job.phase in phases)]
        return copy.deepcopy(found[::-1][offset : offset + limit])


class Desk:
    """A job manager whose updates can be waited for."""

    def __init__(self, config: Config, forkserver: ForkServer) -> None:
        self.config = config
        self.store = MemoryStore()
        self.updates: list[Job] = []
        self.messages: list[tuple[FromSession, bytes]] = []
        self._waits: list[tuple[Callable[[Job], bool], asyncio.Future[Job]]] = []
        self.manager = JobManager(
            forkserver,
            config,
            self.store,
            self.update,
            lambda job, message, payload: self.messages.append((message, payload)),
            runner="tests.sessions.job_tasks:run_task",
            registry="tests.sessions.job_tasks:empty_registry",
        )

    def update(self, job: Job) -> None:
        self.updates.append(job)
        for wait in self._waits:
            if not wait[1].done() and wait[0](job):
                wait[1].set_result(job)

    async def until(self, condition: Callable[[Job], bool]) -> Job:
        for job in self.updates:
            if condition(job):
                return job
        wait: asyncio.Future[Job] = asyncio.get_running_loop().create_future()
        self._waits.append((condition, wait))
        return await wait

    async def submit(self, task: str, user: str = "ann", **parameters: Any) -> Job:
        grants = grants_of(self.config)
        return await self.manager.submit(user, grants, "standin", task, msgspec.json.encode(parameters))

    async def run(self, task: str, **parameters: Any) -> Job:
        job = await self.submit(task, **parameters)
        return await self.until(lambda update: update.id == job.id and update.phase.final)


@contextlib.asynccontextmanager
async def desk(tmp_path: Path, forkserver: ForkServer, **options: Any) -> AsyncIterator[Desk]:
    made = Desk(make_config(tmp_path, **options), forkserver)
    await made.manager.start()
    try:
        yield made
    finally:
        await made.manager.close()


@looped
async def test_a_job_runs_and_is_recorded(tmp_path: Path, forkserver: ForkServer) -> None:
    async with desk(tmp_path, forkserver) as at:
        job = await at.submit("add", a=1, b=2)
        assert job.phase is Phase.QUEUED
        assert (await at.store.load(job.id)) is not None
        done = await at.until(lambda update: update.phase.final)
        assert (done.phase, done.result, done.progress) == (Phase.COMPLETED, {"sum": 3, "user": "ann"}, 1.0)
        assert done.created <= (done.started or 0) <= (done.ended or 0)
        assert [update.phase for update in at.updates[:2]] == [Phase.QUEUED, Phase.EXECUTING]
        assert at.store.saved == [Phase.QUEUED, Phase.EXECUTING, Phase.COMPLETED]
        assert await at.manager.show("ann", job.id) == done
        assert [record.id for record in await at.manager.list("ann")] == [job.id]
        assert [message for message, _ in at.messages if isinstance(message, LogLine)] == [
            LogLine("info", "adding", job.id, shown=True)
        ]
        event = next(pair for pair in at.messages if isinstance(pair[0], Emitted) and pair[0].event == "sum")
        assert event == (Emitted("sum", "standin"), b'{"value":3}')


@looped
async def test_jobs_that_are_done_at_once_are_not_lost(tmp_path: Path, forkserver: ForkServer) -> None:
    """The answer may come together with the news that the process is up."""
    async with desk(tmp_path, forkserver) as at:
        for number in range(30):
            assert (await at.run("add", a=number, b=1)).result["sum"] == number + 1


@looped
async def test_progress_is_told_ten_times_a_second_at_most(tmp_path: Path, forkserver: ForkServer) -> None:
    async with desk(tmp_path, forkserver) as at:
        began = time.monotonic()
        await at.run("steps", count=500)
        seconds = time.monotonic() - began
        told = [update for update in at.updates if update.phase is Phase.EXECUTING and update.message]
        assert 1 <= len(told) <= 10 * seconds + 2
        assert [update.progress for update in told] == sorted(update.progress for update in told)


@pytest.mark.skipif(not sandbox_available(), reason="this kernel has no Landlock")
@looped
async def test_a_job_reads_its_shares_and_nothing_else(tmp_path: Path, forkserver: ForkServer) -> None:
    async with desk(tmp_path, forkserver) as at:
        (tmp_path / "data" / "a.txt").write_text("stars")
        (tmp_path / "secret").write_text("secret")
        assert (await at.run("read", path="data/a.txt")).result == "stars"
        failed = await at.run("read_raw", path=str(tmp_path / "secret"))
        assert failed.phase is Phase.ERROR
        assert failed.error is not None
        assert "PermissionError" in failed.error.message
        assert str(tmp_path) not in failed.error.message


@looped
async def test_cancelled_jobs_end_within_a_second(tmp_path: Path, forkserver: ForkServer) -> None:
    async with desk(tmp_path, forkserver, write=True) as at:
        mark = tmp_path / "data" / "mark"
        job = await at.submit("wait", listen=True, mark=str(mark))
        await at.until(lambda update: update.message == "waiting")
        began = time.monotonic()
        assert (await at.manager.cancel("ann", job.id)).phase is Phase.ABORTED
        assert time.monotonic() - began < 1.5
        assert mark.exists()
        assert (await at.manager.cancel("ann", job.id)).phase is Phase.ABORTED


@looped
async def test_deaf_jobs_are_killed_with_all_they_started(tmp_path: Path, forkserver: ForkServer) -> None:
    async with desk(tmp_path, forkserver, sandbox=False) as at:
        job = await at.submit("deaf")
        told = await at.until(lambda update: bool(update.message))
        pids = [int(pid) for pid in told.message.split()]
        assert all(alive(pid) for pid in pids)
        began = time.monotonic()
        await at.manager.cancel("ann", job.id)
        assert time.monotonic() - began < 1.5
        await asyncio.to_thread(wait_until_gone, pids, 2.0)
        assert not any(alive(pid) for pid in pids)


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("segfault", "SIGSEGV"),
        ("die", "for want of memory"),
        ("exit", "ended by itself"),
        ("fail", "RuntimeError"),
        ("refuse", "there is no data/a"),
        ("nonsense", "not JSON"),
    ],
)
def test_jobs_that_fail_say_how(tmp_path: Path, forkserver: ForkServer, task: str, said: str) -> None:
    @looped
    async def run() -> None:
        async with desk(tmp_path, forkserver) as at:
            job = await at.run(task)
            assert job.phase is Phase.ERROR
            assert job.error is not None
            assert said in job.error.message
            assert "/" not in job.error.message.replace("data/a", "")
            assert (await at.run("add", a=1, b=1)).phase is Phase.COMPLETED

    run()


@looped
async def test_memory_and_results_are_bounded(tmp_path: Path, forkserver: ForkServer) -> None:
    async with desk(tmp_path, forkserver, job_memory=1 << 30) as at:
        for job, code in ((await at.run("hungry"), "over_limit"), (await at.run("large", size=9 << 20), "too_large")):
            assert job.error is not None
            assert job.error.code == code


@looped
async def test_a_few_run_and_the_rest_wait(tmp_path: Path, forkserver: ForkServer) -> None:
    async with desk(tmp_path, forkserver, jobs=2) as at:
        jobs = [await at.submit("wait") for _ in range(4)]
        await at.until(lambda update: update.id == jobs[1].id and update.message == "waiting")
        phases = [(await at.manager.show("ann", job.id)).phase for job in jobs]
        assert phases == [Phase.EXECUTING, Phase.EXECUTING, Phase.QUEUED, Phase.QUEUED]
        assert (await at.manager.cancel("ann", jobs[2].id)).phase is Phase.ABORTED
        assert (await at.manager.cancel("ann", jobs[0].id)).phase is Phase.ABORTED
        await at.until(lambda update: update.id == jobs[3].id and update.phase is Phase.EXECUTING)
    assert {job.phase for job in at.store.jobs.values()} == {Phase.ABORTED, Phase.ERROR}
    assert at.store.jobs[jobs[1].id].error is not None


@looped
async def test_other_peoples_jobs_do_not_exist(tmp_path: Path, forkserver: ForkServer) -> None:
    async with desk(tmp_path, forkserver) as at:
        done = await at.run("add", a=1, b=1)
        running = await at.submit("wait")
        said = set()
        for ask in (at.manager.show, at.manager.cancel):
            for job in (done.id, running.id, "0" * 32, "../x"):
                with pytest.raises(NotFound) as caught:
                    await ask("bob", job)
                said.add(caught.value.message)
        assert len(said) == 1
        assert await at.manager.list("bob") == []
        assert (await at.manager.show("ann", running.id)).phase is not Phase.ABORTED


@looped
async def test_what_a_former_server_left_is_marked(tmp_path: Path, forkserver: ForkServer) -> None:
    at = Desk(make_config(tmp_path), forkserver)
    for index, phase in enumerate(Phase):
        await at.store.save(Job(id=str(index), user="ann", module="m", task="t", created=1.0, phase=phase))
    await at.manager.start()
    phases = {phase: at.store.jobs[str(index)] for index, phase in enumerate(Phase)}
    for phase, job in phases.items():
        if phase.final:
            assert job.phase is phase
        else:
            assert job.phase is Phase.ERROR
            assert job.error is not None
            assert "interrupted" in job.error.message
            assert job.ended is not None


@pytest.mark.parametrize("parameters", [b"[]", b"1", b"{", b"[" * 100_000, b'{"a": 1e999999}', b"\xff"])
def test_parameters_are_a_json_object(tmp_path: Path, forkserver: ForkServer, parameters: bytes) -> None:
    @looped
    async def run() -> None:
        async with desk(tmp_path, forkserver) as at:
            with pytest.raises(BadRequest):
                await at.manager.submit("ann", (), "m", "t", parameters)
            assert at.store.jobs == {}

    run()


@looped
async def test_one_user_cannot_fill_the_queue(tmp_path: Path, forkserver: ForkServer) -> None:
    async with desk(tmp_path, forkserver, jobs=1) as at:
        running = await at.submit("wait")
        taken = 1
        with pytest.raises(Busy):  # noqa: PT012 - some are taken first
            while taken < 5000:
                await at.submit("wait")
                taken += 1
        assert taken == jobs_module.WAITING
        await at.submit("add", user="bob", a=1, b=1)
        assert (await at.manager.show("ann", running.id)).phase is Phase.EXECUTING

"""R4 and the faults of jobs: a bomb in a job kills that job, says which limit it passed, and disturbs nobody."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.abuse.hostile_fits import hcompress_overflow
from tests.sessions.rig import wait_until_gone
from tests.web.harness import Served, Window, install_plugin, served
from toyz_sessions import seccomp
from toyz_sessions.sandbox import sandbox_available

pytestmark = pytest.mark.skipif(
    not sandbox_available() or not seccomp.available(), reason="this kernel has no Landlock, or no seccomp"
)
PATIENCE = 5.0
LIMITS = """
[limits]
grace = 0.1
heartbeat = 1.0
call_time = 1.0
job_memory = 1_200_000_000
job_processes = 12
scratch = 20_000_000
scratch_files = 500
"""


@pytest.fixture(scope="module")
def bombed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve with small limits and the plugin of `tests.abuse.bombs`."""
    folder: Path = tmp_path_factory.mktemp("bombed")
    code = Path(__file__).with_name("bombs.py").read_text()
    with served(folder, site=install_plugin(folder, "bombs", code), toml=LIMITS) as running:
        yield running


@pytest.fixture(scope="module")
def bystander(bombed: Served) -> Iterator[Window]:
    """Somebody who looks at something else meanwhile."""
    with bombed.window() as window:
        yield window


def explode(server: Served, task: str, **parameters: Any) -> dict[str, Any]:
    """Run a job to its end and give its record."""
    asked = {"module": "bombs", "task": task, "parameters": parameters}
    job = server.http.post("api/jobs", json=asked).json()
    while job["phase"] not in ("COMPLETED", "ERROR", "ABORTED"):
        job = server.http.get(
            f"api/jobs/{job['id']}/progress", params={"wait": 20, "after": job.get("progress", 0)}
        ).json()
    record: dict[str, Any] = server.http.get(f"api/jobs/{job['id']}").json()
    return record


@pytest.mark.parametrize(
    ("task", "parameters", "limit"),
    [
        ("fork", {}, "job_processes"),
        ("many", {}, "job_processes"),
        ("memory", {}, "job_memory"),
        ("memory_of_children", {}, "job_memory"),
        ("shared_memory", {}, "job_memory"),
        ("memory_file", {}, "job_memory"),
        ("greedy", {}, "job_memory"),
        ("cpu", {}, "job_cpu"),
        ("cpu_of_children", {}, "job_cpu"),
        ("sleep", {}, "job_time"),
        ("large_file", {}, "job_file"),
        ("scratch", {}, "scratch"),
        ("scratch", {"nameless": True}, "scratch"),
        ("scratch_files", {}, "scratch_files"),
    ],
)
def test_r4_a_bomb_ends_its_own_job(
    bombed: Served, bystander: Window, task: str, parameters: dict[str, Any], limit: str
) -> None:
    before = processes(bombed)
    job = explode(bombed, task, **parameters)
    assert job["phase"] == "ERROR"
    assert job["error"] == {"code": "over_limit", "message": job["error"]["message"], "field": f"limits.{limit}"}
    assert f"(limits.{limit})" in job["error"]["message"]
    assert "/" not in job["error"]["message"]
    left = list(processes(bombed) - before)
    assert wait_until_gone(left, PATIENCE) < PATIENCE, "something of the job is left"
    unharmed(bystander)


def test_r4_a_crash_in_c_ends_its_own_job(bombed: Served, bystander: Window) -> None:
    job = explode(bombed, "crash")
    assert "SIGSEGV" in job["error"]["message"]
    unharmed(bystander)


def test_r4_who_said_that_it_needs_no_process_gets_none(bombed: Served) -> None:
    assert explode(bombed, "alone")["result"] == ["PermissionError", "PermissionError"]


def test_r4_nothing_of_a_job_outlives_it(bombed: Served) -> None:
    orphan, group, its_group = explode(bombed, "orphans")["result"]
    assert its_group == group, "it could leave the group that is killed as one"
    assert wait_until_gone([orphan], PATIENCE) < PATIENCE


def test_r4_a_full_scratch_folder_is_an_error_of_the_call_that_filled_it(bombed: Served) -> None:
    with bombed.window() as window:
        kept = window.call("a", "bombs", "fill_here", megabytes=5)
        error = window.error("b", "bombs", "fill_here", megabytes=30)
        assert (error["code"], error["field"]) == ("over_limit", "limits.scratch")
        assert window.call("c", "bombs", "fill_here", megabytes=0) == kept
        unharmed(window)


def test_r4_a_task_that_hangs_is_given_up_and_its_session_restored(bombed: Served) -> None:
    with bombed.window() as window:
        error = window.error("a", "bombs", "sleep_here")
        assert (error["code"], error["field"]) == ("over_limit", "limits.call_time")
        unharmed(window)
        window.event("server", "session_restored")
        assert window.call("b", "bombs", "hello") == 1


def test_r4_a_session_starts_no_process(bombed: Served) -> None:
    with bombed.window() as window:
        assert window.call("a", "bombs", "fork_here") == "PermissionError"


def test_r4_a_session_that_fills_the_disk_is_ended_and_restored(bombed: Served, bystander: Window) -> None:
    with bombed.window() as window:
        window.ask("a", "bombs", "flood_here")
        window.event("server", "session_restored")
        assert window.call("b", "bombs", "hello") == 1
    unharmed(bystander)


def test_f4_a_file_that_kills_its_reader_costs_nobody_the_server(bombed: Served, bystander: Window) -> None:
    (bombed.share / "bomb.fits").write_bytes(hcompress_overflow())
    with bombed.window() as window:
        window.ask("a", "images", "open", path="sky/bomb.fits")
        assert window.answer("a")["phase"] in ("COMPLETED", "ERROR")
        if window.seen[-1]["phase"] == "COMPLETED":
            with suppress(AssertionError):
                window.call("b", "images", "statistics", image=window.seen[-1]["result"]["image"])
        assert window.call("c", "images", "open", path="sky/ramp.fits")["width"] == 700
    unharmed(bystander)


def unharmed(window: Window) -> None:
    """Its session answers, and has counted every call since the first one."""
    before = window.__dict__.setdefault("calls", 0)
    window.__dict__["calls"] += 1
    assert window.call(f"h{before}", "bombs", "hello") == before + 1


def processes(server: Served) -> set[int]:
    """All descendants of a server that run."""
    family = psutil.Process(server.process.pid).children(recursive=True)
    return {each.pid for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE}

"""What a job may use: what its task declares, as far as the configuration allows."""

import os
from pathlib import Path

import pytest

from toyz.config import Limits
from toyz.task_limits import TaskLimits
from toyz_sessions.bounds import job_bounds, session_bounds, size_text
from toyz_sessions.scratch import measure


def test_a_task_gets_what_it_declares_but_not_more_than_is_allowed() -> None:
    limits = Limits(job_memory=4 << 30, job_time=100, job_most=2.0)
    assert job_bounds(limits, TaskLimits()).memory == 4 << 30
    assert job_bounds(limits, TaskLimits(memory=1 << 30)).memory == 1 << 30
    assert job_bounds(limits, TaskLimits(memory=7 << 30)).memory == 7 << 30
    assert job_bounds(limits, TaskLimits(memory=1 << 50, time=1000)).memory == 8 << 30
    assert job_bounds(limits, TaskLimits(time=1000)).time == 200


def test_where_there_is_no_bound_a_task_may_still_have_one() -> None:
    limits = Limits(job_cpu=0)
    assert job_bounds(limits, TaskLimits()).cpu == 0
    assert job_bounds(limits, TaskLimits(cpu=5)).cpu == 5


@pytest.mark.parametrize(
    ("kind", "what", "said"),
    [
        ("job", "memory", "needs more than the 6 GiB of memory that it may use (limits.job_memory)"),
        ("job", "cpu", "used more than the 86400 s of processor time that it may use (limits.job_cpu)"),
        ("session", "processes", "started more processes than the 16 that it may have, or far too many threads"),
        ("session", "scratch", "wrote more than the 16 GiB that its scratch folder may hold (limits.scratch)"),
    ],
)
def test_the_error_names_the_limit(kind: str, what: str, said: str) -> None:
    bounds = job_bounds(Limits(), TaskLimits()) if kind == "job" else session_bounds(Limits())
    assert said in bounds.exceeded(what).message


def test_sizes_are_said_for_people() -> None:
    assert [size_text(size) for size in (0, 1000, 20_000_000, 6 << 30)] == [
        "0 bytes",
        "1000 bytes",
        "19.07 MiB",
        "6 GiB",
    ]


def test_a_folder_is_measured_as_far_as_it_matters(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").write_bytes(b"x" * 100_000)
    os.link(tmp_path / "deep" / "a", tmp_path / "b")
    (tmp_path / "c").symlink_to("/")
    whole = measure(str(tmp_path), size=10**9, files=1000)
    assert whole.files == 4
    assert 100_000 <= whole.size < 130_000
    for number in range(1000):
        (tmp_path / f"{number}").touch()
    assert measure(str(tmp_path), size=10**9, files=10).files == 11

"""Mutated RICE streams never lead outside the arrays: by forbidden pages around them, and by numba's own checks."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def fuzz(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.tiles.rice_fuzz", *arguments]
    path = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    return subprocess.run(
        command,
        env=os.environ | {"PYTHONPATH": path} | environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def passes(count: int, seed: int, **environment: str) -> None:
    done = fuzz(str(count), str(seed), **environment)
    assert (done.returncode, done.stdout) == (0, f"{count} mutations\n")


def test_the_fence_holds() -> None:
    assert fuzz("fence").returncode == -signal.SIGSEGV


def test_mutated_streams_stay_inside() -> None:
    passes(3000, 1)


def test_mutated_streams_stay_inside_by_numbas_checks(tmp_path: Path) -> None:
    # A cache of its own: numba takes code without the checks for the same.
    passes(1000, 2, NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path))


@pytest.mark.soak
def test_a_hundred_thousand_mutations_stay_inside() -> None:
    passes(100_000, 3)


@pytest.mark.soak
def test_a_hundred_thousand_mutations_stay_inside_by_numbas_checks(tmp_path: Path) -> None:
    passes(100_000, 4, NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path))

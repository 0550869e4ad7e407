"""Lens models; after compilation, but for the first row."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from scipy import linalg

from tests.benchmarks.conftest import Record
from tests.plugins.glass.lenses import pg1115
from toyz_glass.core.ensemble import Ensemble
from toyz_glass.core.interior import inside_of
from toyz_glass.core.polytope import problem_of
from toyz_glass.core.sample import sample

pytestmark = pytest.mark.benchmark
ROOT = Path(__file__).parents[2]
FIRST = """
import time
begin = time.perf_counter()
from tests.plugins.glass.lenses import pg1115
from toyz_glass.core.sample import sample
sample(pg1115(symmetric=True), 200)
print(time.perf_counter() - begin)
"""


def test_the_first_of_a_process(record: Record) -> None:
    path = [str(ROOT), str(ROOT / "plugins")]
    run = subprocess.run(
        [sys.executable, "-c", FIRST], env={"PYTHONPATH": ":".join(path)}, capture_output=True, check=True
    )
    record("L=8 symmetric, 200 models, with the imports of a new process", float(run.stdout), "s")


def _floor(free: int, rows: int) -> float:
    """Time what no sampler does without: to factor the equations, and one Newton step of the analytic centre."""
    a = np.random.default_rng(1).standard_normal((rows, free))
    begin = time.perf_counter()
    linalg.cho_factor(a.T @ a)
    linalg.svd(a[:12], full_matrices=True)
    return time.perf_counter() - begin


@pytest.mark.parametrize(
    ("name", "options", "models", "bar"),
    [
        ("L=8 symmetric, 200 models", {"symmetric": True}, 200, "≤ 1 s"),
        ("L=8, 1000 models", {}, 1000, "≤ 2.5 s"),
        ("L=10, 1000 models", {"pixrad": 10}, 1000, "≤ 10 s"),
    ],
)
def test_a_quad(record: Record, name: str, options: dict[str, int], models: int, bar: str) -> None:
    sample(pg1115(), 20)
    polytope = inside_of(problem_of([pg1115(**options)]))
    rows, free = polytope.normals.shape
    floor = min(_floor(free, rows) for _ in range(5))
    begin = time.perf_counter()
    seen: list[float] = []

    def watch(_: float, preview: Ensemble | None) -> None:
        if preview is not None:
            seen.append(time.perf_counter() - begin)

    ensemble = sample(pg1115(**options), models, seed=11, progress=watch)
    took = time.perf_counter() - begin
    record(name, took, "s", "one Newton step and a factorisation", floor, bar)
    record(f"{name}: a first preview of 50", seen[0], "s", bar="≤ 0.5 s" if "symmetric" in name else "")
    record(
        f"{name}: worst ESS a second, all included",
        ensemble.convergence.worst_ess / took,
        "/s",
        bar="≥ 200" if name.startswith("L=8,") else "",
    )
    record(f"{name}: worst R̂", ensemble.convergence.worst_rhat, "", bar="≤ 1.05" if models == 1000 else "")

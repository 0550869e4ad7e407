"""The whole pyramid of a file, against reading it from end to end, or against decoding it alone.

``pytest -m benchmark -s tests/benchmarks/test_whole_pyramid.py``
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.benchmarks import floors
from tests.benchmarks.conftest import Record
from tests.benchmarks.serving import drop_page_cache, serving
from toyz_exposures import make_exposure
from toyz_extensions.registry import load_registry
from toyz_sessions.allocation import keep_freed_memory
from toyz_sessions.display import display_of
from toyz_sessions.files import Shares
from toyz_sessions.image_key import AUTO
from toyz_sessions.messages import Grant
from toyz_sessions.opening import open_source
from toyz_sessions.priority import leave_half_the_cpus
from toyz_sessions.spools import LocalSpool
from toyz_tiles import pyramid

pytestmark = pytest.mark.benchmark
ROUNDS = 5
MAKERS: dict[str, Callable[[Path], object]] = {
    "8k² float32": lambda path: floors.write_noise(path, 8192),
    "3.6 GB float32": lambda path: floors.write_noise(path, 30_000),
    "DECam MEF": lambda path: make_exposure(path, size="decam"),
    "DECam .fz": lambda path: make_exposure(path, size="decam"),
}


@pytest.fixture(scope="module", params=MAKERS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    path = tmp_path_factory.mktemp("sky") / ("image.fits.fz" if request.param.endswith(".fz") else "image.fits")
    MAKERS[request.param](path)
    yield request.param, path
    path.unlink()


def build(path: Path, folder: Path) -> None:
    """Do what a builder does, without a server round it."""
    readers, shares = load_registry(), Shares([Grant("sky", str(path.parent), str(folder))])
    spool = LocalSpool(folder, 1 << 40, shares, readers)
    opened = open_source(shares, readers, f"sky/{path.name}", spool)
    display = display_of(opened, opened.choose(AUTO), 0, spool)
    with tempfile.TemporaryFile(dir=folder) as file:
        pyramid.build(display.raster, file, key="benchmark", resume=True)
    shares.close()


def decode(path: Path) -> None:
    floors.decode(floors.opened(path), 1, len(os.sched_getaffinity(0)))


@pytest.mark.parametrize("cores", ["all cores", "a builder's cores"])
@pytest.mark.parametrize("cold", [True, False], ids=["cold", "warm"])
def test_whole_pyramid(made: tuple[str, Path], tmp_path: Path, cold: bool, cores: str, record: Record) -> None:
    name, path = made
    packed = path.suffix == ".fz"
    floor = decode if packed else floors.sequential_read
    allowed = os.sched_getaffinity(0)
    rows: list[tuple[float, float, float, float]] = []
    keep_freed_memory()
    try:
        if cores != "all cores":
            leave_half_the_cpus()
        for _ in range(ROUNDS + 1):
            pair = []
            for work in (lambda: build(path, tmp_path), lambda: floor(path)):
                if cold:
                    drop_page_cache(path)
                busy = time.process_time()
                pair += [floors.seconds(work), time.process_time() - busy]
            rows.append((pair[0], pair[1], pair[2], pair[3]))
    finally:
        os.sched_setaffinity(0, allowed)
    ours, busy, alone, busy_alone = (median(row[column] for row in rows[1:]) for column in range(4))
    what, beside = f"{name}, {'cold' if cold else 'warm'}, {cores}", "decoding alone" if packed else "sequential read"
    record(what, ours * 1e3, "ms", beside, alone * 1e3, "≤ 1.5" if cold or packed else "")
    record(f"{what}, processor time", busy, "s", beside, busy_alone)


def test_whole_pyramid_through_the_server(made: tuple[str, Path], tmp_path: Path, record: Record) -> None:
    """With all that is around it: a process, courtesy to whoever is busy, the disk at the end."""
    name, path = made
    with serving(tmp_path, sky=path.parent) as server:
        window = server.window()
        window.call("files", "list", path="sky")
        drop_page_cache(path)
        window.call("images", "open", path=f"sky/{path.name}")
        began = time.perf_counter()
        while window.wait_event("pyramid")["phase"] != "COMPLETED":
            pass
        took = time.perf_counter() - began
        window.close()
    drop_page_cache(path)
    floor = floors.seconds(lambda: decode(path) if path.suffix == ".fz" else floors.sequential_read(path))
    record(f"{name}, through the server", took, "s", "floor", floor)

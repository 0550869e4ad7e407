"""How long an exposure of the full size takes, against writing as many bytes and against CFITSIO.

Run with ``pytest -m benchmark tests/benchmarks/test_make_exposure.py -s``.
"""

import resource
import time
from pathlib import Path

import fitsio
import numpy as np
import pytest

from tests.benchmarks.conftest import Record
from toyz_exposures import make_exposure
from toyz_exposures.ccd_image import render_ccd
from toyz_exposures.encoding import encode_compressed
from toyz_exposures.focal_plane import focal_plane
from toyz_exposures.headers import ccd_header
from toyz_exposures.scene import draw_scene
from toyz_exposures.sizes import SIZES

pytestmark = pytest.mark.benchmark


def write_bare(path: Path, size: int) -> float:
    """Write as many bytes in as large pieces; seconds."""
    piece = np.random.default_rng(1).bytes(4 * 2046 * 4094)
    start = time.perf_counter()
    with path.open("wb", buffering=0) as file:
        while (left := size - file.tell()) > 0:
            file.write(memoryview(piece)[:left])
    return time.perf_counter() - start


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["decam.fits", "decam.fits.fz"])
def test_an_exposure_of_the_full_size(tmp_path: Path, name: str, record: Record) -> None:
    make_exposure(tmp_path / f"warm_{name}", size="small", ccds=2)  # compile the kernels
    start, cpu = time.perf_counter(), time.process_time()
    result = make_exposure(tmp_path / name)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    result.path.unlink()
    bare = write_bare(tmp_path / "bare", result.size)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    record(f"{name}, {result.size / 1e9:.2f} GB", seconds, "s", "bare write", bare, "≤ 60 s")
    record(f"{name}: processor time", cpu, "s")
    record(f"{name}: peak memory", peak, "MB")
    # Not a bound on seconds: memory must not grow with the exposure.
    assert peak < 1500


def test_packing_a_ccd_against_cfitsio(record: Record) -> None:
    ccd = focal_plane().ccds[30]
    image, header = render_ccd(draw_scene(1, SIZES["decam"]), ccd), ccd_header(ccd)
    times: dict[str, list[float]] = {"ours": [], "fitsio": []}
    sizes = {}
    for _ in range(4):
        start = time.thread_time()
        sizes["ours"] = sum(map(len, encode_compressed(header, image, 1)))
        times["ours"].append(time.thread_time() - start)
        start = time.thread_time()
        with fitsio.FITS("mem://", "rw") as file:
            file.write(image, compress="RICE_1", tile_dims=(1, 2046), qlevel=4.0, dither_seed=1)
            sizes["fitsio"] = len(file.read_raw())
        times["fitsio"].append(time.thread_time() - start)
    ours, theirs = min(times["ours"]), min(times["fitsio"])
    record("packing a CCD", ours * 1e3, "ms", "CFITSIO", theirs * 1e3)
    assert sizes["ours"] < 1.01 * sizes["fitsio"]

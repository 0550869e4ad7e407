"""From the click on a never-seen 2 GB exposure to an overview of every CCD, over the websocket."""

import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.serving import Window, drop_page_cache, serving
from toyz_exposures import make_exposure

pytestmark = pytest.mark.benchmark
ROUNDS = 3


@pytest.fixture(scope="module")
def exposures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exposures")
    for name in ("decam.fits", "decam.fits.fz"):
        make_exposure(folder / name, size="decam")
    return folder


def open_and_see(window: Window, path: str, layout: str = "auto") -> tuple[float, float, dict[str, Any]]:
    """Open a file and ask for all tiles of the overview; seconds to the description, and to the last tile."""
    start = time.perf_counter()
    info = window.call("images", "open", path=path, layout=layout)
    described = time.perf_counter() - start
    level = 0
    while max(info["width"], info["height"]) >> level > 1800:
        level += 1
    width, height = -(-info["width"] >> level), -(-info["height"] >> level)
    style = {"low": info["cuts"]["low"], "high": info["cuts"]["high"], "stretch": "asinh"}
    wanted = {
        window.tile(info["image"], level, x, y, style)
        for x in range(-(-width // 256))
        for y in range(-(-height // 256))
    }
    window.collect(wanted)
    seen = time.perf_counter() - start
    assert width >= 800
    assert len(info["ccds"]) == 61
    return described, seen, info


@pytest.mark.parametrize("name", ["decam.fits", "decam.fits.fz"])
@pytest.mark.parametrize("cold", [True, False], ids=["cold", "warm"])
@pytest.mark.parametrize("layout", ["detsec", "wcs"])
def test_first_view(exposures: Path, tmp_path: Path, name: str, cold: bool, layout: str) -> None:
    times = []
    temperature = "cold" if cold else "warm"
    for round_number in range(ROUNDS):
        folder = tmp_path / str(round_number)
        with serving(folder, sky=exposures) as server:
            window = server.window()
            window.call("files", "list", path="sky")
            if cold:
                drop_page_cache(exposures / name)
            described, seen, info = open_and_see(window, f"sky/{name}", layout)
            times.append(seen)
            print(f"\n{name} by {layout} {temperature}: described {described:.3f} s, every CCD seen {seen:.3f} s")
            if round_number == 0:
                while window.wait_event("pyramid")["phase"] != "COMPLETED":
                    pass
                stored = sum(file.stat().st_size for file in server.cache.rglob("*") if file.is_file())
                pixels = 61 * 2046 * 4094 * 4
                print(
                    f"on disk after the pyramid: {stored / 1e6:.0f} MB = {stored / pixels:.3f} x the pixels (bar 0.09)"
                )
                assert info["image"]
            window.close()
        shutil.rmtree(folder)
    print(f"median of {ROUNDS}: {sorted(times)[ROUNDS // 2]:.3f} s (bar 0.5 s)")

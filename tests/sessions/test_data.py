"""Every image of the real files: it opens or says why, and shows astropy's pixels at astropy's positions."""

import os
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS
from astropy.wcs.utils import wcs_to_celestial_frame

from tests.sessions.workbench import Workbench
from toyz.errors import ToyzError
from toyz.protocol import Style
from toyz_tiles import stretch

DATA = Path(os.environ.get("TOYZ_TEST_DATA", ""))
ENDINGS = (".fits", ".fit", ".fts", ".fz", ".gz", ".bz2", ".z", ".wcs")

pytestmark = [pytest.mark.data, pytest.mark.skipif("TOYZ_TEST_DATA" not in os.environ, reason="no TOYZ_TEST_DATA")]


def files(folder: str = "") -> list[str]:
    if "TOYZ_TEST_DATA" not in os.environ:
        return []
    found = sorted(path for path in (DATA / folder).rglob("*") if path.is_file())
    return [str(path.relative_to(DATA)) for path in found if path.name.lower().endswith(ENDINGS)]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    made = Workbench(tmp_path_factory.mktemp("bench"), share=DATA)
    yield made
    made.close()


def open_complete(bench: Workbench, path: str, hdu: int) -> Any:
    info = bench.call("images", "open", path=f"data/{path}", hdu=hdu)
    while not info["complete"]:
        bench.event("progress")
        info = bench.call("images", "open", path=f"data/{path}", hdu=hdu)
    return info


def astropy_plane(path: str, hdu: int) -> Any:
    """The first plane of an image as astropy reads it, top row first; None where astropy cannot."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with fits.open(DATA / path, memmap=False) as hdus:
                data = hdus[hdu].data
        except (OSError, ValueError, TypeError, MemoryError, fits.VerifyError, IndexError):
            return None
    if not isinstance(data, np.ndarray) or data.dtype.kind not in "iuf" or not data.size:
        return None
    plane = data.reshape(-1, *data.shape[-2:])[0] if data.ndim > 1 else data[None]
    return plane[::-1].astype(plane.dtype.newbyteorder("="))


def attempt(work: Callable[[], Any]) -> Any:
    """What the work gives, or None if it says in a sentence why the file cannot be shown."""
    reason = None
    try:
        return work()
    except ToyzError as error:
        reason = error
    assert reason.code in {"unsupported_file", "corrupt_file", "too_large"}, reason.message
    assert len(reason.message) > 20
    return None


@pytest.mark.parametrize("path", files())
def test_every_image_opens_or_says_why(bench: Workbench, path: str) -> None:
    start = time.monotonic()
    described = attempt(lambda: bench.call("files", "describe", path=f"data/{path}"))
    for hdu in described["hdus"] if described is not None else []:
        if hdu["kind"] != "image" or not hdu["planes"]:
            continue
        info = attempt(partial(open_complete, bench, path, hdu["index"]))
        if info is None:
            continue
        cuts = Style(info["cuts"]["low"], info["cuts"]["high"], stretch="asinh")
        bench.tile(info["image"], info["levels"] - 1, 0, 0, cuts)
        compare(bench, path, hdu["index"], info, cuts)
    assert time.monotonic() - start < 60


def compare(bench: Workbench, path: str, hdu: int, info: Any, style: Style) -> None:
    truth = astropy_plane(path, hdu)
    if truth is None:
        return
    assert (info["height"], info["width"]) == truth.shape
    opened = bench.workshop._images.get(info["image"])
    tile = opened.levels.tile(0, 0, 0)
    expected = np.ascontiguousarray(truth[:256, :256])
    np.testing.assert_array_equal(tile, expected)
    table = stretch.transfer(style)
    mine, _ = stretch.apply(tile, style.low, style.high, table)
    theirs, _ = stretch.apply(expected, style.low, style.high, table)
    np.testing.assert_array_equal(mine, theirs)


def astropy_sky(path: str, hdu: int, x: Any, y: Any) -> tuple[Any, Any] | None:
    """ICRS degrees of FITS pixels by astropy, with the file at hand; None where it has no WCS."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with fits.open(DATA / path, memmap=False) as hdus:
            try:
                wcs = WCS(hdus[hdu].header, hdus)
                if not wcs.has_celestial:
                    return None
                beyond = [np.ones(x.shape)] * (wcs.naxis - 2)
                world = wcs.all_pix2world(x, y, *beyond, 1)
                frame = wcs_to_celestial_frame(wcs.celestial)
            except Exception:
                return None
            position = SkyCoord(world[wcs.wcs.lng], world[wcs.wcs.lat], unit="deg", frame=frame).icrs
    return position.ra.deg, position.dec.deg


@pytest.mark.parametrize("path", files("wcs"))
def test_the_sky_agrees_with_astropy(bench: Workbench, path: str) -> None:
    described = bench.call("files", "describe", path=f"data/{path}")
    rng = np.random.default_rng(8)
    for hdu in described["hdus"]:
        if hdu["kind"] != "image" or not hdu["planes"] or len(hdu["shape"]) < 2:
            continue
        info = open_complete(bench, path, hdu["index"])
        x = rng.uniform(0.5, info["width"] + 0.5, 40)
        y = rng.uniform(0.5, info["height"] + 0.5, 40)
        truth = astropy_sky(path, hdu["index"], x, y)
        places = zip(x.tolist(), y.tolist(), strict=True)
        found = [bench.call("images", "pixel", image=info["image"], x=a, y=b) for a, b in places]
        assert all("value" in pixel for pixel in found)
        if truth is None:
            continue
        for pixel, ra, dec in zip(found, *truth, strict=True):
            if np.isfinite(ra) and np.isfinite(dec):
                assert pixel["ra"] is not None, info["wcs_problem"]
                apart = np.hypot((pixel["ra"] - ra + 180) % 360 - 180, 0) * np.cos(np.radians(dec))
                assert max(abs(apart), abs(pixel["dec"] - dec)) * 3.6e6 < 1, (path, hdu["index"])

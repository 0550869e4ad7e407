"""Real headers and pixels, named by TOYZ_TEST_DATA, against astropy."""

import os
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.utils.exceptions import AstropyWarning
from astropy.wcs import WCS
from astropy.wcs.utils import wcs_to_celestial_frame

from toyz_tiles.frames import to_vectors
from toyz_tiles.mosaic import MosaicRaster
from toyz_tiles.mosaic_plan import HduHeader, can_mosaic, plan
from toyz_tiles.raster import ArrayRaster
from toyz_tiles.skymap import tangent_plane
from toyz_tiles.wcs import LazySkyMaps, MosaicSky, SkyMap

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif("TOYZ_TEST_DATA" not in os.environ, reason="TOYZ_TEST_DATA is not set"),
]
DATA = Path(os.environ.get("TOYZ_TEST_DATA", "."))
WANTED = ("DETSEC", "DATASEC", "TRIMSEC", "CCDSUM", "CCDNUM", "DETPOS", "CCDNAME", "AMPNAME", "IMAGEID")
FITS = (".fits", ".fits.fz", ".fits.gz", ".wcs")


def files(*folders: str) -> list[Path]:
    found = (path for folder in folders for path in sorted((DATA / folder).glob("*")))
    return [path for path in found if path.name.endswith(FITS)]


def headers(path: Path) -> Iterator[tuple[int, fits.Header]]:
    """The header of every HDU that astropy can read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with fits.open(path, memmap=True) as hdus:
                for number, hdu in enumerate(hdus):
                    yield number, hdu.header
        except (OSError, ValueError, KeyError, TypeError, IndexError, fits.VerifyError):
            return


def points(header: fits.Header) -> tuple[Any, Any]:
    """Corners, edges, the middle and some beyond: FITS pixels."""
    nx = int(header.get("NAXIS1", 0) or 100)
    ny = int(header.get("NAXIS2", 0) or 100)
    axes = [np.array([-0.1, 0.0, 0.123, 0.5, 0.777, 1.0, 1.1]) * side + 0.5 for side in (nx, ny)]
    xs, ys = np.meshgrid(*axes)
    return xs.ravel(), ys.ravel()


def by_astropy(header: fits.Header, x: Any, y: Any) -> tuple[Any, Any] | None:
    """ICRS degrees, or None where astropy has none to give."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            wcs = WCS(header)
            if not wcs.has_celestial:
                return None
            wcs = wcs.celestial
            world = wcs.all_pix2world(x, y, 1)
            frame = wcs_to_celestial_frame(wcs)
            icrs = SkyCoord(world[wcs.wcs.lng], world[wcs.wcs.lat], unit="deg", frame=frame).icrs
        except Exception:  # whatever astropy raises, it has no answer to compare with
            return None
        return icrs.ra.deg, icrs.dec.deg


def far(one: tuple[Any, Any], other: tuple[Any, Any]) -> Any:
    """Arcseconds between positions, exact where they are close."""
    chord = np.linalg.norm(to_vectors(*map(np.asarray, one)) - to_vectors(*map(np.asarray, other)), axis=0)
    return np.degrees(2 * np.arcsin(np.clip(chord / 2, 0, 1))) * 3600


@pytest.mark.parametrize(
    "path", files("wcs", "decam", "geometry", "large", "lenses", "odd", "rgb"), ids=lambda path: str(path.name)
)
def test_the_sky_agrees_with_astropy_to_a_milliarcsecond(path: Path) -> None:
    for number, header in headers(path):
        try:
            text = header.tostring()
        except (ValueError, AstropyWarning):
            continue
        x, y = points(header)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            sky = SkyMap(text)
            ra, dec = sky.sky(x, y)
        expected = by_astropy(header, x, y)
        if expected is None or not np.isfinite(expected[0]).any():
            continue
        assert sky.problem == "", f"HDU {number}"
        np.testing.assert_array_equal(np.isfinite(ra), np.isfinite(expected[0]))
        valid = np.isfinite(ra)
        assert far((ra[valid], dec[valid]), (expected[0][valid], expected[1][valid])).max() < 1e-3, f"HDU {number}"


def image_headers(path: Path, height: int = 0) -> list[HduHeader]:
    found = []
    for number, header in headers(path):
        if header.get("NAXIS", 0) != 2:
            continue
        shape = (int(header["NAXIS2"]) or height, int(header["NAXIS1"]))
        cards = {card.keyword: str(card.value) for card in header.cards if card.keyword in WANTED}
        name = str(header.get("EXTNAME", ""))
        found.append(HduHeader(hdu=number, name=name, shape=shape, cards=cards, header_text=header.tostring()))
    return found


@pytest.fixture(scope="module")
def decam() -> list[HduHeader]:
    # The file holds headers only; its CCDs have 4094 rows.
    return image_headers(DATA / "geometry" / "legacypipe__decam.wcs", 4094)


def test_a_decam_exposure_is_laid_out_by_detsec(decam: list[HduHeader]) -> None:
    started = time.process_time()
    assert can_mosaic(decam)
    layout = plan(decam)
    assert time.process_time() - started < 0.5
    assert (layout.kind, len(layout.placements)) == ("detsec", 61)
    # From S29 to N31, and the seven CCDs of the middle rows, without the frame's margin.
    assert (layout.width, layout.height) == (11 * 2048 + 2046, 6 * 4096 + 4094)
    places = {place.name: place for place in layout.placements}
    # DETSEC x runs from S to N, y along the rows of CCDs: neighbours are 2048 and 4096 apart.
    assert places["N1"].x - places["S1"].x == 2048
    assert places["S1"].y - places["S2"].y == 4096
    assert all((place.width, place.height) == (2046, 4094) for place in layout.placements)


def test_detsec_and_the_wcs_tell_of_one_focal_plane(decam: list[HduHeader]) -> None:
    by_detsec = plan(decam)
    bare = [HduHeader(hdu=h.hdu, name=h.name, shape=h.shape, cards={}, header_text=h.header_text) for h in decam]
    by_wcs = plan(bare)
    assert by_wcs.kind == "wcs"
    assert len(by_wcs.placements) == 61
    first, second = ({p.name: (p.x, p.y) for p in layout.placements} for layout in (by_detsec, by_wcs))
    offsets = np.array([np.subtract(first[name], second[name]) for name in first])
    # DETSEC has no gaps where the camera has 153 and 201 pixels between its CCDs: a linear trend.
    # What is left are the rows' half steps, the projection's distortion and the mounting.
    where = np.array([[*place, 1.0] for place in first.values()])
    trend, *_ = np.linalg.lstsq(where, offsets, rcond=None)
    assert np.abs(offsets - where @ trend).max() < 150
    assert trend[0, 0] == pytest.approx(-201 / 2048, abs=0.02)


def test_a_real_exposure_is_one_plane_by_its_wcs(decam: list[HduHeader]) -> None:
    layout = plan(decam, "", "wcs")
    assert (layout.kind, len(layout.placements)) == ("wcs", 61)
    assert layout.residual is not None
    assert layout.residual.rms < 0.1
    assert layout.residual.maximum < 0.5
    maps = LazySkyMaps({header.hdu: header.header_text for header in decam})
    middle = MosaicSky(layout, maps).sky((layout.width + 1) / 2, (layout.height + 1) / 2)
    random = np.random.default_rng(2)
    shown, plane = [], []
    for place in layout.placements:
        ny, nx = place.shape
        for x, y in [(0, 0), (nx - 1, ny - 1), *random.uniform((0, 0), (nx - 1, ny - 1), (20, 2)).tolist()]:
            shown.append(place.to_display(x, y))
            plane.append([float(axis) for axis in tangent_plane(*maps[place.hdu].sky(x + 1, y + 1), *middle)])
    terms = np.column_stack((np.ones(len(plane)), np.array(plane)))
    solution, *_ = np.linalg.lstsq(terms, np.array(shown), rcond=None)
    assert np.hypot(*(np.array(shown) - terms @ solution).T).max() < 0.5


@pytest.mark.parametrize(
    "name", ["170316_062107_ooi_z_ls9.N2", "180128_083845_ooi_r_ls9.N3", "180225_074106_ooi_g_ls9.S1"]
)
def test_a_real_ccd_cut_in_two_is_put_together_by_its_wcs(name: str) -> None:
    """The right half is turned by half a circle; its WCS says so, and every pixel comes back to its place."""
    with fits.open(DATA / "decam" / f"legacypipe__c4d_{name}.fits") as file:
        data, header = file[1].data.astype(np.float32), file[1].header
    (ny, nx), cut = data.shape, data.shape[1] // 2 - 7
    turned = header.copy()
    turned["CRPIX1"], turned["CRPIX2"] = nx + 1 - header["CRPIX1"], ny + 1 - header["CRPIX2"]
    for card in ("CD1_1", "CD1_2", "CD2_1", "CD2_2"):
        turned[card] = -header[card]
    halves = {1: data[:, :cut], 2: data[::-1, ::-1][:, : nx - cut]}
    headers = [
        HduHeader(hdu=hdu, name=f"half {hdu}", shape=half.shape, cards={}, header_text=text.tostring())
        for (hdu, half), text in zip(halves.items(), (header, turned), strict=True)
    ]
    layout = plan(headers, "", "wcs")
    mosaic = MosaicRaster(layout, {hdu: ArrayRaster(half) for hdu, half in halves.items()})
    pixels = mosaic.read(0, layout.height, 0, layout.width)
    rows, columns = (np.flatnonzero(~np.isnan(pixels).all(axis=axis)) for axis in (1, 0))
    pixels = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    upright = data[::-1]
    # The picture stands as the half that is nearer to the middle.
    assert np.array_equal(pixels, upright, equal_nan=True) or np.array_equal(
        pixels, upright[::-1, ::-1], equal_nan=True
    )


def test_the_sky_of_a_mosaic_is_that_of_its_ccds(decam: list[HduHeader]) -> None:
    layout = plan(decam)
    maps = LazySkyMaps({header.hdu: header.header_text for header in decam})
    sky = MosaicSky(layout, maps)
    random = np.random.default_rng(1)
    for place in layout.placements[::6]:
        x, y = random.uniform(1, place.width), random.uniform(1, place.height)
        there = maps[place.hdu].sky(x, y)
        on_mosaic = sky.mosaic_pixel(place, x, y)
        assert sky.sky(*on_mosaic) == pytest.approx(there, abs=1e-12)
        assert sky.pixel(*there) == pytest.approx(on_mosaic, abs=0.01)
        north, east = sky.orientation(*on_mosaic)
        # In the frame of DETSEC north is to the left and east is up.
        assert (north, east) == pytest.approx((-90, 0), abs=2)


def test_image_mask_weight_files_open_as_one_image() -> None:
    triples = [path for path in files("decam", "large") if len(image_headers(path)) == 3]
    assert len(triples) >= 4
    for path in triples:
        assert not can_mosaic(image_headers(path)), path.name


def test_which_real_files_are_mosaics() -> None:
    for path in files("wcs", "decam", "large", "lenses", "odd", "rgb"):
        found = image_headers(path)
        if can_mosaic(found):
            layout = plan(found)
            assert 2 <= len(layout.placements) <= len(found), path.name

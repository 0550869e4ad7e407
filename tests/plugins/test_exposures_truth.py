"""The true catalog against the pixels, as astropy sees both."""

from typing import Any

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS

import toyz_exposures
from toyz_exposures.ccd_image import find_objects
from toyz_exposures.focal_plane import focal_plane
from toyz_exposures.scene import draw_scene
from toyz_exposures.sizes import SIZES

BRIGHT = {"small": (12.6, 14.6), "decam": (15.6, 18.5)}
"""Magnitudes of stars that do not saturate, and whose noise moves them little."""


@pytest.fixture(scope="module", params=["small", "decam"])
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, size: str) -> toyz_exposures.Result:
    out = tmp_path_factory.mktemp("truth") / "one.fits"
    return toyz_exposures.make_exposure(out, size=size, ccds=8 if size == "small" else 1, seed=5)


@pytest.fixture(scope="module")
def catalog(made: toyz_exposures.Result) -> Table:
    return Table.read(made.catalog, hdu=1)


def moments(stamp: Any, sigma: float) -> tuple[float, float]:
    """Find a centre by moments weighted with a Gaussian that follows it."""
    y, x = np.indices(stamp.shape)
    cy = cx = (stamp.shape[0] - 1) / 2
    for _ in range(30):
        weight = stamp * np.exp(-0.5 * ((x - cx) ** 2 + (y - cy) ** 2) / sigma**2)
        # A weight of the width of the object halves the step: it is doubled again.
        cx += 2 * ((weight * x).sum() / weight.sum() - cx)
        cy += 2 * ((weight * y).sum() / weight.sum() - cy)
    return cx, cy


def lonely_stars(rows: Table, nx: int, ny: int, magnitudes: tuple[float, float]) -> Table:
    stars = rows[(rows["kind"] == "star") & (rows["mag"] > magnitudes[0]) & (rows["mag"] < magnitudes[1])]
    inside = (stars["x"] > 14) & (stars["x"] < nx - 14) & (stars["y"] > 14) & (stars["y"] < ny - 14)
    distance = np.hypot(stars["x"][:, None] - rows["x"][None], stars["y"][:, None] - rows["y"][None])
    brighter = rows["mag"][None] < stars["mag"][:, None] + 4
    alone = ((distance < 12) & brighter).sum(axis=1) <= 1
    return stars[inside & alone]


def test_the_columns_say_what_they_are(made: toyz_exposures.Result, catalog: Table) -> None:
    assert len(catalog) == made.objects > 500
    assert {name: str(column.unit) for name, column in catalog.columns.items() if column.unit} == {
        "ra": "deg", "dec": "deg", "x": "pix", "y": "pix", "mag": "mag", "radius": "arcsec", "angle": "deg",
    }  # fmt: skip
    assert set(catalog["kind"]) == {"star", "exponential", "devaucouleurs"}
    assert len(set(catalog["id"])) == len(catalog)
    stars = catalog["kind"] == "star"
    assert not catalog["radius"][stars].any()
    assert (catalog["radius"][~stars] > 0).all()
    assert ((catalog["ellipticity"] >= 0) & (catalog["ellipticity"] < 1)).all()
    header = fits.getheader(made.catalog, 1)
    assert "1-based" in str(header["COMMENT"])


def test_positions_follow_the_projection(made: toyz_exposures.Result, catalog: Table) -> None:
    with fits.open(made.path) as file:
        for hdu in file[1:]:
            rows = catalog[catalog["ccd"] == hdu.name]
            assert set(rows["ccdnum"]) == {hdu.header["CCDNUM"]}
            x, y = WCS(hdu.header).all_world2pix(rows["ra"], rows["dec"], 1, tolerance=1e-7)
            assert max(np.abs(x - rows["x"]).max(), np.abs(y - rows["y"]).max()) < 1e-3


def test_stars_are_where_the_catalog_says(made: toyz_exposures.Result, catalog: Table, size: str) -> None:
    misses = []
    with fits.open(made.path) as file:
        for hdu in file[1:]:
            rows = catalog[catalog["ccd"] == hdu.name]
            ny, nx = hdu.data.shape
            sky = np.median(hdu.data)
            for star in lonely_stars(rows, nx, ny, BRIGHT[size]):
                column, row = round(star["x"]) - 1, round(star["y"]) - 1
                stamp = hdu.data[row - 7 : row + 8, column - 7 : column + 8].astype(float)
                if stamp.max() > 0.9 * min(hdu.header["SATURATA"], hdu.header["SATURATB"]):
                    continue
                cx, cy = moments(stamp - sky, SIZES[size].fwhm / 2.3)
                misses.append((column - 7 + cx + 1 - star["x"], row - 7 + cy + 1 - star["y"]))
    assert len(misses) >= 15
    # A cosmic ray or an uncatalogued neighbour may disturb one of them.
    distance = np.hypot(*np.array(misses).T)
    assert np.sort(distance)[: int(0.9 * len(distance))].max() < 0.05
    assert np.abs(np.median(misses, axis=0)).max() < 0.01


def test_magnitudes_are_those_of_the_pixels(made: toyz_exposures.Result, catalog: Table, size: str) -> None:
    differences = []
    with fits.open(made.path) as file:
        zero = file[0].header["MAGZERO"]
        for hdu in file[1:]:
            rows = catalog[catalog["ccd"] == hdu.name]
            ny, nx = hdu.data.shape
            sky = np.median(hdu.data)
            for star in lonely_stars(rows, nx, ny, BRIGHT[size]):
                column, row = round(star["x"]) - 1, round(star["y"]) - 1
                stamp = hdu.data[row - 10 : row + 11, column - 10 : column + 11] - sky
                differences.append(zero - 2.5 * np.log10(stamp.sum()) - star["mag"])
    assert len(differences) >= 10
    # The box loses some of the halo, which holds 0.03 mag, and of the wings.
    assert -0.01 < np.median(differences) < 0.05


def test_one_sky_over_all_ccds(made: toyz_exposures.Result, catalog: Table) -> None:
    """No object is listed twice, though CCDs are searched one by one."""
    sky = SkyCoord(catalog["ra"], catalog["dec"])
    middle = SkyCoord(fits.getheader(made.path)["RA"], fits.getheader(made.path)["DEC"], unit=("hourangle", "deg"))
    assert sky.separation(middle).deg.max() < 1.2
    assert len({(row["ra"], row["dec"]) for row in catalog}) == len(catalog)


def test_a_light_on_a_border_shines_on_both_sides() -> None:
    """The halo and spikes of a star in the gap light the CCDs beside it."""
    scene = draw_scene(1, SIZES["small"])
    seen: dict[int, int] = {}
    for ccd in focal_plane(8).ccds:
        for index in find_objects(scene, ccd)[0]:
            seen[int(index)] = seen.get(int(index), 0) + 1
    shared = [index for index, number in seen.items() if number > 1]
    assert len(shared) > 50
    assert max(seen.values()) >= 3

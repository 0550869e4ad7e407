"""The focal plane of a made exposure: sections, projections, and what neighbours say of the sky."""

import os
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS

from toyz.errors import InvalidParameter
from toyz_exposures.ccd_image import find_objects, pixel_tensors
from toyz_exposures.focal_plane import CCDS, Ccd, Section, focal_plane
from toyz_exposures.headers import POINTING, ccd_header
from toyz_exposures.scene import draw_scene
from toyz_exposures.sizes import SIZES
from toyz_exposures.tpv import plane_to_sky

SCALES = (1, 8)


def wcs_of(ccd: Ccd) -> WCS:
    header = ccd_header(ccd)
    header["NAXIS"], header["NAXIS1"], header["NAXIS2"] = 2, ccd.shape[1], ccd.shape[0]
    return WCS(header)


def spread(ccd: Ccd, number: int = 40) -> tuple[Any, Any]:
    """Pixels all over a CCD, corners included."""
    rng = np.random.default_rng(ccd.number)
    ny, nx = ccd.shape
    x = np.concatenate((rng.uniform(0.5, nx + 0.5, number), [0.5, 0.5, nx + 0.5, nx + 0.5]))
    y = np.concatenate((rng.uniform(0.5, ny + 0.5, number), [0.5, ny + 0.5, 0.5, ny + 0.5]))
    return x, y


def test_the_ccds_are_those_of_decam() -> None:
    plane = focal_plane()
    assert plane.detsize == (29400, 29050)
    assert len(plane.ccds) == CCDS == 61
    assert [ccd.name for ccd in plane.ccds[:3]] == ["S29", "S30", "S31"]
    # N30 died in 2012 and the pipeline leaves it out.
    assert {ccd.number for ccd in plane.ccds} == set(range(1, 63)) - {61}
    assert len({ccd.name for ccd in plane.ccds}) == len({ccd.detector for ccd in plane.ccds}) == 61
    assert {ccd.shape for ccd in plane.ccds} == {(4094, 2046)}


@pytest.mark.parametrize("scale", SCALES)
def test_sections_fit_each_other(scale: int) -> None:
    plane = focal_plane(scale)
    width, height = plane.detsize
    sections = [ccd.detector_section for ccd in plane.ccds]
    for ccd, section in zip(plane.ccds, sections, strict=True):
        assert section.shape == ccd.data.shape == ccd.ccd_section.shape
        assert section.x0 >= 1
        assert section.y0 >= 1
        assert section.x1 <= width
        assert section.y1 <= height
        assert ccd.left.data.x1 + 1 == ccd.right.data.x0
        assert (ccd.left.data.x0, ccd.right.data.x1) == (1, ccd.shape[1])
    for one, other in combinations(sections, 2):
        # No two CCDs overlap.
        assert one.x1 < other.x0 or other.x1 < one.x0 or one.y1 < other.y0 or other.y1 < one.y0


def test_amplifier_a_lies_on_the_right_in_the_south() -> None:
    for ccd in focal_plane().ccds:
        assert ccd.right.name == ("A" if ccd.name.startswith("S") else "B")
        assert [amplifier.name for amplifier in ccd.amplifiers] == ["A", "B"]
        for amplifier in ccd.amplifiers:
            assert 3 < amplifier.gain < 5
            assert 25_000 < amplifier.saturation < 60_000


@pytest.mark.parametrize("scale", SCALES)
def test_astropy_inverts_every_projection(scale: int) -> None:
    for ccd in focal_plane(scale).ccds:
        wcs = wcs_of(ccd)
        x, y = spread(ccd)
        ra, dec = wcs.all_pix2world(x, y, 1)
        back_x, back_y = wcs.all_world2pix(ra, dec, 1, tolerance=1e-6)
        assert max(np.abs(back_x - x).max(), np.abs(back_y - y).max()) < 1e-3


@pytest.mark.parametrize("scale", SCALES)
def test_our_projection_is_astropys(scale: int) -> None:
    for ccd in focal_plane(scale).ccds:
        x, y = spread(ccd)
        xi, eta = ccd.tpv.to_plane(x, y)
        ours = SkyCoord(*plane_to_sky(xi, eta, *POINTING), unit="deg")
        theirs = SkyCoord(*wcs_of(ccd).all_pix2world(x, y, 1), unit="deg")
        assert ours.separation(theirs).max() < 1e-6 * units.arcsec
        back_x, back_y = ccd.tpv.from_plane(xi, eta)
        assert max(np.abs(back_x - x).max(), np.abs(back_y - y).max()) < 1e-6


@pytest.mark.parametrize("pointing", [(0.0, 0.0), (359.9, -60.0), (10.0, 89.9), (200.0, -90.0)])
def test_the_tangent_plane_holds_at_the_poles_and_across_zero_hours(pointing: tuple[float, float]) -> None:
    xi, eta = np.array([0.0, 1.0, -1.0]), np.array([0.5, 0.3, -0.2])
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval, wcs.wcs.crpix = ["RA---TAN", "DEC--TAN"], pointing, [0.0, 0.0]
    theirs = SkyCoord(*wcs.all_pix2world(xi, eta, 1), unit="deg")
    ours = SkyCoord(*plane_to_sky(xi, eta, *pointing), unit="deg")
    assert ours.separation(theirs).max() < 1e-6 * units.arcsec


@pytest.mark.parametrize("scale", SCALES)
def test_coarse_pixels_cover_the_fine_ones(scale: int) -> None:
    for fine, coarse in zip(focal_plane(1).ccds, focal_plane(scale).ccds, strict=True):
        # The lower left corner of what DETSEC names, in both.
        corner = fine.tpv.to_plane(fine.data.x0 - 0.5, fine.data.y0 - 0.5)  # type: ignore[arg-type]
        same = coarse.tpv.to_plane(coarse.data.x0 - 0.5, coarse.data.y0 - 0.5)  # type: ignore[arg-type]
        np.testing.assert_allclose(corner, same, atol=1e-12)


def neighbours(scale: int) -> list[tuple[Ccd, Ccd, bool]]:
    """Pairs of CCDs side by side (True) or one above the other."""
    place = {(ccd.detector_section.x0 // 40, ccd.detector_section.y0 // 40): ccd for ccd in focal_plane().ccds}
    scaled = {ccd.number: ccd for ccd in focal_plane(scale).ccds}
    pairs = []
    for (column, row), ccd in place.items():
        for right, up in ((51, 0), (51, 1), (51, -1), (0, 102), (0, 103)):
            for extra in (0, 1) if right else (0,):
                other = place.get((column + right + extra, row + up))
                if other is not None:
                    pairs.append((scaled[ccd.number], scaled[other.number], right > 0))
    return pairs


@pytest.mark.parametrize("scale", SCALES)
def test_neighbours_agree_about_the_sky(scale: int) -> None:
    """A point in the gap between two CCDs is where the real CCDs have it, whichever of the fits is asked."""
    pairs = neighbours(scale)
    assert len(pairs) == 19 + 48
    for ccd, other, beside in pairs:
        ny, nx = ccd.shape
        place = (nx + 100 / scale, ny / 2) if beside else (nx / 2, ny + 80 / scale)
        xi, eta = ccd.tpv.to_plane(np.array(place[0]), np.array(place[1]))
        x, y = other.tpv.from_plane(xi, eta)
        along, across = (place[0] - x, place[1] - y) if beside else (place[1] - y, place[0] - x)
        # The pitch of the real CCDs, in pixels; they are glued down to some 0.1 mm.
        low, high = (2242, 2256) if beside else (4244, 4258)
        assert low < along * scale < high
        assert abs(across * scale) < 12
        theirs = wcs_of(other).all_pix2world(x, y, 1)
        np.testing.assert_allclose(plane_to_sky(xi, eta, *POINTING), theirs, atol=1e-9)


@pytest.mark.parametrize("scale", [0, 3, 16])
def test_a_scale_that_does_not_divide_is_refused(scale: int) -> None:
    with pytest.raises(InvalidParameter):
        focal_plane(scale)


def test_every_object_is_found_by_its_ccd() -> None:
    """The search by boxes misses nothing that the slow way finds."""
    scene = draw_scene(3, SIZES["small"])
    for ccd in focal_plane(8).ccds[::12]:
        found, x, y = find_objects(scene, ccd)
        slow_x, slow_y = ccd.tpv.from_plane(scene.population.xi, scene.population.eta)
        ny, nx = ccd.shape
        near = np.hypot(slow_x - nx / 2, slow_y - ny / 2) < 2 * ny  # beyond, the polynomial folds over
        on = near & (slow_x > 0.5) & (slow_x < nx + 0.5) & (slow_y > 0.5) & (slow_y < ny + 0.5)
        assert on.sum() > 100
        assert set(np.flatnonzero(on)) <= set(found)
        np.testing.assert_allclose(x, slow_x[found] - 1, atol=1e-6)
        np.testing.assert_allclose(y, slow_y[found] - 1, atol=1e-6)


@pytest.mark.parametrize("angle", [0.0, 20.0, 90.0, 135.0])
def test_a_position_angle_is_that_of_the_sky(angle: float) -> None:
    ccd = focal_plane().ccds[27]
    (xx, xy, yy) = pixel_tensors(np.array([10.0]), np.array([0.5]), np.array([angle]))[0]
    theta = 0.5 * np.arctan2(2 * xy, xx - yy)
    assert np.isclose(xx + yy, 100 + 25)
    middle = SkyCoord(*wcs_of(ccd).all_pix2world(1000.0, 2000.0, 1), unit="deg")
    tip = SkyCoord(*wcs_of(ccd).all_pix2world(1000.0 + 20 * np.cos(theta), 2000.0 + 20 * np.sin(theta), 1), unit="deg")
    difference = (middle.position_angle(tip).deg - angle + 90) % 180 - 90
    assert abs(difference) < 1.5  # the polynomial turns and shears a little, and is not followed


@pytest.mark.data
@pytest.mark.skipif("TOYZ_TEST_DATA" not in os.environ, reason="needs TOYZ_TEST_DATA")
def test_the_table_holds_the_figures_of_the_real_headers() -> None:
    source = Path(os.environ["TOYZ_TEST_DATA"]) / "geometry" / "legacypipe__decam.wcs"
    with fits.open(source) as file:
        for ccd, hdu in zip(focal_plane().ccds, file[1:], strict=True):
            header = hdu.header
            section = Section(*map(int, re.findall(r"\d+", header["DETSEC"])))
            assert (ccd.name, ccd.number, ccd.detector_section) == (hdu.name, header["CCDNUM"], section)
            ours = ccd_header(ccd)
            for keyword in ours:
                if re.match(r"CD\d_|PV\d_|CRPIX", keyword):
                    assert ours[keyword] == pytest.approx(header[keyword], rel=1e-12, abs=1e-4)
                if re.match(r"GAIN|RDNOISE|SATURAT[AB]", keyword):
                    assert ours[keyword] == pytest.approx(header[keyword], rel=1e-4)


@pytest.mark.data
@pytest.mark.skipif("TOYZ_TEST_DATA" not in os.environ, reason="needs TOYZ_TEST_DATA")
def test_the_projections_have_the_ccds_where_they_were_measured() -> None:
    """Distances between neighbours on the sky against those measured on the focal plane, in millimetres."""
    source = Path(os.environ["TOYZ_TEST_DATA"]) / "geometry" / "obs_decam__chipcenters.txt"
    rows = [line.split() for line in source.read_text().splitlines()[1:] if line.split()]
    measured = {int(row[0]): np.array([float(row[2]), float(row[4])]) / 0.015 for row in rows}
    misses = []
    for ccd, other, _ in neighbours(1):
        # Half-way between the two, where both polynomials are nearly at home.
        step = measured[other.number] - measured[ccd.number]
        middle = np.array([1023.5, 2047.5]) + step / 2
        x, y = other.tpv.from_plane(*ccd.tpv.to_plane(middle[0], middle[1]))
        misses.append((middle[0] - x - step[0], middle[1] - y - step[1]))
    assert len(misses) == 67
    assert np.median(np.abs(misses)) < 2.5  # pixels: measured warm, and a polynomial beyond its CCD
    assert np.abs(misses).max() < 10

"""A made DECam exposure laid out by its WCS: real TPV solutions of 61 CCDs."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tiles.focal_plane import exposure_headers
from tests.tiles.headers import header, tangent
from tests.tiles.rasters import Watched
from toyz.errors import UnsupportedFile
from toyz_exposures.focal_plane import focal_plane
from toyz_exposures.headers import POINTING
from toyz_exposures.tpv import plane_to_sky
from toyz_tiles.layout import Layout
from toyz_tiles.mosaic_plan import plan
from toyz_tiles.raster import Run
from toyz_tiles.skymap import tangent_plane
from toyz_tiles.wcs import LazySkyMaps, MosaicSky


@pytest.fixture(scope="module")
def by_wcs() -> Layout:
    return plan(exposure_headers(), "[1:29400,1:29050]", "wcs")


def spread(shape: tuple[int, int], number: int) -> tuple[Any, Any]:
    """FITS pixels all over a CCD, corners included."""
    rng = np.random.default_rng(number)
    ny, nx = shape
    x = np.concatenate((rng.uniform(4, nx - 4, 40), [4, 4, nx - 4, nx - 4]))
    y = np.concatenate((rng.uniform(4, ny - 4, 40), [4, ny - 4, 4, ny - 4]))
    return x, y


def test_every_pixel_lies_where_the_sky_is(by_wcs: Layout) -> None:
    """One linear map takes the tangent plane of the sky to the mosaic, to a fraction of a pixel, on all CCDs."""
    planes, shown = [], []
    for place, ccd in zip(by_wcs.placements, focal_plane().ccds, strict=True):
        x, y = spread(ccd.shape, ccd.number)
        ra, dec = plane_to_sky(*ccd.tpv.to_plane(x, y), *POINTING)
        # Not the tangent point of the layout: planes that touch the sky so near differ by a linear map and 0.01 pixels.
        planes.append(np.stack(tangent_plane(ra, dec, *POINTING), axis=1))
        shown.append([place.to_display(a - 1, b - 1) for a, b in zip(x, y, strict=True)])
    plane, display = np.concatenate(planes), np.concatenate(shown)
    terms = np.column_stack((np.ones(len(plane)), plane))
    solution, *_ = np.linalg.lstsq(terms, display, rcond=None)
    off = np.hypot(*(display - terms @ solution).T)
    assert off.max() < 0.5
    # Square pixels: the axes are at right angles and of one length.
    axes = solution[1:] / np.sqrt(abs(np.linalg.det(solution[1:])))
    np.testing.assert_allclose(axes @ axes.T, np.eye(2), atol=1e-4)


def test_the_residual_is_told(by_wcs: Layout) -> None:
    assert by_wcs.residual is not None
    assert by_wcs.worst is not None
    residuals = [place.residual for place in by_wcs.placements if place.residual is not None]
    assert len(residuals) == 61
    assert by_wcs.residual.maximum == max(each.maximum for each in residuals) < 0.5
    assert by_wcs.residual.rms < 0.1
    assert by_wcs.worst.residual is not None
    assert by_wcs.worst.residual.maximum == by_wcs.residual.maximum


def test_it_stands_as_by_detsec(by_wcs: Layout) -> None:
    by_detsec = plan(exposure_headers(), "[1:29400,1:29050]")
    assert by_detsec.kind == "detsec"
    assert by_detsec.residual is None
    ours, theirs = (
        np.array([(p.x + p.width / 2, p.y + p.height / 2) for p in layout.placements]) for layout in (by_wcs, by_detsec)
    )
    # The same neighbours in the same directions; the gaps differ, for DETSEC knows them roughly.
    for axis in (0, 1):
        order = np.corrcoef(ours[:, axis], theirs[:, axis])[0, 1]
        assert order > 0.999
    assert [p.hdu for p in by_wcs.placements] == [p.hdu for p in by_detsec.placements]
    assert all(p.shape == q.shape for p, q in zip(by_wcs.placements, by_detsec.placements, strict=True))


def test_a_detector_that_is_shown_in_reverse_stays_so() -> None:
    headers = [
        header(n, (40, 40), tangent(crpix=(20.5 - 100 * n, 20.5)), DETSEC=f"[{40 * n + 40}:{40 * n + 1},40:1]")
        for n in range(2)
    ]
    first, second = plan(headers, "", "wcs").placements
    assert first.to_display(0, 0) > first.to_display(1, 0)
    assert first.to_display(0, 0)[1] < first.to_display(0, 1)[1]
    assert first.x - second.x == 100


def test_the_sky_under_a_pixel_is_that_of_its_ccd(by_wcs: Layout) -> None:
    headers = exposure_headers()
    sky = MosaicSky(by_wcs, LazySkyMaps({each.hdu: each.header_text for each in headers}))
    for ccd in focal_plane().ccds[::12]:
        plane = ccd.tpv.to_plane(np.array(700.0), np.array(900.0))
        ra, dec = (float(value) for value in plane_to_sky(*plane, *POINTING))
        x, y = sky.pixel(ra, dec)
        found = sky.ccd_at(x, y)
        assert found is not None
        place, own_x, own_y = found
        assert place.name == ccd.name
        assert (own_x, own_y) == pytest.approx((700, 900), abs=1e-3)
        assert sky.sky(x, y) == pytest.approx((ra, dec), abs=1e-8)
        east, north = tangent_plane(*sky.sky(np.array([x, x + 1, x]), np.array([y, y, y + 1])), ra, dec)
        numeric = [[east[1] - east[0], east[2] - east[0]], [north[1] - north[0], north[2] - north[0]]]
        np.testing.assert_allclose(sky.jacobian(x, y), numeric, rtol=1e-3, atol=1e-8)


@pytest.mark.parametrize("wanted", ["detsec", "wcs"])
def test_a_layout_that_is_not_possible_says_so(wanted: str) -> None:
    plain = [header(n, (40, 20), name=f"chip{n}") for n in range(1, 4)]
    with pytest.raises(UnsupportedFile, match=wanted.upper()) as problem:
        plan(plain, "", wanted)  # type: ignore[arg-type]
    assert problem.value.info.field == "parameters.layout"
    assert plan(plain, "", "grid").kind == plan(plain).kind == "grid"


@given(
    cd=st.lists(st.floats(-1e-3, 1e-3) | st.sampled_from([0.0, 1e300, 1e-300]), min_size=4, max_size=4),
    crpix=st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)),
    bend=st.floats(-1e9, 1e9),
)
def test_a_senseless_wcs_costs_no_memory(cd: list[float], crpix: tuple[float, float], bend: float) -> None:
    more: dict[str, Any] = {
        "CTYPE1": "RA---TPV",
        "CTYPE2": "DEC--TPV",
        "PV1_1": 1.0,
        "PV2_1": 1.0,
        "PV1_7": bend,
        "PV2_4": bend,
    }
    headers = [
        header(1, (40, 40), tangent(crpix=(20.5, 20.5))),
        header(2, (40, 40), tangent(crpix=(120.5, 20.5))),
        header(3, (40, 40), tangent(crpix=crpix, cd=(cd[0], cd[1], cd[2], cd[3]), **more)),
    ]
    try:
        layout = plan(headers, "", "wcs")
    except UnsupportedFile:
        return
    assert layout.width * layout.height <= 40 * 3 * 1600
    for place in layout.placements:
        assert 0 <= place.x <= place.x + place.width <= layout.width
        assert 0 <= place.y <= place.y + place.height <= layout.height
        assert np.isfinite(place.corners).all()
        place.sample(
            Watched(np.zeros((40, 40), np.float32)), Run(place.y, place.height, 1), Run(place.x, place.width, 1)
        )


def test_a_grid_may_be_asked_for() -> None:
    layout = plan(exposure_headers(8), "", "grid")
    assert (layout.kind, len(layout.placements)) == ("grid", 61)

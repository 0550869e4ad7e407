import math
import warnings
from typing import Any

import numpy as np
import pytest
from astropy.coordinates import BarycentricMeanEcliptic, SkyCoord
from astropy.io import fits
from astropy.time import Time
from astropy.utils.iers import conf as iers_conf
from astropy.wcs import WCS
from astropy.wcs.utils import wcs_to_celestial_frame
from hypothesis import given
from hypothesis import strategies as st

from tests.tiles.headers import cards_text, header, tangent
from toyz_tiles.mosaic_plan import plan
from toyz_tiles.skymap import separation
from toyz_tiles.wcs import LazySkyMaps, MosaicSky, SkyMap, to_galactic

MAS = 1e-3
PIXELS = [(1.0, 1.0), (50.0, 50.0), (-20.5, 300.25)]


def by_astropy(text: str, x: Any, y: Any) -> SkyCoord:
    """What astropy says, the plain way."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wcs = WCS(fits.Header.fromstring(text)).celestial
        lon, lat = wcs.wcs.lng, wcs.wcs.lat
        world = wcs.all_pix2world(x, y, 1)
        return SkyCoord(world[lon], world[lat], unit="deg", frame=wcs_to_celestial_frame(wcs)).icrs


def sip() -> dict[str, Any]:
    return {"A_ORDER": 2, "A_2_0": 2e-5, "A_0_2": -1e-5, "B_ORDER": 2, "B_1_1": 3e-5, "A_1_1": 1e-6}


HEADERS = {
    "ICRS": tangent(RADESYS="ICRS"),
    "default": tangent(),
    "FK5": tangent(RADESYS="FK5", EQUINOX=2000.0),
    "FK5 of date": tangent(RADESYS="FK5", EQUINOX=2015.5),
    "FK4": tangent(RADESYS="FK4", EQUINOX=1950.0),
    "FK4 by equinox": tangent(EQUINOX=1950.0),
    "FK4-NO-E": tangent(RADESYS="FK4-NO-E", EQUINOX=1950.0),
    "Galactic": tangent(CTYPE1="GLON-TAN", CTYPE2="GLAT-TAN"),
    "declination first": tangent(
        CTYPE1="DEC--TAN", CTYPE2="RA---TAN", crval=(-52.0, 59.0), cd=(0.0, 7.3e-5, -7.3e-5, 0.0)
    ),
    "rotated": tangent(cd=(-5e-5, 4e-5, 4e-5, 5e-5)),
    "near the pole": tangent(crval=(120.0, 89.999)),
    "SIP": tangent(CTYPE1="RA---TAN-SIP", CTYPE2="DEC--TAN-SIP", **sip()),
    "TPV": tangent(CTYPE1="RA---TPV", CTYPE2="DEC--TPV", PV1_0=1e-4, PV1_1=1.01, PV1_4=0.02, PV2_1=0.99, PV2_5=0.01),
    "all sky": tangent(CTYPE1="RA---AIT", CTYPE2="DEC--AIT", crval=(0.0, 0.0), cd=(-1.0, 0.0, 0.0, 1.0)),
}


@pytest.mark.parametrize("name", sorted(HEADERS))
def test_the_sky_is_that_of_astropy(name: str) -> None:
    sky = SkyMap(HEADERS[name])
    assert sky.problem == ""
    xs, ys = (np.array(axis) for axis in zip(*PIXELS, strict=True))
    expected = by_astropy(HEADERS[name], xs, ys)
    ra, dec = sky.sky(xs, ys)
    for i, (x, y) in enumerate(PIXELS):
        there = (float(expected[i].ra.deg), float(expected[i].dec.deg))
        if math.isnan(there[0]):
            assert math.isnan(ra[i])
            continue
        assert separation((ra[i], dec[i]), there) < MAS
        assert separation(sky.sky(x, y), there) < MAS
        galactic = expected[i].galactic
        assert separation(sky.galactic(x, y), (galactic.l.deg, galactic.b.deg)) < MAS
        assert np.hypot(*np.subtract(sky.pixel(*there), (x, y))) < 0.01


def test_scalars_give_floats_and_arrays_arrays() -> None:
    for name in ("ICRS", "FK5", "FK4"):
        sky = SkyMap(HEADERS[name])
        assert all(type(value) is float for value in sky.sky(3, 4))
        assert all(type(value) is float for value in sky.galactic(3, 4))
        assert sky.sky(np.ones((2, 3)), 5.0)[0].shape == (2, 3)


def test_ecliptic_coordinates() -> None:
    text = tangent(CTYPE1="ELON-TAN", CTYPE2="ELAT-TAN")
    sky = SkyMap(text)
    assert (sky.problem, sky.frame) == ("", "ECLIPTIC")
    frame = BarycentricMeanEcliptic(equinox=Time(2000.0, format="jyear"))
    expected = SkyCoord(59.0, -52.0, unit="deg", frame=frame).icrs
    assert separation(sky.sky(50, 50), (expected.ra.deg, expected.dec.deg)) < MAS


@pytest.mark.parametrize(
    ("name", "frame", "equinox", "projection"),
    [
        ("default", "ICRS", None, "TAN"),
        ("FK5 of date", "FK5", 2015.5, "TAN"),
        ("FK4 by equinox", "FK4", 1950.0, "TAN"),
        ("Galactic", "GALACTIC", None, "TAN"),
        ("SIP", "ICRS", None, "TAN-SIP"),
        ("TPV", "ICRS", None, "TPV"),
        ("all sky", "ICRS", None, "AIT"),
    ],
)
def test_what_it_says_of_itself(name: str, frame: str, equinox: float | None, projection: str) -> None:
    sky = SkyMap(HEADERS[name])
    assert (sky.frame, sky.equinox, sky.projection) == (frame, equinox, projection)


def test_a_cube_gives_the_map_of_its_planes() -> None:
    text = tangent(NAXIS=3, CTYPE3="FREQ", CRVAL3=1.4e9, CRPIX3=1.0, CDELT3=1e6, CD3_3=1e6)
    sky = SkyMap(text)
    assert sky.problem == ""
    assert separation(sky.sky(50, 50), (59.0, -52.0)) < MAS


BROKEN = {
    "nothing": "",
    "no celestial axes": cards_text({"NAXIS": 2, "CTYPE1": "LINEAR", "CTYPE2": "LINEAR"}),
    "spectrum": cards_text({"NAXIS": 1, "CTYPE1": "WAVE"}),
    "singular": tangent(cd=(1e-5, 1e-5, 1e-5, 1e-5)),
    "unknown projection": tangent(CTYPE1="RA---QQQ", CTYPE2="DEC--QQQ"),
    "look-up table that is not here": tangent(CPDIS1="LOOKUP", CPDIS2="LOOKUP", DP1="NAXES: 2", NAXIS1=9),
    "table axes": tangent(CTYPE1="RA---TAB", CTYPE2="DEC--TAB", PS1_0="T", PS1_1="x", PS2_0="T", PS2_1="y"),
    "Mars": tangent(CTYPE1="MALN-TAN", CTYPE2="MALT-TAN"),
    "noise": "\x00\xff garbage" * 40,
    "not even cards": "=" * 79,
    "polynomial without end": tangent(CTYPE1="RA---TAN-SIP", CTYPE2="DEC--TAN-SIP", A_ORDER=20000, B_ORDER=20000),
    "too many axes": tangent(WCSAXES=900),
    "too many cards": "".join(f"KEY{i:<5}= {i:>20}".ljust(80) for i in range(30_000)),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_wcs_has_a_reason(name: str) -> None:
    sky = SkyMap(BROKEN[name])
    assert sky.problem
    assert "\n" not in sky.problem
    assert not any(word in sky.problem for word in (".c", "line ", "codec", "NoneType"))
    assert all(math.isnan(value) for value in (*sky.sky(1, 1), *sky.pixel(1, 1), *sky.orientation(1, 1)))
    assert np.isnan(sky.sky(np.ones(3), np.ones(3))).all()
    assert math.isnan(sky.pixel_scale(1, 1))


def test_outside_of_the_projection_there_is_no_sky() -> None:
    sky = SkyMap(HEADERS["all sky"])
    assert math.isnan(sky.sky(2000.0, 2000.0)[0])
    assert math.isnan(SkyMap(HEADERS["ICRS"]).pixel(239.0, 52.0)[0])


def test_north_and_east_on_the_screen() -> None:
    usual = SkyMap(tangent())
    assert usual.orientation(50, 50) == pytest.approx((0, -90), abs=1e-3)
    assert usual.pixel_scale(50, 50) == pytest.approx(7.3e-5 * 3600, rel=1e-6)
    mirrored = SkyMap(tangent(cd=(7.3e-5, 0, 0, 7.3e-5)))
    assert mirrored.orientation(50, 50) == pytest.approx((0, 90), abs=1e-3)
    angle = math.radians(30)
    c, s = 7.3e-5 * math.cos(angle), 7.3e-5 * math.sin(angle)
    turned = SkyMap(tangent(cd=(-c, s, s, c)))
    north, east = turned.orientation(50, 50)
    x, y = 50 + 40 * math.sin(math.radians(north)), 50 + 40 * math.cos(math.radians(north))
    assert turned.sky(x, y)[1] - turned.sky(50, 50)[1] == pytest.approx(40 * 7.3e-5, rel=1e-4)
    assert (east - north) % 360 == pytest.approx(270, abs=1e-3)


@given(ra=st.floats(0, 359.99), dec=st.floats(-89.9, 89.9))
def test_galactic_is_that_of_astropy(ra: float, dec: float) -> None:
    expected = SkyCoord(ra, dec, unit="deg").galactic
    assert separation(to_galactic(ra, dec), (expected.l.deg, expected.b.deg)) < MAS


def test_nothing_is_ever_downloaded() -> None:
    assert iers_conf.auto_download is False


def mosaic() -> tuple[MosaicSky, dict[int, SkyMap], Any]:
    headers = [
        header(1, (60, 40), tangent(crpix=(20.5, 30.5)), "S1", DETSEC="[1:40,1:60]"),
        header(2, (60, 40), tangent(crpix=(-29.5, 30.5)), "S2", DETSEC="[51:90,1:60]"),
        header(3, (60, 40), tangent(crpix=(20.5, 100.5), cd=(7.3e-5, 0, 0, -7.3e-5)), "N1", DETSEC="[40:1,130:71]"),
    ]
    layout = plan(headers)
    maps = LazySkyMaps({item.hdu: item.header_text for item in headers})
    return MosaicSky(layout, maps), dict(maps), layout


def test_a_mosaic_asks_the_ccd_under_the_pixel() -> None:
    sky, maps, layout = mosaic()
    assert (sky.problem, sky.frame, sky.projection) == ("", "ICRS", "TAN")
    for x, y, hdu, own in [(1, 1, 1, (1, 1)), (52, 5.25, 2, (2, 5.25)), (40, 130, 3, (1, 1)), (1, 71, 3, (40, 60))]:
        found = sky.ccd_at(x, y)
        assert found is not None
        assert (found[0].hdu, found[1:]) == (hdu, own)
        assert sky.mosaic_pixel(found[0], *found[1:]) == (x, y)
        assert sky.sky(x, y) == maps[hdu].sky(*own)
        assert sky.pixel(*sky.sky(x, y)) == pytest.approx((x, y), abs=1e-3)
    assert layout.height == 130


def test_a_gap_belongs_to_the_nearest_ccd() -> None:
    sky, maps, _ = mosaic()
    assert sky.ccd_at(45, 10) is None
    assert sky.sky(42, 10) == maps[1].sky(42, 10)
    assert sky.sky(49, 10) == maps[2].sky(-1, 10)
    ra, dec = sky.sky(np.array([42.0, 52.0]), np.array([10.0, 10.0]))
    assert (ra[0], dec[1]) == (maps[1].sky(42, 10)[0], maps[2].sky(2, 10)[1])
    assert sky.pixel(*sky.sky(42, 10)) == pytest.approx((42, 10), abs=1e-3)


def test_directions_on_a_flipped_ccd_are_those_of_the_screen() -> None:
    sky, _, _ = mosaic()
    assert sky.orientation(10, 10) == pytest.approx((0, -90), abs=0.1)
    # N1 is stored turned by 180°, and its own WCS too: on the screen its north is up again.
    assert sky.orientation(10, 100) == pytest.approx((0, -90), abs=0.1)
    assert sky.pixel_scale(10, 100) == pytest.approx(7.3e-5 * 3600, rel=1e-4)
    assert sky.galactic(10, 100)[0] == pytest.approx(to_galactic(*sky.sky(10, 100))[0])


def test_one_broken_ccd_does_not_spoil_a_mosaic() -> None:
    sections = ("[1:40,1:60]", "[51:90,1:60]", "[101:140,1:60]")
    texts = (tangent(), BROKEN["unknown projection"], tangent(crpix=(-50.0, 50.0)))
    headers = [
        header(i, (60, 40), text, DETSEC=where) for i, (text, where) in enumerate(zip(texts, sections, strict=True))
    ]
    sky = MosaicSky(plan(headers), LazySkyMaps({item.hdu: item.header_text for item in headers}))
    assert sky.problem == ""
    assert math.isnan(sky.sky(60, 10)[0])
    assert sky.pixel(*sky.sky(120, 10)) == pytest.approx((120, 10), abs=1e-3)
    broken = MosaicSky(plan(headers), {i: SkyMap(BROKEN["unknown projection"]) for i in range(3)})
    assert "projection" in broken.problem
    assert math.isnan(broken.pixel(59.0, -52.0)[0])

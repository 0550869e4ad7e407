import math

import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st

from toyz.errors import InvalidParameter
from toyz_tiles.position import PixelPosition, SkyPosition, format_sexagesimal, parse_position

RA, DEC = 59.09, -(52 + 48 / 60 + 40 / 3600)


@pytest.mark.parametrize(
    "text",
    [
        "03:56:21.6 -52:48:40",
        " 03:56:21.6, -52:48:40.0 ",
        "03h56m21.6s -52d48m40s",
        "3h56m21.6s -52°48'40\"",
        "03 56 21.6 -52 48 40",
        "59.09 -52.8111111111",
        "59.09, -52.8111111111 icrs",
        "59.09 -52.8111111111 J2000",
        "59.09d -52.8111111111d".replace("d", "°"),
    ],
)
def test_ways_to_write_a_position_on_the_sky(text: str) -> None:
    found = parse_position(text)
    assert isinstance(found, SkyPosition)
    assert found.ra == pytest.approx(RA, abs=1e-9)
    assert found.dec == pytest.approx(DEC, abs=1e-9)


@pytest.mark.parametrize("text", ["265.1, -48.9 gal", "265.1 -48.9 Galactic", "265.1,-48.9gal"])
def test_galactic(text: str) -> None:
    found = parse_position(text)
    expected = SkyCoord(265.1, -48.9, unit="deg", frame="galactic").icrs
    assert isinstance(found, SkyPosition)
    assert (found.ra, found.dec) == pytest.approx((expected.ra.deg, expected.dec.deg), abs=1e-10)


@pytest.mark.parametrize("text", ["1024, 2048.5", "1024,2048.5", "1024 2048.5 px", "1.024e3, 2048.5 pixel"])
def test_pixels(text: str) -> None:
    assert parse_position(text) == PixelPosition(1024, 2048.5)


@pytest.mark.parametrize("text", ["-00:30:00", "-0:30"])
def test_a_declination_just_below_zero(text: str) -> None:
    found = parse_position(f"12:00:00 {text}")
    assert found == SkyPosition(180.0, -0.5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "M31",
        "12",
        "1 2 3",
        "12:60:00 10:00:00",
        "25:00:00 10:00:00",
        "nan nan",
        "1e999, 2",
        "0 91 gal",
        "1" * 5000,
        "1," * 100,
        ": : : :",
    ],
)
def test_what_is_no_position(text: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        parse_position(text)
    assert caught.value.field == "text"
    assert len(caught.value.message) < 200


@given(ra=st.floats(0, 360, exclude_max=True), dec=st.floats(-90, 90))
def test_what_is_written_is_read(ra: float, dec: float) -> None:
    found = parse_position(" ".join(format_sexagesimal(ra, dec)))
    assert isinstance(found, SkyPosition)
    assert math.remainder(found.ra - ra, 360) == pytest.approx(0, abs=15 * 0.00051 / 3600)
    assert found.dec == pytest.approx(dec, abs=0.0051 / 3600)


def test_sixty_is_never_written() -> None:
    assert format_sexagesimal(359.9999999999, 59.99999999999) == ("00:00:00.000", "+60:00:00.00")
    assert format_sexagesimal(0, -0.0000001) == ("00:00:00.000", "-00:00:00.00")
    assert format_sexagesimal(math.nan, 1.0) == ("", "")


@pytest.mark.parametrize("text", ["149.9, 2.1", "149.9 2.1", "149.9,2.1 deg"])
def test_two_numbers_are_degrees_where_they_can_be(text: str) -> None:
    assert parse_position(text) == SkyPosition(149.9, 2.1)
    assert parse_position("149.9, 2.1 px") == PixelPosition(149.9, 2.1)
    assert parse_position("10 95") == PixelPosition(10, 95)

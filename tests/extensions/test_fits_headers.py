"""Headers: cards, the index of HDUs, and the header of an image that was compressed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.extensions.fits_files import header, image, lines, open_source, padded, to_bytes
from toyz.errors import CorruptFile, NotFound
from toyz.readers import Card
from toyz_extensions.fits import FitsReader
from toyz_extensions.fits.cards import Header

pytestmark = pytest.mark.filterwarnings("ignore")


def header_of(*texts: str) -> Header:
    return Header(b"".join(text.encode().ljust(80) for text in texts))


@pytest.mark.parametrize(
    ("line", "parsed"),
    [
        ("OBJECT  = 'M 31    '           / what it is", ("OBJECT", "M 31", "what it is")),
        ("OBJECT  = 'O''Neill / Cygnus' / a slash", ("OBJECT", "O'Neill / Cygnus", "a slash")),
        ("EXPTIME =                 90.0 / [s] time", ("EXPTIME", "90.0", "[s] time")),
        ("FLAG    =                    T", ("FLAG", "T", "")),
        ("EMPTY   =", ("EMPTY", "", "")),
        ("UNDEF   =                      / nothing", ("UNDEF", "", "nothing")),
        ("OPEN    = 'no end", ("OPEN", "no end", "")),
        ("COMMENT   free = 'text' & more", ("COMMENT", "  free = 'text' & more", "")),
        ("HISTORY", ("HISTORY", "", "")),
        ("HIERARCH ESO DET CHIP1 X = 12 / chip", ("HIERARCH ESO DET CHIP1 X", "12", "chip")),
        ("NOVALUE this is not a value", ("NOVALUE", "this is not a value", "")),
        ("EVIL    = '<script>alert(1)</script>'", ("EVIL", "<script>alert(1)</script>", "")),
    ],
)
def test_cards(line: str, parsed: tuple[str, str, str]) -> None:
    assert header_of(line).cards() == [Card(*parsed)]


def test_long_strings_are_joined() -> None:
    text = "".join(f"part {number} of a long 'string', " for number in range(20))
    written = fits.Header([("LONG", text.rstrip(), "its comment"), ("AFTER", 1)])
    found = Header(written.tostring(endcard=False, padding=False).encode()).cards()
    assert (found[0].keyword, found[0].value) == ("LONG", text.rstrip())
    assert found[1] == Card("AFTER", "1", "")


def test_a_continuation_of_nothing_is_shown_as_it_is() -> None:
    found = header_of("A       = 'x'", "CONTINUE  'y'", "B       = 'x&'", "CONTINUE  'y&'").cards()
    assert [card.value for card in found[:2]] == ["x", "  'y'"]
    assert found[2].value == "xy&"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes_are_cards(data: bytes) -> None:
    header = Header(data.ljust(-(-len(data) // 80) * 80))
    cards = header.cards()
    assert len(cards) <= len(header)
    for card in cards:
        assert all(" " <= letter <= "~" for letter in card.keyword + card.value + card.comment)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-7", -7),
        ("+3", 3),
        ("5 / c", 5),
        ("5.0", None),
        ("5\0\0", 5),
        ("T", None),
        ("'5'", None),
        ("9" * 60, int("9" * 60)),
    ],
)
def test_integers(text: str, value: int | None) -> None:
    assert header_of(f"N       = {text}").integer("N") == value


def test_reals_and_the_first_of_two_cards() -> None:
    header = header_of("A       = 1.5D3", "A       = 2", "B       = .5", "C       = NaN", "D")
    assert header.real("A", 0) == 1500
    assert header.real("B", 0) == 0.5
    assert header.real("D", 7) == header.real("E", 7) == 7
    with pytest.raises(ValueError, match="C is not a number"):
        header.real("C", 0)


def exposure(ccds: int = 5, extra: int = 40) -> bytes:
    hdus = [fits.PrimaryHDU()]
    for number in range(ccds):
        hdu = fits.ImageHDU(np.full((20, 30), number, np.int16), name=f"N{number}")
        hdu.header["BUNIT"] = "adu"
        for key in range(extra):
            hdu.header[f"KEY{key}"] = key
        hdus.append(hdu)
    return to_bytes(fits.HDUList(hdus))


@pytest.mark.parametrize("extra", [0, 40, 300, 1500])
def test_the_index_finds_every_hdu(tmp_path: Path, extra: int) -> None:
    path = tmp_path / "mef.fits"
    path.write_bytes(exposure(extra=extra))
    source = open_source(path)
    assert [(info.name, info.unit) for info in source.hdus] == [("", ""), *((f"N{n}", "adu") for n in range(5))]
    with fits.open(path) as hdus:
        for number, hdu in enumerate(hdus):
            assert source._hdus[number].data == hdu.fileinfo()["datLoc"]
            assert source._hdus[number].end == hdu.fileinfo()["datLoc"] + hdu.fileinfo()["datSpan"]
            assert len(source.cards(number)) == len(hdu.header)
    assert not source.warnings
    with pytest.raises(NotFound):
        source.cards(6)


@pytest.mark.parametrize(
    ("tail", "warning"),
    [
        (b"", ""),
        (b"\0" * 5760, ""),
        (b" " * 100, ""),
        (b"junk" * 900, "not a FITS extension"),
        (header(["XTENSION= 'IMAGE   '"], end=False)[:80] + b" " * 8000, "no END"),
        (header(lines("IMAGE", BITPIX=7, NAXIS=0)), "BITPIX = 7"),
    ],
    ids=["nothing", "zeros", "blanks", "junk", "endless", "wrong"],
)
def test_what_follows_the_last_hdu(tmp_path: Path, tail: bytes, warning: str) -> None:
    path = tmp_path / "tail.fits"
    path.write_bytes(exposure(1) + tail)
    source = open_source(path)
    assert [info.kind for info in source.hdus][:2] == ["empty", "image"]
    assert bool(source.warnings) == bool(warning)
    assert warning in " ".join(source.warnings)


def test_a_missing_end_does_not_hide_the_data(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(-999, 999, (60, 70), dtype=np.int16)
    head = header(lines(BITPIX=16, NAXIS=2, NAXIS1=70, NAXIS2=60), end=False)
    path = tmp_path / "endless.fits"
    path.write_bytes(head + padded(pixels.astype(">i2").tobytes()))
    source = open_source(path)
    assert "no END" in source.warnings[0]
    np.testing.assert_array_equal(source.raster(0).read(0, 60, 0, 70), pixels)


@pytest.mark.parametrize(
    "data", [b"", b"SIMPLE", b"PK\3\4 not FITS", b"\0" * 5760], ids=["empty", "short", "zip", "null"]
)
def test_what_is_no_fits_file_says_so(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.fits"
    path.write_bytes(data)
    with pytest.raises(CorruptFile) as caught:
        open_source(path)
    assert "empty" in caught.value.message or "not a FITS file" in caught.value.message


def test_sniffing() -> None:
    reader = FitsReader()
    assert reader.sniff("anything", b"SIMPLE  =                    T")
    assert reader.sniff("a.FITS", b"")
    assert reader.sniff("a.fits.fz", b"garbage")
    assert not reader.sniff("a.fits", b"\x1f\x8b\x08")
    assert not reader.sniff("a.png", b"\x89PNG")
    assert reader.name == "FITS"


CELESTIAL: dict[str, Any] = {
    "CTYPE1": "RA---TAN",
    "CTYPE2": "DEC--TAN",
    "CRVAL1": 10.5,
    "CRVAL2": -33.25,
    "CRPIX1": 20.0,
    "CRPIX2": 11.5,
    "CD1_1": -7e-5,
    "CD1_2": 1e-6,
    "CD2_1": 1e-6,
    "CD2_2": 7e-5,
}


@pytest.mark.parametrize("codec", ["RICE_1", "GZIP_1"])
def test_the_header_of_a_compressed_image(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "a.fits.fz"
    hdu = fits.CompImageHDU(np.zeros((3, 20, 30), np.int16), compression_type=codec, name="N4")
    hdu.header.update(CELESTIAL)
    hdu.header["BLANK"] = -5
    hdu.header.add_history("kept")
    hdu.writeto(path)
    text = open_source(path).header_text(1)
    assert len(text) % 2880 == 0
    ours = fits.Header.fromstring(text)
    with fits.open(path) as hdus:
        theirs = hdus[1].header
    assert list(ours)[:8] == ["XTENSION", "BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "NAXIS3", "PCOUNT", "GCOUNT"]
    for keyword in set(theirs) - {"", "COMMENT", "HISTORY"}:
        assert ours[keyword] == theirs[keyword], keyword
    assert not [keyword for keyword in ours if keyword.startswith(("Z", "TFORM", "TTYPE", "TFIELDS"))]
    np.testing.assert_allclose(
        WCS(ours, naxis=2).wcs_pix2world([[3, 4]], 0), WCS(theirs, naxis=2).wcs_pix2world([[3, 4]], 0), rtol=1e-15
    )


def test_inherited_cards(tmp_path: Path) -> None:
    primary = header(lines(BITPIX=8, NAXIS=0, EXTEND=True, EQUINOX=2000.0, OBJECT="M 31", CRVAL1=1.0))
    path = tmp_path / "a.fits"
    pixels = np.zeros((4, 4), np.int16)
    path.write_bytes(primary + image(pixels, "IMAGE", PCOUNT=0, GCOUNT=1, INHERIT=True, CRVAL1=5.0))
    source = open_source(path)
    found = fits.Header.fromstring(source.header_text(1))
    assert (found["EQUINOX"], found["OBJECT"], found["CRVAL1"]) == (2000.0, "M 31", 5.0)
    assert "EQUINOX" not in [card.keyword for card in source.cards(1)]
    path.write_bytes(primary + image(pixels, "IMAGE", PCOUNT=0, GCOUNT=1, INHERIT=False))
    assert "EQUINOX" not in fits.Header.fromstring(open_source(path).header_text(1))


def test_header_text_is_ascii_whatever_the_file_holds(tmp_path: Path) -> None:
    data = bytearray(image(np.zeros((4, 4), np.int16), OBJECT="M 31"))
    data[data.index(b"M 31") : data.index(b"M 31") + 2] = b"\xff\x00"
    path = tmp_path / "a.fits"
    path.write_bytes(bytes(data))
    text = open_source(path).header_text(0)
    assert text.isascii()
    assert fits.Header.fromstring(text)["OBJECT"] == "  31"

"""The headers of an exposure, as the Community Pipeline writes those of its InstCal products."""

from astropy.coordinates import Angle
from astropy.io.fits import Header

from toyz_exposures.focal_plane import Ccd, FocalPlane, Section
from toyz_exposures.sizes import Size
from toyz_exposures.sky import LEVEL
from toyz_exposures.tpv import TERMS, plane_to_sky

POINTING = (150.1166, 2.2058)
"""RA and Dec of the tangent point in degrees: the field of COSMOS, which DECam has often seen."""
EXPTIME = 200.0

Value = bool | int | float | str
Card = tuple[str, Value, str]


def _fill(header: Header, cards: list[Card]) -> Header:
    for keyword, value, comment in cards:
        header.append((keyword, value, comment), end=True)
    return header


_INSTRUMENT: list[Card] = [
    ("OBJECT", "Toyz simulated field", "name of the field"),
    ("OBSTYPE", "object", "type of observation"),
    ("PROCTYPE", "InstCal", "data processing level"),
    ("PRODTYPE", "image", "data product type"),
    ("INSTRUME", "DECam", "instrument"),
    ("DETECTOR", "DECam", "detector"),
    ("TELESCOP", "CTIO 4.0-m telescope", "telescope"),
    ("OBSERVAT", "CTIO", "observatory"),
    ("OBS-LONG", 70.81489, "[deg] west longitude of the observatory"),
    ("OBS-LAT", -30.16606, "[deg] latitude of the observatory"),
    ("OBS-ELEV", 2215.0, "[m] elevation of the observatory"),
    ("FILTER", "g DECam SDSS c0001 4720.0 1520.0", "unique filter identifier"),
    ("BAND", "g", "filter band"),
    ("EXPTIME", EXPTIME, "[s] exposure time"),
    ("DARKTIME", EXPTIME + 1.1, "[s] dark time"),
    ("DATE-OBS", "2017-03-01T04:36:00.000", "start of the exposure (UTC)"),
    ("MJD-OBS", 57813.191666667, "[d] MJD of DATE-OBS"),
    ("TIMESYS", "UTC", "time system"),
    ("AIRMASS", 1.19, "airmass"),
]


def _field_cards(plane: FocalPlane, size: Size) -> list[Card]:
    ra, dec = Angle(POINTING[0], "deg"), Angle(POINTING[1], "deg")
    detsize = Section(1, plane.detsize[0], 1, plane.detsize[1])
    return [
        ("RA", ra.to_string(unit="hour", sep=":", precision=3, pad=True), "[h] RA of the tangent point"),
        ("DEC", dec.to_string(sep=":", precision=2, pad=True, alwayssign=True), "[deg] Dec of the tangent point"),
        ("TELEQUIN", 2000.0, "equinox of telescope coordinates"),
        ("CENTRA", POINTING[0], "[deg] RA of the centre"),
        ("CENTDEC", POINTING[1], "[deg] Dec of the centre"),
        ("RADESYS", "ICRS", "world coordinate reference frame"),
        ("EQUINOX", 2000.0, "equinox of the coordinates"),
        ("DETSIZE", str(detsize), "size of the mosaic"),
        ("PIXSCAL1", 0.27 * plane.scale, "[arcsec/pixel] nominal scale, axis 1"),
        ("PIXSCAL2", 0.27 * plane.scale, "[arcsec/pixel] nominal scale, axis 2"),
        ("MAGZERO", size.magzero, "[mag] magnitude of 1 adu"),
        ("SKYLEVEL", LEVEL, "[adu] sky in the middle of the field"),
        ("SEEING", size.fwhm, "[pix] FWHM of a star in the middle of the field"),
    ]


def primary_header(plane: FocalPlane, size: Size, seed: int, ccds: int) -> Header:
    """Make the header of the primary HDU, which holds no pixels.

    Parameters
    ----------
    plane : FocalPlane
    size : Size
    seed : int
    ccds : int
        How many extensions follow.
    """
    cards: list[Card] = [
        ("SIMPLE", True, "conforms to the FITS standard"),
        ("BITPIX", 8, "no pixels here"),
        ("NAXIS", 0, "the CCDs follow as extensions"),
        ("EXTEND", True, ""),
        ("NEXTEND", ccds, "number of extensions"),
        ("ORIGIN", "Toyz", "made by toyz make-exposure"),
        ("SIMULATE", True, "these pixels were never observed"),
        ("SEED", seed, "of the random numbers"),
        ("EXPNUM", seed, "exposure number"),
    ]
    return _fill(Header(), [*cards, *_INSTRUMENT, *_field_cards(plane, size)])


def _amplifier_cards(ccd: Ccd) -> list[Card]:
    cards: list[Card] = []
    for amplifier in ccd.amplifiers:
        name, data = amplifier.name, amplifier.data
        cards += [
            (f"GAIN{name}", amplifier.gain, f"[electron/adu] gain of amplifier {name}"),
            (f"RDNOISE{name}", amplifier.read_noise, f"[electron] read noise of amplifier {name}"),
            (f"SATURAT{name}", amplifier.saturation, f"[adu] saturation of amplifier {name}"),
            (f"DATASEC{name}", str(data), f"pixels of amplifier {name}"),
        ]
    cards.append(("SATURATE", max(amplifier.saturation for amplifier in ccd.amplifiers), "[adu] saturation"))
    return cards


def _wcs_cards(ccd: Ccd) -> list[Card]:
    tpv = ccd.tpv
    cards: list[Card] = [
        ("WCSAXES", 2, "number of world coordinates"),
        ("CTYPE1", "RA---TPV", "gnomonic with a polynomial"),
        ("CTYPE2", "DEC--TPV", "gnomonic with a polynomial"),
        ("CUNIT1", "deg", "unit of axis 1"),
        ("CUNIT2", "deg", "unit of axis 2"),
        ("CRVAL1", POINTING[0], "[deg] RA of the tangent point"),
        ("CRVAL2", POINTING[1], "[deg] Dec of the tangent point"),
        ("CRPIX1", tpv.crpix[0], "[pix] tangent point"),
        ("CRPIX2", tpv.crpix[1], "[pix] tangent point"),
    ]
    names = ("CD1_1", "CD1_2", "CD2_1", "CD2_2")
    cards += [(name, value, "[deg/pix] linear terms") for name, value in zip(names, tpv.cd, strict=True)]
    for axis, values in ((1, tpv.pv1), (2, tpv.pv2)):
        cards += [(f"PV{axis}_{term}", value, "distortion") for term, value in zip(TERMS, values, strict=True)]
    return cards


def ccd_header(ccd: Ccd) -> Header:
    """Make the header of the extension that holds a CCD, without the cards of its structure."""
    ny, nx = ccd.shape
    xi, eta = ccd.tpv.to_plane((nx + 1) / 2, (ny + 1) / 2)  # type: ignore[arg-type]
    ra, dec = plane_to_sky(xi, eta, *POINTING)
    cards: list[Card] = [
        ("EXTNAME", ccd.name, "position of the CCD"),
        ("INHERIT", True, "inherits the primary header"),
        ("CCDNUM", ccd.number, "CCD number"),
        ("DETPOS", ccd.name, "position of the CCD"),
        ("DETECTOR", ccd.detector, "serial number"),
        ("DETSEC", str(ccd.detector_section), "where DATASEC lies in the mosaic"),
        ("DATASEC", str(ccd.data), "the pixels that DETSEC speaks of"),
        ("CCDSEC", str(ccd.ccd_section), "the same, in pixels of the whole CCD"),
        ("BUNIT", "adu", "unit of the pixels"),
        *_amplifier_cards(ccd),
        ("AVSKY", LEVEL, "[adu] mean sky"),
        ("CENRA1", round(float(ra), 6), "[deg] RA of the middle of the CCD"),
        ("CENDEC1", round(float(dec), 6), "[deg] Dec of the middle of the CCD"),
        ("RADESYS", "ICRS", "world coordinate reference frame"),
        ("EQUINOX", 2000.0, "equinox of the coordinates"),
        *_wcs_cards(ccd),
    ]
    return _fill(Header(), cards)

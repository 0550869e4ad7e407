"""Use astropy's coordinates once, so that they load their tables before the sandbox closes."""

import astropy.wcs
import regions
from astropy.coordinates import SkyCoord
from astropy.time import Time
from astropy.utils import iers


def warm() -> None:
    """Transform a position and a time; keep astropy from the network from now on."""
    iers.conf.auto_download = False
    wcs = astropy.wcs.WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [10.0, -30.0]
    wcs.all_world2pix([[10.1, -30.1]], 1)
    sky = SkyCoord(10.0, -30.0, unit="deg", equinox="J2000", frame="fk5")
    sky.icrs.galactic.to_string("decimal")
    sky.to_string("hmsdms")
    Time("2015-01-01T00:00:00", scale="utc").tdb.to_value("mjd")
    _warm_regions()


def _warm_regions() -> None:
    # The parsers of angles load theirs of numbers and units when they first see one.
    for text in ('fk5\ncircle(10:00:00.0,+32:00:00,3.0") # text={a}', "galactic\nbox(10h30m1s,3d2m1s,3',1d,4)"):
        (region,) = regions.Regions.parse(text, format="ds9")
        region.serialize(format="ds9")
        region.center.icrs.transform_to("galactic")
    regions.Regions.parse("circle[[10.5deg, 2deg], 3arcsec], coord=J2000, label='a'", format="crtf")

"""The true catalog of a made exposure: what was put where."""

import io
from dataclasses import dataclass

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from toyz_exposures.ccd_image import find_objects
from toyz_exposures.focal_plane import Ccd
from toyz_exposures.headers import POINTING
from toyz_exposures.population import KINDS
from toyz_exposures.scene import Scene
from toyz_exposures.tpv import plane_to_sky

Floats = NDArray[np.float64]

_README = (
    "The objects of a simulated exposure, as they were put into its pixels.",
    "x and y are pixels of the CCD, 1-based, centres at integers, as in FITS.",
    "Objects whose centre falls into a gap are not listed; they may still light an edge.",
    "radius: half-light radius along the major axis; ellipticity: 1 - b/a;",
    "angle: of the major axis, from north through east. Zero for stars.",
)
_UNITS = {"ra": "deg", "dec": "deg", "x": "pix", "y": "pix", "mag": "mag", "radius": "arcsec", "angle": "deg"}
_FORMATS = {"f8": "D", "f4": "E", "i4": "J", "i2": "I"}


@dataclass(frozen=True)
class Truth:
    """The catalog as columns of one length, named as in the file."""

    columns: dict[str, NDArray[np.generic]]

    def __len__(self) -> int:
        return len(self.columns["id"])


def list_truth(scene: Scene, ccds: tuple[Ccd, ...]) -> Truth:
    """List the objects whose centre falls on one of these CCDs, in the order they were drawn."""
    people = scene.population
    number = np.zeros(len(people), dtype=np.int16)
    x, y = np.zeros(len(people)), np.zeros(len(people))
    for ccd in ccds:
        ny, nx = ccd.shape
        indices, column, row = find_objects(scene, ccd)
        here = (column >= -0.5) & (column < nx - 0.5) & (row >= -0.5) & (row < ny - 0.5)
        ours = indices[here]
        number[ours], x[ours], y[ours] = ccd.number, column[here] + 1.0, row[here] + 1.0
    listed = np.flatnonzero(number)
    ra, dec = plane_to_sky(people.xi[listed], people.eta[listed], *POINTING)
    names = {ccd.number: ccd.name for ccd in ccds}
    return Truth(
        {
            "id": (listed + 1).astype(np.int32),
            "ra": ra,
            "dec": dec,
            "ccdnum": number[listed],
            "ccd": np.array([names[one] for one in number[listed]], dtype="S3"),
            "x": x[listed],
            "y": y[listed],
            "mag": people.magnitude[listed].astype(np.float32),
            "kind": np.array(KINDS, dtype="S13")[people.kind[listed]],
            "radius": people.radius[listed].astype(np.float32),
            "ellipticity": people.ellipticity[listed].astype(np.float32),
            "angle": people.angle[listed].astype(np.float32),
        }
    )


def _column(name: str, values: NDArray[np.generic]) -> fits.Column:
    kind = values.dtype
    form = f"{kind.itemsize}A" if kind.kind == "S" else _FORMATS[kind.str[1:]]
    return fits.Column(name=name, format=form, unit=_UNITS.get(name), array=values)


def encode_catalog(truth: Truth, exposure: str, seed: int) -> bytes:
    """Encode a catalog as a FITS file with one binary table.

    Parameters
    ----------
    truth : Truth
    exposure : str
        What the exposure is called, without the ending.
    seed : int
    """
    table = fits.BinTableHDU.from_columns([_column(name, values) for name, values in truth.columns.items()])
    table.header["EXTNAME"] = ("CATALOG", "true catalog")
    table.header["EXPOSURE"] = (exposure, "the exposure")
    table.header["SEED"] = (seed, "of the random numbers")
    table.header["RADESYS"] = ("ICRS", "frame of ra and dec")
    for line in _README:
        table.header.add_comment(line)
    target = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(target)
    return target.getvalue()

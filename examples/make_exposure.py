"""Make a small exposure of DECam and look at it through its own catalog.

Run it with a folder: ``python examples/make_exposure.py /tmp``. The exposure lies there as
``example.fits`` afterwards, its true catalog as ``example.catalog.fits``.
"""

import sys
from pathlib import Path

from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS

from toyz_exposures import make_exposure


def main(folder: Path) -> None:
    """Make the exposure, and print the brightest stars with the light found at their places."""
    made = make_exposure(
        folder / "example.fits",
        size="small",
        seed=7,
        overwrite=True,
        progress=lambda fraction, message: print(f"\r{fraction:4.0%}  {message:20}", end="", flush=True),
    )
    print(f"\r{made.ccds} CCDs and {made.objects} objects in {made.size / 1e6:.0f} MB")
    catalog = Table.read(made.catalog, hdu=1)
    stars = catalog[catalog["kind"] == "star"]
    stars.sort("mag")
    with fits.open(made.path) as file:
        for star in stars[:5]:
            hdu = file[star["ccd"]]
            x, y = WCS(hdu.header).all_world2pix(star["ra"], star["dec"], 1)
            # FITS counts pixels from 1, numpy from 0, and rows come first.
            value = hdu.data[round(float(y)) - 1, round(float(x)) - 1]
            print(f"{star['ccd']:>4}  x {x:7.2f}  y {y:7.2f}  magnitude {star['mag']:5.2f}  {value:9.1f} adu")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path())

"""The two sizes of exposure that can be made, and what differs between them."""

from typing import Literal

import msgspec

SizeName = Literal["small", "decam"]


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """What an exposure of a size is made with.

    Attributes
    ----------
    scale : int
        Pixels of DECam in a pixel, along each axis.
    fwhm : float
        Of the point spread function in the middle of the field, in pixels.
    magzero : float
        Magnitude of 1 adu.
    faintest : float
        Magnitude at which the counts of stars and galaxies end.
    cosmic_rays : float
        Mean number on a CCD.
    bad_columns, hot_pixels : float
        Mean number on a CCD.
    """

    scale: int
    fwhm: float
    magzero: float
    faintest: float
    cosmic_rays: float
    bad_columns: float
    hot_pixels: float


SIZES: dict[str, Size] = {
    # The zero point is MAGZERO of the exposure that focal_plane.csv comes from (g, 200 s).
    "decam": Size(
        scale=1, fwhm=4.2, magzero=30.332, faintest=23.8, cosmic_rays=220.0, bad_columns=2.5, hot_pixels=60.0
    ),
    # A coarse pixel is 2.1 arcsec. As through a smaller telescope: the seeing is as wide as the
    # pixels need, the stars are fainter, and the counts end where galaxies would begin to overlap.
    "small": Size(scale=8, fwhm=2.6, magzero=27.0, faintest=20.3, cosmic_rays=8.0, bad_columns=0.6, hot_pixels=4.0),
}

"""The headers of a made DECam exposure, as `plan` takes them."""

from toyz_exposures.focal_plane import Ccd, focal_plane
from toyz_exposures.headers import ccd_header
from toyz_tiles.mosaic_plan import HduHeader

_CARDS = ("DETSEC", "DATASEC", "DATASECA", "DATASECB")


def exposure_headers(scale: int = 1) -> list[HduHeader]:
    """All CCDs, HDU 1 to 61, in pixels `scale` times DECam's."""
    return [_header(hdu, ccd) for hdu, ccd in enumerate(focal_plane(scale).ccds, 1)]


def _header(hdu: int, ccd: Ccd) -> HduHeader:
    header = ccd_header(ccd)
    header["NAXIS"], header["NAXIS1"], header["NAXIS2"] = 2, ccd.shape[1], ccd.shape[0]
    cards = {keyword: str(header[keyword]) for keyword in _CARDS}
    return HduHeader(hdu=hdu, name=ccd.name, shape=ccd.shape, cards=cards, header_text=header.tostring())

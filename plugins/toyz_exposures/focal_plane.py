"""The focal plane of DECam: its CCDs, their sections, amplifiers and projections, in two sizes."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from toyz.errors import InvalidParameter
from toyz_exposures.tpv import TERMS, Tpv

# Common to all CCDs, degrees a pixel; from the header that focal_plane.csv names.
CD = (-9.78422988369e-08, 7.28624846036e-05, -7.286465045391e-05, -9.446717298696e-08)
CCDS = 61
_DETSIZE = (29400, 29050)
_NX, _NY = 2046, 4094  # the pipeline trims one pixel on each side of 2048 × 4096
_INSET = 3  # pixels of the image on each side that DETSEC leaves out
_HALF = 1023  # columns of the image read by the left amplifier


@dataclass(frozen=True)
class Section:
    """A rectangle of pixels as FITS headers write it: 1-based, ends included."""

    x0: int
    x1: int
    y0: int
    y1: int

    def __str__(self) -> str:
        return f"[{self.x0}:{self.x1},{self.y0}:{self.y1}]"

    @property
    def shape(self) -> tuple[int, int]:
        """``(ny, nx)``."""
        return self.y1 - self.y0 + 1, self.x1 - self.x0 + 1


@dataclass(frozen=True)
class Amplifier:
    """One half of a CCD, read by an electronics chain of its own.

    Attributes
    ----------
    name : str
        ``A`` or ``B``.
    data : Section
        Its pixels in the image.
    gain : float
        Electrons an adu.
    read_noise : float
        Electrons.
    saturation : float
        In adu.
    """

    name: str
    data: Section
    gain: float
    read_noise: float
    saturation: float


@dataclass(frozen=True)
class Ccd:
    """A CCD of the focal plane, in pixels of the chosen size.

    Attributes
    ----------
    name : str
        Position in the focal plane, ``S29`` to ``N31``.
    number : int
        CCDNUM, 1 to 62 without 61.
    detector : str
        Serial number.
    shape : tuple of int
        ``(ny, nx)`` of the image.
    detector_section : Section
        DETSEC: where `data` lies in the mosaic.
    data : Section
        DATASEC: the pixels of the image that DETSEC speaks of.
    ccd_section : Section
        CCDSEC: the same in pixels of the whole CCD, whose edges the pipeline trims.
    left, right : Amplifier
    tpv : Tpv
    """

    name: str
    number: int
    detector: str
    shape: tuple[int, int]
    detector_section: Section
    data: Section
    ccd_section: Section
    left: Amplifier
    right: Amplifier
    tpv: Tpv

    @property
    def amplifiers(self) -> tuple[Amplifier, Amplifier]:
        """A, then B."""
        return (self.left, self.right) if self.left.name == "A" else (self.right, self.left)


@dataclass(frozen=True)
class FocalPlane:
    """All CCDs, and the size of the mosaic in pixels as ``(width, height)``."""

    detsize: tuple[int, int]
    scale: int
    ccds: tuple[Ccd, ...]


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = resources.files("toyz_exposures").joinpath("focal_plane.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def _coarse(pixel: int, scale: int) -> int:
    """Number the coarse pixel that begins at this fine pixel of the detector (one of 1, 5, 2053, ...)."""
    return pixel if scale == 1 else round((pixel - 5) / scale) + 1


def _amplifiers(row: dict[str, str], shape: tuple[int, int], scale: int) -> tuple[Amplifier, Amplifier]:
    # Amplifier A reads the right half of the southern CCDs and the left half of the northern ones.
    names = ("a", "b") if row["detpos"].startswith("N") else ("b", "a")
    split = _HALF if scale == 1 else (_HALF - _INSET) // scale
    sections = (Section(1, split, 1, shape[0]), Section(split + 1, shape[1], 1, shape[0]))
    left, right = (
        Amplifier(
            name=name.upper(),
            data=section,
            gain=float(row[f"gain_{name}"]),
            read_noise=float(row[f"rdnoise_{name}"]),
            saturation=float(row[f"saturate_{name}"]),
        )
        for name, section in zip(names, sections, strict=True)
    )
    return left, right


def _ccd(row: dict[str, str], scale: int) -> Ccd:
    x0, x1, y0, y1 = (int(row[f"det_{edge}"]) for edge in ("x0", "x1", "y0", "y1"))
    inset, trimmed = (_INSET, _INSET + 1) if scale == 1 else (0, 0)
    ny, nx = (y1 - y0 + 1) // scale, (x1 - x0 + 1) // scale
    shape = (ny + 2 * inset, nx + 2 * inset)
    left_edge, bottom = _coarse(x0, scale), _coarse(y0, scale)
    # A coarse pixel covers `scale` fine ones, from the first one that DETSEC names.
    skipped = _INSET + 0.5 if scale > 1 else 0.5
    crpix = tuple((float(row[f"crpix{axis}"]) - skipped) / scale + 0.5 for axis in (1, 2))
    left, right = _amplifiers(row, shape, scale)
    return Ccd(
        name=row["detpos"],
        number=int(row["ccdnum"]),
        detector=row["detector"],
        shape=shape,
        detector_section=Section(left_edge, left_edge + nx - 1, bottom, bottom + ny - 1),
        data=Section(inset + 1, inset + nx, inset + 1, inset + ny),
        ccd_section=Section(trimmed + 1, trimmed + nx, trimmed + 1, trimmed + ny),
        left=left,
        right=right,
        tpv=Tpv(
            crpix=(crpix[0], crpix[1]),
            cd=(CD[0] * scale, CD[1] * scale, CD[2] * scale, CD[3] * scale),
            pv1=tuple(float(row[f"pv1_{term}"]) for term in TERMS),
            pv2=tuple(float(row[f"pv2_{term}"]) for term in TERMS),
        ),
    )


@cache
def focal_plane(scale: int = 1) -> FocalPlane:
    """Describe the focal plane with pixels `scale` times the real ones.

    Parameters
    ----------
    scale : int
        1 for DECam's own pixels, 2046 × 4094 a CCD; 8 for 255 × 511.

    Raises
    ------
    InvalidParameter
        If the sections do not divide by it.
    """
    if scale < 1 or 2040 % scale or 4088 % scale:
        raise InvalidParameter(f"a CCD cannot be binned by {scale}", field="scale")
    width, height = (-(-length // scale) for length in _DETSIZE)
    return FocalPlane(detsize=(width, height), scale=scale, ccds=tuple(_ccd(row, scale) for row in _rows()))

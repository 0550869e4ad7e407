"""A lens as it was marked: its redshift, its sources, their images in the order of their arrival, and delays."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from toyz_glass.core.distances import Cosmology, check_redshifts, days_per_square_arcsec, standard_cosmology, z_cap
from toyz_glass.core.errors import BadInput
from toyz_glass.core.grid import Grid
from toyz_glass.core.potentials import Potential

if TYPE_CHECKING:
    from toyz_glass.core.condition import Constraint

Array = NDArray[np.float64]
Kind = Literal["min", "saddle", "max"]
FARTHEST = 200.0
"""Arcsec from the lens centre, at most."""
CLOSEST = 1e-3
"""Arcsec between two images of a source, and between an image and the centre, at least."""


@dataclass(frozen=True)
class Image:
    """One image of a source.

    Parameters
    ----------
    x, y : float
        From the lens centre, arcsec, y upwards.
    kind : {"min", "saddle", "max"}
        Of the arrival time.
    """

    x: float
    y: float
    kind: Kind


@dataclass(frozen=True)
class Delay:
    """By how much an image is later than the one before it.

    Parameters
    ----------
    days : float
    error : float
        Standard deviation, days; 0 takes the delay for exact.
    """

    days: float
    error: float = 0.0


@dataclass(frozen=True)
class Source:
    """A source and its images.

    Parameters
    ----------
    z : float
        Its redshift.
    images : sequence of Image
        In the order of their arrival.
    delays : sequence of (Delay or None)
        Of each image but the first against the one before; None where only the order is known. None at all if
        it is empty.
    """

    z: float
    images: Sequence[Image]
    delays: Sequence[Delay | None] = ()

    @property
    def positions(self) -> Array:
        """Of the images, (images, 2), arcsec."""
        return np.array([(image.x, image.y) for image in self.images], float)

    @property
    def known_delays(self) -> list[Delay | None]:
        """Of each image but the first."""
        return list(self.delays) or [None] * (len(self.images) - 1)


@dataclass(frozen=True)
class LensSystem:
    """Everything that a mass map is drawn for.

    Parameters
    ----------
    z : float
        Redshift of the lens.
    sources : sequence of Source
    grid : Grid
    constraints : sequence of Constraint
        See `toyz_glass.core.standard` for those that are usual.
    potentials : sequence of Potential
        Beside the pixels: external shear, other masses.
    cosmology : Cosmology, optional
        Flat with Ωm = 0.28 by default.
    name : str

    Raises
    ------
    BadInput
    """

    z: float
    sources: Sequence[Source]
    grid: Grid
    constraints: "Sequence[Constraint]"
    potentials: Sequence[Potential] = ()
    cosmology: Cosmology = field(default_factory=standard_cosmology)
    name: str = ""

    def __post_init__(self) -> None:
        check_sources(self.z, self.sources)

    @cached_property
    def z_caps(self) -> tuple[float, ...]:
        """For each source d(0, source) / d(lens, source)."""
        return tuple(z_cap(self.cosmology, self.z, source.z) for source in self.sources)

    @cached_property
    def days(self) -> float:
        """How many days an arrival time of one arcsec² is, were H0 100 km/s/Mpc."""
        return days_per_square_arcsec(self.cosmology, self.z)


def default_maprad(sources: Sequence[Source], pixrad: int) -> float:
    """Give the radius of a map with one ring of pixels outside the outermost image, arcsec."""
    outermost = max(float(np.hypot(*source.positions.T).max()) for source in sources)
    return outermost * pixrad / (pixrad - 1)


def check_sources(z_lens: float, sources: Sequence[Source]) -> None:
    """Refuse marks that are of no lens.

    Raises
    ------
    BadInput
    """
    if not sources:
        raise BadInput("there is no source; mark at least one with two images", "sources")
    for number, source in enumerate(sources):
        place = f"sources[{number}]." if len(sources) > 1 else ""
        check_redshifts(z_lens, source.z)
        _check_images(source, place)
        _check_delays(source, place)


def _check_images(source: Source, place: str) -> None:
    if len(source.images) < 2:
        raise BadInput("there is only one image; a lens model needs at least two of a source", f"{place}images")
    for number, image in enumerate(source.images):
        at = f"{place}images[{number}]"
        if not (np.isfinite(image.x) and np.isfinite(image.y)):
            raise BadInput(f"({image.x}, {image.y}) is no position", at)
        if not CLOSEST < np.hypot(image.x, image.y) < FARTHEST:
            raise BadInput(f"it is at the lens centre, or more than {FARTHEST:g}″ from it", at)
        if image.kind not in get_args(Kind):
            raise BadInput(f"{image.kind!r} is none of min, saddle and max", at)
    for later, one in enumerate(source.images):
        for earlier, other in enumerate(source.images[:later]):
            if np.hypot(one.x - other.x, one.y - other.y) < CLOSEST:
                raise BadInput(f"it lies on image {earlier + 1}; move one of the two", f"{place}images[{later}]")


def _check_delays(source: Source, place: str) -> None:
    if source.delays and len(source.delays) != len(source.images) - 1:
        raise BadInput(
            f"there are {len(source.delays)}; it is one for each of the {len(source.images)} images but the first",
            f"{place}delays",
        )
    for number, delay in enumerate(source.delays):
        if delay is None:
            continue
        if not (np.isfinite(delay.days) and np.isfinite(delay.error) and delay.days >= 0 and delay.error >= 0):
            raise BadInput(
                "images stand in the order of their arrival: a delay is 0 or more days, and so is its error",
                f"{place}delays[{number}]",
            )

"""What single pixels are asked."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toyz_glass.core.affine import Affine
from toyz_glass.core.condition import Condition
from toyz_glass.core.errors import BadInput
from toyz_glass.core.forms import Forms

Array = NDArray[np.float64]


def _weighted(forms: Forms, weights: Array) -> Affine:
    return Affine(weights @ forms.kappa.coefficients, weights @ forms.kappa.constants)


@dataclass(frozen=True)
class LocalGradient:
    """The convergence grows towards the centre: its gradient points within an angle of there.

    (κ_w − κ_e, κ_s − κ_n) · Rot(±(90° − angle)) r ≥ 0 at every pixel r but the central one; outside the map
    the convergence is 0.

    Parameters
    ----------
    angle : float
        Degrees, above 0 and at most 90.

    Notes
    -----
    Saha & Williams 1997, MNRAS 292, 148, section 2.3.
    """

    angle: float = 45.0
    name: str = "local gradient"

    def __post_init__(self) -> None:
        if not 0 < self.angle <= 90:
            raise BadInput(f"the angle is {self.angle} degrees; it is above 0 and at most 90", self.name)

    def conditions(self, forms: Forms) -> Iterator[Condition]:
        """Give two sums for each pixel but the central one."""
        grid = forms.lens.grid
        others = np.flatnonzero(np.arange(len(grid)) != grid.centre)
        east, west, north, south = grid.neighbours
        inwards_x, inwards_y = _weighted(forms, (west - east)[others]), _weighted(forms, (south - north)[others])
        x, y = (grid.positions[others] / grid.radii[others, None]).T
        turn = np.radians(90 - self.angle)
        about = f"the mass grows towards the centre, within {self.angle:g} degrees"
        for cos, sin in ((np.cos(turn), np.sin(turn)), (np.cos(turn), -np.sin(turn))):
            yield Condition(inwards_x * (cos * x - sin * y) + inwards_y * (sin * x + cos * y), about)


@dataclass(frozen=True)
class Smoothness:
    """No pixel has more than so many times the mean of its neighbours, of which there are up to eight.

    Parameters
    ----------
    factor : float
    centre : bool
        Whether the central pixel is asked too.

    Notes
    -----
    Saha & Williams 1997, section 2.3.
    """

    factor: float = 2.0
    centre: bool = False
    name: str = "smoothness"

    def conditions(self, forms: Forms) -> Iterator[Condition]:
        """Give a sum for each pixel."""
        grid = forms.lens.grid
        asked = np.flatnonzero(np.full(len(grid), self.centre) | (np.arange(len(grid)) != grid.centre))
        weights = self.factor * grid.around - np.eye(len(grid))
        yield Condition(
            _weighted(forms, weights[asked]), f"no pixel has over {self.factor:g} times its neighbours' mean"
        )


@dataclass(frozen=True)
class MinimumKappa:
    """Every pixel has at least so much.

    Parameters
    ----------
    least : float
        For a source at infinity. No pixel has less than 0 without this rule either.
    """

    least: float
    name: str = "minimum kappa"

    def conditions(self, forms: Forms) -> Iterator[Condition]:
        """Give a sum for each pixel."""
        yield Condition(forms.free_kappa - self.least, f"every pixel has at least {self.least:g}")


@dataclass(frozen=True)
class MaximumKappa:
    """Every pixel has at most so much; the central one may have more.

    Parameters
    ----------
    most : float
        For a source at infinity.
    centre : bool
        Whether the central pixel is asked too.
    """

    most: float
    centre: bool = False
    name: str = "maximum kappa"

    def conditions(self, forms: Forms) -> Iterator[Condition]:
        """Give a sum for each pixel."""
        grid = forms.lens.grid
        asked = np.flatnonzero(np.full(len(grid), self.centre) | (np.arange(len(grid)) != grid.centre))
        yield Condition(self.most - forms.kappa[asked], f"every pixel has at most {self.most:g}")


@dataclass(frozen=True)
class CentralMaximum:
    """No pixel has more than the central one."""

    name: str = "central maximum"

    def conditions(self, forms: Forms) -> Iterator[Condition]:
        """Give a sum for each pixel but the central one."""
        grid = forms.lens.grid
        weights = -np.eye(len(grid))
        weights[:, grid.centre] += 1
        others = np.arange(len(grid)) != grid.centre
        yield Condition(_weighted(forms, weights[others]), "no pixel has more than the central one")


@dataclass(frozen=True)
class StellarMass:
    """Every pixel has at least the convergence of the stars in it.

    Parameters
    ----------
    kappa : array, (pixels,)
        Of the stars, in the order of `Grid.positions`, for a source at infinity.
    """

    kappa: Array
    name: str = "stellar mass"

    def conditions(self, forms: Forms) -> Iterator[Condition]:
        """Give a sum for each pixel."""
        if len(self.kappa) != len(forms.lens.grid) or not np.all(np.isfinite(self.kappa)) or np.any(self.kappa < 0):
            raise BadInput(f"it has a value of 0 or more for each of the {len(forms.lens.grid)} pixels", self.name)
        yield Condition(forms.kappa - self.kappa, "every pixel has at least the mass of its stars")

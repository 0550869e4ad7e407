"""The profile: means of the convergence over rings of pixels."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from toyz_glass.core.affine import Affine
from toyz_glass.core.condition import Condition
from toyz_glass.core.errors import BadInput
from toyz_glass.core.forms import Forms


def ring_means(forms: Forms) -> Affine:
    """Give the mean convergence of each ring, (rings,)."""
    kappa = forms.kappa
    means = [(kappa.coefficients[ring].mean(0), kappa.constants[ring].mean()) for ring in forms.lens.grid.rings]
    return Affine(np.array([row for row, _ in means]), np.array([constant for _, constant in means]))


@dataclass(frozen=True)
class Steepness:
    """From ring to ring the mean convergence falls at least as R^−lo, and at most as R^−hi.

    ⟨κ⟩_l R_l^lo ≥ ⟨κ⟩_{l+1} R_{l+1}^lo, and with hi ⟨κ⟩_l R_l^hi ≤ ⟨κ⟩_{l+1} R_{l+1}^hi. R is the mean
    distance of a ring's area from the centre, so that the central pixel has one too.

    Parameters
    ----------
    lo : float
        0: it does not rise.
    hi : float, optional
        No limit if it is none.

    Notes
    -----
    Coles, Read & Saha 2014, section 2.3; GLASS leaves ``lo`` out of account.
    """

    lo: float = 0.0
    hi: float | None = None
    name: str = "steepness"

    def __post_init__(self) -> None:
        if self.hi is not None and self.hi < self.lo:
            raise BadInput(f"a profile cannot fall at least as R^-{self.lo:g} and at most as R^-{self.hi:g}", self.name)

    def conditions(self, forms: Forms) -> Iterator[Condition]:
        """Give one or two sums for each ring but the last."""
        means, radii = ring_means(forms), forms.lens.grid.ring_radii
        for number in range(len(radii) - 1):
            inner, outer = means[number], means[number + 1]
            at = f"at {radii[number + 1]:.2f} arcsec"
            ratio = radii[number] / radii[number + 1]
            yield Condition(
                (inner * ratio**self.lo - outer).flat(), f"the profile falls as R^-{self.lo:g} or more {at}"
            )
            if self.hi is not None:
                about = f"the profile falls as R^-{self.hi:g} or less {at}"
                yield Condition((outer - inner * ratio**self.hi).flat(), about)


@dataclass(frozen=True)
class AnnularDensity:
    """The mean convergence between two radii lies between two values.

    Parameters
    ----------
    inner, outer : float
        Arcsec; pixels whose centres lie between.
    least, most : float
        For a source at infinity.
    """

    inner: float
    outer: float
    least: float
    most: float = np.inf
    name: str = "annular density"

    def conditions(self, forms: Forms) -> Iterator[Condition]:
        """Give one or two sums."""
        grid = forms.lens.grid
        inside = (grid.radii >= self.inner) & (grid.radii <= self.outer)
        if not inside.any():
            raise BadInput(f"no pixel lies between {self.inner:g} and {self.outer:g} arcsec", self.name)
        weights = inside * grid.sides**2 / np.sum(grid.sides[inside] ** 2)
        mean = Affine(weights @ forms.kappa.coefficients, weights @ forms.kappa.constants)
        about = f"the mean convergence from {self.inner:g} to {self.outer:g} arcsec is {self.least:g} to {self.most:g}"
        yield Condition((mean - self.least).flat(), about)
        if np.isfinite(self.most):
            yield Condition((self.most - mean).flat(), about)

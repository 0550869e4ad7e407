"""What bends light beside the pixels: external shear, and masses near the lens. Each is linear in its parameters.

The second derivatives are in the order xx, yy, xy. Signs and factors are those of lens models with κ for a
source at infinity; a mass ``m = π θ_E²`` has the Einstein radius θ_E for such a source.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from toyz_glass.core.errors import BadInput

Array = NDArray[np.float64]


class Potential(Protocol):
    """A potential ``parameters · terms``; positions are (points, 2), arcsec."""

    @property
    def name(self) -> str:
        """What it is called in results."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its parameters."""

    @property
    def limits(self) -> tuple[tuple[float, float], ...]:
        """Between which values each parameter lies."""

    def terms(self, points: Array) -> Array:
        """Give the potential, (points, parameters), for parameters of 1."""

    def deflections(self, points: Array) -> Array:
        """Give its gradient, (points, 2, parameters)."""

    def hessians(self, points: Array) -> Array:
        """Give its second derivatives, (points, 3, parameters)."""


@dataclass(frozen=True)
class ExternalShear:
    """ψ = γ1 (x² − y²) / 2 + γ2 x y.

    Parameters
    ----------
    largest : float
        Of γ1 and γ2, without their signs.
    """

    largest: float = 0.1
    name: str = "shear"

    @property
    def parameters(self) -> tuple[str, ...]:
        """γ1 and γ2."""
        return ("gamma1", "gamma2")

    @property
    def limits(self) -> tuple[tuple[float, float], ...]:
        """The same for both."""
        return ((-self.largest, self.largest),) * 2

    def terms(self, points: Array) -> Array:
        """Give the potential, (points, 2)."""
        x, y = points.T
        return np.stack([(x**2 - y**2) / 2, x * y], -1)

    def deflections(self, points: Array) -> Array:
        """Give its gradient, (points, 2, 2)."""
        x, y = points.T
        return np.stack([np.stack([x, -y], -1), np.stack([y, x], -1)], -1)

    def hessians(self, points: Array) -> Array:
        """Give its second derivatives, (points, 3, 2)."""
        return np.broadcast_to(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]]), (len(points), 3, 2)).copy()


class _Strength:
    """What has one parameter, its strength m, from 0 to its largest."""

    largest: float

    @property
    def parameters(self) -> tuple[str, ...]:
        """Its strength."""
        return ("m",)

    @property
    def limits(self) -> tuple[tuple[float, float], ...]:
        """Of its strength."""
        return ((0.0, self.largest),)


@dataclass(frozen=True)
class PointMass(_Strength):
    """ψ = m ln |r − r0| / π.

    Parameters
    ----------
    x, y : float
        Where it is, arcsec.
    largest : float
        Mass, arcsec² (π θ_E²), at most.
    """

    x: float
    y: float
    largest: float
    name: str = "mass"

    def terms(self, points: Array) -> Array:
        """Give the potential, (points, 1)."""
        x, y, square = self._from(points)
        del x, y
        return (np.log(square) / (2 * np.pi))[:, None]

    def deflections(self, points: Array) -> Array:
        """Give its gradient, (points, 2, 1)."""
        x, y, square = self._from(points)
        return (np.stack([x, y], -1) / (np.pi * square[:, None]))[..., None]

    def hessians(self, points: Array) -> Array:
        """Give its second derivatives, (points, 3, 1)."""
        x, y, square = self._from(points)
        return (np.stack([y**2 - x**2, x**2 - y**2, -2 * x * y], -1) / (np.pi * square[:, None] ** 2))[..., None]

    def _from(self, points: Array) -> tuple[Array, Array, Array]:
        x, y = (points - (self.x, self.y)).T
        square = x**2 + y**2
        if np.any(square == 0):
            raise BadInput("an image lies on a mass", self.name)
        return x, y, square


@dataclass(frozen=True)
class PowerLaw(_Strength):
    """ψ = m |r − r0|^α / π; α = 1 is isothermal.

    Parameters
    ----------
    x, y : float
        Where it is, arcsec.
    alpha : float
        Above 0, and at most 2.
    largest : float
        Of m, at most.
    """

    x: float
    y: float
    alpha: float
    largest: float
    name: str = "power law"

    def terms(self, points: Array) -> Array:
        """Give the potential, (points, 1)."""
        _, _, r = self._from(points)
        return (r**self.alpha / np.pi)[:, None]

    def deflections(self, points: Array) -> Array:
        """Give its gradient, (points, 2, 1)."""
        x, y, r = self._from(points)
        return (np.stack([x, y], -1) * (self.alpha * r ** (self.alpha - 2) / np.pi)[:, None])[..., None]

    def hessians(self, points: Array) -> Array:
        """Give its second derivatives, (points, 3, 1)."""
        x, y, r = self._from(points)
        a = self.alpha
        terms = np.stack([r**2 + (a - 2) * x**2, r**2 + (a - 2) * y**2, (a - 2) * x * y], -1)
        return (terms * (a * r ** (a - 4) / np.pi)[:, None])[..., None]

    def _from(self, points: Array) -> tuple[Array, Array, Array]:
        x, y = (points - (self.x, self.y)).T
        r = np.hypot(x, y)
        if np.any(r == 0):
            raise BadInput("an image lies on a mass", self.name)
        return x, y, r

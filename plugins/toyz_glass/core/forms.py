"""What a lens is made of, as sums of the unknowns.

The unknowns of a lens alone are, in this order: ``h`` = H0 / (100 km/s/Mpc); the convergences of the pixels, for a
source at infinity (of one of each mirrored pair where the map is symmetric); the position of each source, arcsec; the
parameters of each potential. Lenses that are modelled together share h.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from toyz_glass.core import square
from toyz_glass.core.affine import Affine
from toyz_glass.core.lens import LensSystem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Layout:
    """Where the unknowns of one lens stand in the row of all.

    Parameters
    ----------
    size : int
        Unknowns of all lenses together.
    kappa : slice
    sources : tuple of slice
        x and y of each.
    potentials : tuple of slice
    """

    size: int
    kappa: slice
    sources: tuple[slice, ...]
    potentials: tuple[slice, ...]


def layouts(lenses: Sequence[LensSystem]) -> list[Layout]:
    """Place the unknowns of several lenses, after h, which is the first."""
    begin = 1
    places: list[list[slice]] = []
    for lens in lenses:
        counts = [
            lens.grid.fold.shape[1],
            *[2] * len(lens.sources),
            *(len(each.parameters) for each in lens.potentials),
        ]
        ends = (begin + np.cumsum(counts)).tolist()
        places.append([slice(end - count, end) for end, count in zip(ends, counts, strict=True)])
        begin = ends[-1]
    return [
        Layout(begin, place[0], tuple(place[1 : 1 + len(lens.sources)]), tuple(place[1 + len(lens.sources) :]))
        for lens, place in zip(lenses, places, strict=True)
    ]


class Forms:
    """The parts of one lens as sums of the unknowns.

    Parameters
    ----------
    lens : LensSystem
    layout : Layout
    """

    def __init__(self, lens: LensSystem, layout: Layout) -> None:
        self.lens = lens
        self.layout = layout

    @cached_property
    def h(self) -> Affine:
        """H0 in 100 km/s/Mpc, ()."""
        return self._plain(slice(0, 1))[0]

    @cached_property
    def kappa(self) -> Affine:
        """The convergence of each pixel for a source at infinity, (pixels,)."""
        coefficients = np.zeros((len(self.lens.grid), self.layout.size))
        coefficients[:, self.layout.kappa] = self.lens.grid.fold
        return Affine(coefficients, np.zeros(len(coefficients)))

    @cached_property
    def free_kappa(self) -> Affine:
        """The same, but one only of each mirrored pair."""
        return self._plain(self.layout.kappa)

    def beta(self, source: int) -> Affine:
        """Where a source is, (2,), arcsec."""
        return self._plain(self.layout.sources[source])

    def parameters(self, potential: int) -> Affine:
        """The parameters of a potential, (parameters,)."""
        return self._plain(self.layout.potentials[potential])

    def psi(self, points: Array) -> Affine:
        """The lensing potential, (points,), arcsec²."""
        terms = [potential.terms(points) for potential in self.lens.potentials]
        return self._made(square.potential(*self._from_pixels(points)), terms)

    def deflection(self, points: Array) -> Affine:
        """Its gradient, (points, 2), arcsec."""
        pixels = np.stack(square.deflection(*self._from_pixels(points)), 1)
        return self._made(pixels, [potential.deflections(points) for potential in self.lens.potentials])

    def hessian(self, points: Array) -> Affine:
        """Its second derivatives xx, yy and xy, (points, 3)."""
        pixels = np.stack(square.hessian(*self._from_pixels(points)), 1)
        return self._made(pixels, [potential.hessians(points) for potential in self.lens.potentials])

    def arrival(self, source: int, points: Array) -> Affine:
        """The arrival time, (points,), arcsec², less what is the same everywhere.

        τ(θ) = z_cap (½ |θ|² − θ · β) − ψ(θ); its whole form has z_cap |β|² / 2 more, which is no sum of unknowns.
        """
        z_cap = self.lens.z_caps[source]
        beta = self.beta(source)
        along = Affine(points @ beta.coefficients, points @ beta.constants)
        unlensed: Affine = -along + 0.5 * np.sum(points**2, axis=1)
        return unlensed * z_cap - self.psi(points)

    def _from_pixels(self, points: Array) -> tuple[Array, Array, Array]:
        apart = points[:, None, :] - self.lens.grid.positions[None]
        return apart[..., 0], apart[..., 1], self.lens.grid.sides

    def _made(self, pixels: Array, potentials: Sequence[Array]) -> Affine:
        """Give the sum of what the pixels and the potentials contribute, each with its unknowns along the last axis."""
        coefficients = np.zeros((*pixels.shape[:-1], self.layout.size))
        coefficients[..., self.layout.kappa] = pixels @ self.lens.grid.fold
        for place, terms in zip(self.layout.potentials, potentials, strict=True):
            coefficients[..., place] = terms
        return Affine(coefficients, np.zeros(coefficients.shape[:-1]))

    def _plain(self, place: slice) -> Affine:
        coefficients = np.eye(self.layout.size)[place]
        return Affine(coefficients, np.zeros(len(coefficients)))

"""What a mass map does to light: the arrival time over the sky, magnifications, and the images of a source.

Everything is computed on a raster of places in the lens plane. The matrices that lead from the unknowns to the
deflection there are made once for a lens, and serve each model.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from toyz_glass.core.affine import Affine
from toyz_glass.core.errors import BadInput
from toyz_glass.core.forms import Forms
from toyz_glass.core.grid import Grid

Array = NDArray[np.float64]
_STEPS = 20
_THERE = 1e-10
"""Arcsec, of a last step."""
_SAME = 1e-5
"""Arcsec between what are two images: two that are about to merge are near each other."""
MOST = 400
"""Places along a side of a raster, at most."""


def raster_of(grid: Grid, per_pixel: int = 4) -> "Raster":
    """Give a raster over a whole map, with so many places for each side of a whole pixel."""
    return Raster(grid.maprad + grid.side / 2, min((2 * grid.pixrad + 1) * per_pixel + 1, MOST))


@dataclass(frozen=True)
class Raster:
    """Places in a square about the lens centre, y upwards.

    Parameters
    ----------
    half : float
        Half the side, arcsec.
    count : int
        Places along a side, 3 to 400.

    Raises
    ------
    BadInput
    """

    half: float
    count: int

    def __post_init__(self) -> None:
        if not 3 <= self.count <= MOST or not (np.isfinite(self.half) and self.half > 0):
            raise BadInput(f"a raster has 3 to {MOST} places along a side of some length", "raster")

    @property
    def axis(self) -> Array:
        """The places along a side, (count,), arcsec."""
        return np.linspace(-self.half, self.half, self.count)

    @property
    def step(self) -> float:
        """From one place to the next, arcsec."""
        return 2 * self.half / (self.count - 1)

    @property
    def points(self) -> Array:
        """All places, (count², 2), arcsec, row by row from the lowest y."""
        y, x = np.meshgrid(self.axis, self.axis, indexing="ij")
        return np.column_stack([x.ravel(), y.ravel()])


class Surface:
    """A lens over a raster.

    Parameters
    ----------
    forms : Forms
    raster : Raster
    source : int
        For which of its sources.
    """

    def __init__(self, forms: Forms, raster: Raster, source: int = 0) -> None:
        self.forms = forms
        self.raster = raster
        self.source = source
        self.z_cap = forms.lens.z_caps[source]

    @cached_property
    def _arrival(self) -> Affine:
        return self.forms.arrival(self.source, self.raster.points)

    @cached_property
    def _deflection(self) -> Affine:
        return self.forms.deflection(self.raster.points)

    @cached_property
    def _hessian(self) -> Affine:
        return self.forms.hessian(self.raster.points)

    def arrival(self, unknowns: Array) -> Array:
        """Give the arrival time of one model, (count, count), arcsec²: τ = z_cap |θ − β|² / 2 − ψ."""
        beta = unknowns[self.forms.layout.sources[self.source]]
        whole = self._arrival.at(unknowns) + self.z_cap / 2 * float(beta @ beta)
        return whole.reshape(self.raster.count, self.raster.count)

    def arrival_at(self, points: Array, unknowns: Array) -> Array:
        """Give the arrival time of one model at some places, (places, 2) → (places,), arcsec²: as `arrival` has it."""
        beta = unknowns[self.forms.layout.sources[self.source]]
        found = self.forms.arrival(self.source, points).at(unknowns) + self.z_cap / 2 * float(beta @ beta)
        return np.asarray(found, float)

    def sources(self, unknowns: Array) -> Array:
        """Give from where in the plane of the source the light at each place comes, (count, count, 2), arcsec."""
        deflection = self._deflection.at(unknowns).reshape(self.raster.count, self.raster.count, 2)
        points = self.raster.points.reshape(self.raster.count, self.raster.count, 2)
        return np.asarray(points - deflection / self.z_cap, float)

    def inverse_magnification(self, unknowns: Array) -> Array:
        """Give 1/μ at each place, (count, count): below 0 where images are mirrored; 0 on critical curves."""
        found = inverse_magnification(self._hessian.at(unknowns), self.z_cap)
        return found.reshape(self.raster.count, self.raster.count)


def inverse_magnification(hessian: Array, z_cap: float) -> Array:
    """Give 1/μ = (1 − ψ_xx/z)(1 − ψ_yy/z) − (ψ_xy/z)², (..., 3) → (...), of second derivatives xx, yy, xy."""
    xx, yy, xy = np.moveaxis(hessian / z_cap, -1, 0)
    return np.asarray((1 - xx) * (1 - yy) - xy**2, float)


def magnifications(forms: Forms, unknowns: Array, source: int = 0) -> Array:
    """Give μ of each image, (models, images); below 0 of saddle points."""
    hessian = forms.hessian(forms.lens.sources[source].positions).at(unknowns)
    with np.errstate(divide="ignore"):
        return 1 / inverse_magnification(hessian, forms.lens.z_caps[source])


def mean_unknowns(unknowns: Array, weights: Array) -> Array:
    """Give the mean model, which does all that its members do: the rules are linear."""
    return np.asarray(np.average(unknowns, axis=0, weights=weights), float)


@dataclass(frozen=True)
class FoundImage:
    """An image that a model predicts.

    Parameters
    ----------
    x, y : float
        Arcsec.
    magnification : float
        Below 0 of a saddle point.
    kind : {"min", "saddle", "max"}
    seen : int or None
        Which of the marked images it is; none of them: it is an extra one.
    """

    x: float
    y: float
    magnification: float
    kind: str
    seen: int | None


def find_images(surface: Surface, unknowns: Array) -> list[FoundImage]:
    """Find all images of the source in one model, but for those fainter than the raster resolves.

    Each square of the raster is two triangles; where the plane of the source lies over a triangle's three corners,
    there is an image in it. Newton's method then leads to its place.

    Parameters
    ----------
    surface : Surface
        With a few places for each pixel of the map.
    unknowns : array, (unknowns,)
    """
    beta = unknowns[surface.forms.layout.sources[surface.source]]
    starts = _triangles_over(surface.sources(unknowns), surface.raster, beta)
    if not len(starts):
        return []
    places, arrived = _refined(surface, unknowns, beta, starts)
    marked = surface.forms.lens.sources[surface.source].positions
    found: list[FoundImage] = []
    hessian = surface.forms.hessian(places).at(unknowns)
    inverse = inverse_magnification(hessian, surface.z_cap)
    trace = 2 - (hessian[:, 0] + hessian[:, 1]) / surface.z_cap
    for place, went, part, sum_of in zip(places, arrived, inverse, trace, strict=True):
        if not went or any(np.hypot(each.x - place[0], each.y - place[1]) < _SAME for each in found):
            continue
        kind = "saddle" if part < 0 else ("min" if sum_of > 0 else "max")
        apart = np.hypot(*(marked - place).T)
        seen = int(np.argmin(apart)) if apart.min() < 2 * surface.raster.step else None
        found.append(FoundImage(float(place[0]), float(place[1]), float(1 / part) if part else np.inf, kind, seen))
    return found


def _triangles_over(sources: Array, raster: Raster, beta: Array) -> Array:
    """Give the middles of the triangles of the lens plane whose corners surround β in the plane of the source."""
    corners = sources - beta
    low_left, low_right = corners[:-1, :-1], corners[:-1, 1:]
    high_left, high_right = corners[1:, :-1], corners[1:, 1:]
    lower = _surrounds(low_left, low_right, high_right)
    upper = _surrounds(low_left, high_right, high_left)
    found = []
    for over, middle in ((lower, (2 / 3, 1 / 3)), (upper, (1 / 3, 2 / 3))):
        rows, columns = np.nonzero(over)
        corner = np.column_stack([raster.axis[columns], raster.axis[rows]])
        found.append(corner + np.array(middle) * raster.step)
    return np.concatenate(found)


def _surrounds(one: Array, two: Array, three: Array) -> NDArray[np.bool_]:
    """Tell which triangles have the origin inside: it lies on the same side of all three edges."""
    turns = np.stack([_cross(one, two), _cross(two, three), _cross(three, one)])
    return np.asarray(np.all(turns >= 0, axis=0) | np.all(turns <= 0, axis=0))


def _cross(one: Array, other: Array) -> Array:
    return np.asarray(one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0], float)


def _refined(surface: Surface, unknowns: Array, beta: Array, starts: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Go from each start to where light comes from β; tell which have arrived within two steps of their start."""
    forms, z_cap = surface.forms, surface.z_cap
    places = starts.copy()
    for _ in range(_STEPS):
        off = places - forms.deflection(places).at(unknowns) / z_cap - beta
        xx, yy, xy = np.moveaxis(forms.hessian(places).at(unknowns) / z_cap, -1, 0)
        determinant = (1 - xx) * (1 - yy) - xy**2
        determinant = np.where(np.abs(determinant) < 1e-6, 1e-6, determinant)
        step = np.column_stack([(1 - yy) * off[:, 0] + xy * off[:, 1], xy * off[:, 0] + (1 - xx) * off[:, 1]])
        step /= determinant[:, None]
        length = np.hypot(*step.T)
        if np.all(length < _THERE):
            break
        places = places - step * np.minimum(1.0, surface.raster.step / np.maximum(length, 1e-300))[:, None]
    off = places - forms.deflection(places).at(unknowns) / z_cap - beta
    arrived = (np.hypot(*off.T) < 1e-6) & (np.hypot(*(places - starts).T) < 2 * surface.raster.step)
    return places, arrived

"""Sums of the unknowns of a lens, each with its factor, and a constant: what linear rules are about."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Affine:
    """An array of sums ``coefficients @ unknowns + constants``.

    Parameters
    ----------
    coefficients : array, (..., unknowns)
    constants : array, (...)
    """

    coefficients: Array
    constants: Array

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the array of sums."""
        return self.constants.shape

    def at(self, unknowns: Array) -> Array:
        """Give what the sums are.

        Parameters
        ----------
        unknowns : array, (unknowns,) or (models, unknowns)

        Returns
        -------
        array, (...) or (models, ...)
        """
        found: Array = (
            np.moveaxis(self.coefficients @ unknowns.T, -1, 0) if unknowns.ndim > 1 else self.coefficients @ unknowns
        )
        return found + self.constants

    def __add__(self, other: "Affine | ArrayLike") -> "Affine":
        if isinstance(other, Affine):
            return Affine(self.coefficients + other.coefficients, self.constants + other.constants)
        constants = self.constants + np.asarray(other, float)
        return Affine(np.broadcast_to(self.coefficients, (*constants.shape, self.coefficients.shape[-1])), constants)

    def __neg__(self) -> "Affine":
        return Affine(-self.coefficients, -self.constants)

    def __sub__(self, other: "Affine | ArrayLike") -> "Affine":
        return self + (-other if isinstance(other, Affine) else -np.asarray(other, float))

    def __rsub__(self, other: ArrayLike) -> "Affine":
        return -self + other

    def __mul__(self, factor: ArrayLike) -> "Affine":
        factor = np.asarray(factor, float)
        return Affine(self.coefficients * factor[..., None], self.constants * factor)

    __radd__ = __add__
    __rmul__ = __mul__

    # So that an array to the left asks this, and not its own elements.
    __array_ufunc__ = None

    def __getitem__(self, index: Any) -> "Affine":
        index = index if isinstance(index, tuple) else (index,)
        return Affine(self.coefficients[(*index, Ellipsis, slice(None))], self.constants[index])

    def sum(self) -> "Affine":
        """Add up the last axis of the sums."""
        return Affine(self.coefficients.sum(axis=-2), self.constants.sum(axis=-1))

    def flat(self) -> "Affine":
        """Give all sums in one row."""
        return Affine(self.coefficients.reshape(-1, self.coefficients.shape[-1]), self.constants.reshape(-1))


def stacked(*parts: Affine) -> Affine:
    """Lay sums of one shape side by side, along a new last axis."""
    return Affine(np.stack([part.coefficients for part in parts], -2), np.stack([part.constants for part in parts], -1))


def joined(*parts: Affine) -> Affine:
    """Give all sums of several arrays in one row."""
    rows = [part.flat() for part in parts]
    return Affine(
        np.concatenate([each.coefficients for each in rows]), np.concatenate([each.constants for each in rows])
    )

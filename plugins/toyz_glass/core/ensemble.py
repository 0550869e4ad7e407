"""Mass maps that all do what is asked, drawn uniformly among those that do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toyz_glass.core.chains import Convergence
from toyz_glass.core.distances import HUBBLE_UNIT
from toyz_glass.core.forms import Forms, layouts
from toyz_glass.core.lens import LensSystem
from toyz_glass.core.profile import Profile, profile_of

Array = NDArray[np.float64]
LIGHT = 299792458.0
"""m/s."""
SUN = 1.32712440041e20
"""G times the mass of the sun, m³/s² (IAU 2015 resolution B3)."""
BAND = (0.16, 0.5, 0.84)
"""Quantiles: a band that holds 68 %, and the median in its middle."""


@dataclass(frozen=True)
class Ensemble:
    """Models of one or several lenses.

    Parameters
    ----------
    lenses : sequence of LensSystem
        Those that were modelled together; they share H0.
    unknowns : array, (models, unknowns)
        In the order of `toyz_glass.core.forms`.
    chain : array, (models,)
        From which chain each comes.
    convergence : Convergence
        Of the chains.
    weights : array, (models,)
        Of each model, adding up to 1; all the same as they are drawn.
    seed : int
    seconds : float
        How long it took.
    """

    lenses: Sequence[LensSystem]
    unknowns: Array
    chain: NDArray[np.intp]
    convergence: Convergence
    weights: Array
    seed: int = 0
    seconds: float = 0.0

    def __len__(self) -> int:
        """How many models there are."""
        return len(self.unknowns)

    @property
    def forms(self) -> list[Forms]:
        """What each lens is made of, as sums of the unknowns."""
        return [Forms(lens, layout) for lens, layout in zip(self.lenses, layouts(self.lenses), strict=True)]

    @property
    def hubble(self) -> Array:
        """H0 of each model, (models,), km/s/Mpc."""
        found: Array = self.unknowns[:, 0] * HUBBLE_UNIT
        return found

    def kappa(self, lens: int = 0) -> Array:
        """Give the mass maps, (models, pixels), for a source at infinity."""
        return self.forms[lens].kappa.at(self.unknowns)

    def beta(self, source: int = 0, lens: int = 0) -> Array:
        """Give where a source is, (models, 2), arcsec."""
        return self.forms[lens].beta(source).at(self.unknowns)

    def parameters(self, potential: int, lens: int = 0) -> Array:
        """Give the parameters of a potential, (models, parameters)."""
        return self.forms[lens].parameters(potential).at(self.unknowns)

    def profile(self, lens: int = 0) -> Profile:
        """Give the profiles of the mass maps."""
        return profile_of(self.kappa(lens), self.lenses[lens].grid)

    def einstein_radius(self, source: int = 0, lens: int = 0) -> Array:
        """Give θ_E for a source, (models,), arcsec; NaN of models that have none on the map."""
        return self.profile(lens).einstein_radius(self.lenses[lens].z_caps[source])

    def delays(self, source: int = 0, lens: int = 0) -> Array:
        """Give by how many days each image is later than the first, (models, images)."""
        forms = self.forms[lens]
        arrival = forms.arrival(source, self.lenses[lens].sources[source].positions).at(self.unknowns)
        after = arrival - arrival[:, :1]
        found: Array = after * self.lenses[lens].days / self.unknowns[:, :1]
        return found

    def solar_masses(self, lens: int = 0) -> Array:
        """Give the mass of an arcsec² of convergence 1 (for a source at infinity), (models,), solar masses.

        M = c² d_L θ² / (4πG), with d_L of each model's H0. Times `Profile.mass` it is the mass within a radius.
        """
        system = self.lenses[lens]
        square = (np.pi / 648000) ** 2
        # days = (1 + z) d_L / c in days per arcsec², were H0 100 km/s/Mpc.
        seconds = system.days * 86400 / (1 + system.z) / square
        found: Array = LIGHT**3 * seconds * square / (4 * np.pi * SUN) / self.unknowns[:, 0]
        return found

    def band(self, values: Array) -> Array:
        """Give the quantiles 16, 50 and 84 % of something that each model has, (models, ...) → (3, ...), by weight.

        Models that do not have it (NaN) are left out.
        """
        return weighted_quantiles(values, self.weights, BAND)


def weighted_quantiles(values: Array, weights: Array, quantiles: Sequence[float]) -> Array:
    """Give quantiles over the first axis, leaving out NaN, (quantiles, ...); NaN where nothing is left."""
    flat = values.reshape(len(values), -1)
    order = np.argsort(flat, axis=0)
    ordered = np.take_along_axis(flat, order, axis=0)
    heavy = np.where(np.isnan(ordered), 0.0, weights[order])
    total = heavy.sum(axis=0)
    reached = np.cumsum(heavy, axis=0) - heavy / 2
    found = np.full((len(quantiles), flat.shape[1]), np.nan)
    for column in np.flatnonzero(total > 0):
        counted = heavy[:, column] > 0
        at = reached[counted, column] / total[column]
        found[:, column] = np.interp(quantiles, at, ordered[counted, column])
    return found.reshape(len(quantiles), *values.shape[1:])

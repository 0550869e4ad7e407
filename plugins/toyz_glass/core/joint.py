"""The Hubble constant of several lenses together, from ensembles that were drawn one by one.

Lenses that share H0 and nothing else: at each H0 the mass maps of all are independent, so that the room they leave
together is the product of what each leaves, and the density of H0 the product of the densities of each. That is what
drawing all of them together gives too, at many times the work.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import gaussian_kde

from toyz_glass.core.ensemble import BAND, Ensemble
from toyz_glass.core.errors import BadInput

Array = NDArray[np.float64]
_STEPS = 2000


@dataclass(frozen=True)
class JointHubble:
    """H0 of several lenses.

    Parameters
    ----------
    hubble : array, (steps,)
        km/s/Mpc.
    density : array, (steps,)
        Per km/s/Mpc; its integral is 1.
    each : array, (lenses, steps)
        The densities of the single lenses.
    """

    hubble: Array
    density: Array
    each: Array

    @property
    def band(self) -> Array:
        """The quantiles 16, 50 and 84 %, (3,), km/s/Mpc."""
        reached = np.concatenate([[0.0], np.cumsum((self.density[1:] + self.density[:-1]) / 2 * np.diff(self.hubble))])
        return np.interp(BAND, reached / reached[-1], self.hubble)


def joint_hubble(ensembles: Sequence[Ensemble], limits: tuple[float, float] | None = None) -> JointHubble:
    """Multiply the densities of H0 of several lenses.

    Parameters
    ----------
    ensembles : sequence of Ensemble
        Each of one lens, drawn with the same limits of H0.
    limits : (float, float), optional
        Those limits, km/s/Mpc; by default the least and the largest value of any model.

    Raises
    ------
    BadInput
        If there are no ensembles, or no H0 is possible for all.
    """
    if not ensembles:
        raise BadInput("there are no ensembles", "ensembles")
    values = [ensemble.hubble for ensemble in ensembles]
    low, high = limits or (min(each.min() for each in values), max(each.max() for each in values))
    if not low < high:
        raise BadInput(f"H0 from {low:g} to {high:g} km/s/Mpc is no range", "limits")
    hubble = np.linspace(low, high, _STEPS)
    each = np.array([_density(ensemble, hubble) for ensemble in ensembles])
    with np.errstate(divide="ignore"):
        logarithm = np.log(each).sum(axis=0)
    if not np.isfinite(logarithm.max()):
        raise BadInput("no H0 is possible for all of these lenses", "ensembles")
    product = np.exp(logarithm - logarithm.max())
    return JointHubble(hubble, product / np.trapezoid(product, hubble), each)


def _density(ensemble: Ensemble, hubble: Array) -> Array:
    """Smooth the models of one lens over H0; what would leak past the limits is mirrored back."""
    values = ensemble.hubble
    if values.max() - values.min() < 1e-6 * values.max():
        raise BadInput("H0 is fixed in an ensemble: it says nothing of it", "ensembles")
    smooth = gaussian_kde(values, weights=ensemble.weights)
    low, high = hubble[0], hubble[-1]
    found = smooth(hubble) + smooth(2 * low - hubble) + smooth(2 * high - hubble)
    return np.asarray(found / np.trapezoid(found, hubble), float)

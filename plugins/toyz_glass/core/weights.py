"""An ensemble whose models count for more or for less: what is known beside the marks, and is no linear rule.

Models are drawn uniformly and each is then given a weight. The fewer models carry the weight, the less the ensemble is
worth: `effective` says how many equal ones it is like.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from toyz_glass.core.ensemble import Ensemble
from toyz_glass.core.errors import BadInput
from toyz_glass.core.surface import Surface, find_images, raster_of

Array = NDArray[np.float64]


def reweighted(ensemble: Ensemble, log_likelihood: Array) -> Ensemble:
    """Multiply the weights of the models.

    Parameters
    ----------
    ensemble : Ensemble
    log_likelihood : array, (models,)
        Natural logarithm, but for what is the same for all; −∞ of a model that cannot be.

    Raises
    ------
    BadInput
        If no model can be, or a value is NaN.
    """
    if np.isnan(log_likelihood).any() or not np.isfinite(log_likelihood.max()):
        raise BadInput("it leaves no model of the ensemble; draw more, or ask for less", "weights")
    with np.errstate(divide="ignore"):
        logarithm = np.log(ensemble.weights) + log_likelihood
    weights = np.exp(logarithm - logarithm.max())
    return replace(ensemble, weights=weights / weights.sum())


def effective(weights: Array) -> float:
    """Give how many models of equal weight an ensemble is like: (Σw)² / Σw² (Kish 1965)."""
    return float(weights.sum() ** 2 / np.sum(weights**2))


def slopes(ensemble: Ensemble, lens: int = 0, source: int = 0, reach: float = 0.5) -> Array:
    """Give how steeply the profile falls about θ_E, (models,): 1 of an isothermal lens, κ ∝ R^-slope.

    A straight line through ln κ against ln R of the rings from θ_E (1 − reach) to θ_E (1 + reach), by least squares;
    NaN of a model with fewer than two rings there.
    """
    profile = ensemble.profile(lens)
    radii = profile.middles
    found = np.full(len(ensemble), np.nan)
    for model, radius in enumerate(ensemble.einstein_radius(source, lens)):
        with np.errstate(invalid="ignore"):
            near = (np.abs(radii - radius) <= reach * radius) & (profile.kappa[model] > 0)
        if near.sum() >= 2:
            found[model] = -np.polyfit(np.log(radii[near]), np.log(profile.kappa[model, near]), 1)[0]
    return found


def slope_prior(ensemble: Ensemble, mean: float = 1.0, sigma: float = 0.15, lens: int = 0) -> Array:
    """Give the logarithm of a Gaussian prior of the profile's slope, (models,); −∞ of models that have none.

    Real early-type lenses have total density slopes of 2.08 ± 0.16 in space, which is 1.08 on the sky (Auger et al.
    2010, ApJ 724, 511).
    """
    if not (np.isfinite(mean) and np.isfinite(sigma) and sigma > 0):
        raise BadInput(f"a slope of {mean} ± {sigma} is no prior", "slope")
    off = (slopes(ensemble, lens) - mean) / sigma
    return np.where(np.isnan(off), -np.inf, -0.5 * off**2)


def extra_images(
    ensemble: Ensemble, lens: int = 0, source: int = 0, *, fraction: float = 0.5, within: float | None = None
) -> NDArray[np.intp]:
    """Count the images that each model predicts where none is seen, though they would have been, (models,).

    Parameters
    ----------
    ensemble : Ensemble
    lens, source : int
    fraction : float
        An extra image would have been seen if it is brighter than this part of the faintest image that was.
    within : float, optional
        Arcsec: nearer to the lens centre than this none would have been; by default a quarter of the distance
        of the innermost image.
    """
    forms = ensemble.forms[lens]
    surface = Surface(forms, raster_of(ensemble.lenses[lens].grid), source)
    hidden = within
    if hidden is None:
        hidden = float(np.hypot(*ensemble.lenses[lens].sources[source].positions.T).min()) / 4
    counts = np.zeros(len(ensemble), np.intp)
    for model, unknowns in enumerate(ensemble.unknowns):
        images = find_images(surface, unknowns)
        seen = [abs(image.magnification) for image in images if image.seen is not None]
        faintest = min(seen, default=0.0)
        counts[model] = sum(
            image.seen is None
            and abs(image.magnification) > fraction * faintest
            and np.hypot(image.x, image.y) > hidden
            for image in images
        )
    return counts


def no_extra_images(counts: NDArray[np.intp], odds: float = 0.1) -> Array:
    """Give the logarithm of the odds that so many images would have been overlooked, `odds` for each, (models,)."""
    if not 0 < odds <= 1:
        raise BadInput(f"odds of {odds} are not above 0 and at most 1", "odds")
    return np.asarray(counts * np.log(odds), float)

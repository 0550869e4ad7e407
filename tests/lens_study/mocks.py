"""Lenses that are made up, by lenstronomy: their images, their delays, and what is true of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from astropy.cosmology import FlatLambdaCDM
from lenstronomy.LensModel.lens_model import LensModel
from lenstronomy.LensModel.Solver.lens_equation_solver import LensEquationSolver
from lenstronomy.Util.param_util import phi_q2_ellipticity
from numpy.typing import NDArray
from scipy.optimize import brentq

from toyz_glass.core.lens import Delay, Image, Source

Array = NDArray[np.float64]
KINDS = ("min", "min", "saddle", "saddle")
BRIGHTEST = 25.0
"""Magnification: beyond it two images are about to merge."""
_RAYS, _STEPS = 90, 150


@dataclass(frozen=True)
class Mock:
    """A quad, and its truth.

    Parameters
    ----------
    z : float
        Of the lens.
    source : Source
        As it is marked, with exact delays.
    hubble : float
        km/s/Mpc.
    einstein : float
        Radius within which the mean convergence is 1, arcsec.
    radii, mean_kappa : array
        Mean convergence within radii from 0.5 to 1.5 times that, for the source.
    """

    z: float
    source: Source
    hubble: float
    einstein: float
    radii: Array
    mean_kappa: Array


def _isothermal(
    rng: np.random.Generator, scale: float, shape: dict[str, float]
) -> tuple[list[str], list[dict[str, float]]]:
    """A power law about isothermal."""
    slope = rng.normal(2.0, 0.1)
    return ["EPL"], [{"theta_E": scale, "gamma": slope, **shape}]


def _halo_and_stars(
    rng: np.random.Generator, scale: float, shape: dict[str, float]
) -> tuple[list[str], list[dict[str, float]]]:
    """A dark halo and a galaxy of stars, which have about half of the mass within θ_E."""
    size = scale * rng.uniform(0.5, 1.0)
    halo = {"Rs": scale * rng.uniform(6, 12), "alpha_Rs": scale * rng.uniform(1.2, 1.8), **shape}
    stars = {"Rs": size, "sigma0": rng.uniform(0.7, 1.1), **shape}
    return ["NFW_ELLIPSE_CSE", "HERNQUIST_ELLIPSE_CSE"], [halo, stars]


FAMILIES = {"power law": _isothermal, "halo and stars": _halo_and_stars}


def make_mocks(family: str, count: int, seed: int) -> list[Mock]:
    """Make quads of a family, with H0 from 55 to 90 km/s/Mpc."""
    rng = np.random.default_rng(seed)
    found: list[Mock] = []
    while len(found) < count:
        mock = _try(rng, family)
        if mock is not None:
            found.append(mock)
    return found


def _try(rng: np.random.Generator, family: str) -> Mock | None:
    hubble, z = rng.uniform(55, 90), rng.uniform(0.25, 0.8)
    z_source = z + rng.uniform(0.6, 1.8)
    e1, e2 = phi_q2_ellipticity(rng.uniform(0, np.pi), rng.uniform(0.6, 0.92))
    shape = {"e1": float(e1), "e2": float(e2), "center_x": 0.0, "center_y": 0.0}
    scale = rng.uniform(0.8, 1.6)
    names, parameters = FAMILIES[family](rng, scale, shape)
    gamma, angle = rng.uniform(0, 0.08), rng.uniform(0, np.pi)
    parameters.append({"gamma1": gamma * np.cos(2 * angle), "gamma2": gamma * np.sin(2 * angle)})
    cosmology = FlatLambdaCDM(H0=hubble, Om0=0.28, Tcmb0=0.0)
    model = LensModel([*names, "SHEAR"], z_lens=z, z_source=z_source, cosmo=cosmology)
    beta = rng.uniform(-0.15, 0.15, 2) * scale
    source = _marked(model, parameters, beta, z_source)
    if source is None:
        return None
    einstein = _einstein(model, parameters)
    radii = np.linspace(0.5, 1.5, 11) * einstein
    mean = np.array([_mean_within(model, parameters, radius) for radius in radii])
    return Mock(z, source, hubble, einstein, radii, mean)


def _marked(model: Any, parameters: list[dict[str, float]], beta: Array, z: float) -> Source | None:
    """Give a quad's images in the order in which they arrive; None if it is no plain quad."""
    x, y = LensEquationSolver(model).image_position_from_source(*beta, parameters, min_distance=0.05, search_window=6)
    times = model.arrival_time(x, y, parameters)
    order = np.argsort(times)
    bright = np.abs(model.magnification(x, y, parameters)) > 0.1  # a faint one at the centre nobody sees
    order = order[bright[order]]
    magnification = model.magnification(x, y, parameters)[order]
    kinds = tuple("min" if each > 0 else "saddle" for each in magnification)
    if kinds != KINDS or np.abs(magnification).max() > BRIGHTEST:
        return None
    images = tuple(Image(float(x[i]), float(y[i]), kind) for i, kind in zip(order, KINDS, strict=True))  # type: ignore[arg-type]
    return Source(z, images, tuple(Delay(float(days)) for days in np.diff(times[order])))


def _mean_within(model: Any, parameters: list[dict[str, float]], radius: float) -> float:
    angle = np.linspace(0, 2 * np.pi, _RAYS, endpoint=False)
    r = (np.arange(_STEPS) + 0.5) / _STEPS * radius
    kappa = model.kappa(np.outer(r, np.cos(angle)).ravel(), np.outer(r, np.sin(angle)).ravel(), parameters)
    return float(2 * np.sum(kappa.reshape(_STEPS, _RAYS).mean(axis=1) * r) * (radius / _STEPS) / radius**2)


def _einstein(model: Any, parameters: list[dict[str, float]]) -> float:
    return float(brentq(lambda radius: _mean_within(model, parameters, radius) - 1, 0.1, 6.0))

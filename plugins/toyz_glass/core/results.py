"""What an ensemble says, as plain values for JSON: what a page or a script shows of it.

Maps and lines are those of the mean model, which does all that its members do; bands are the quantiles 16, 50 and
84 % over the models, by weight. A value that there is not (no Einstein radius on the map) is None.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toyz_glass.core.curves import Contour, caustics, contours, critical_curves, saddle_contours
from toyz_glass.core.ensemble import Ensemble
from toyz_glass.core.surface import FoundImage, Surface, find_images, magnifications, mean_unknowns, raster_of

Array = NDArray[np.float64]
_LEVELS = 12
"""Contours of the arrival time."""
_DIGITS = 6
"""Of each number: more than an ensemble knows, and half the bytes."""


def summary(ensemble: Ensemble) -> dict[str, Any]:
    """Give what an ensemble says in a few numbers.

    Returns
    -------
    dict
        ``theta_E`` (arcsec, for the first source) and ``H0`` (km/s/Mpc) as bands; the worst ``rhat`` and ``ess`` of
        all unknowns; how many ``models``, and how many ``seconds`` they took.
    """
    return {
        "theta_E": [_rounded(each, 4) for each in ensemble.band(ensemble.einstein_radius())],
        "H0": [_rounded(each, 2) for each in ensemble.band(ensemble.hubble)],
        "rhat": _rounded(ensemble.convergence.worst_rhat, 4),
        "ess": _rounded(ensemble.convergence.worst_ess, 1),
        "models": len(ensemble),
        "seconds": round(ensemble.seconds, 3),
    }


def surface_of(ensemble: Ensemble, lens: int = 0, source: int = 0) -> Surface:
    """Give the raster on which `results` draws a lens: what is made for one ensemble of it serves the next."""
    return Surface(ensemble.forms[lens], raster_of(ensemble.lenses[lens].grid), source)


def results(ensemble: Ensemble, lens: int = 0, source: int = 0, surface: Surface | None = None) -> dict[str, Any]:
    """Give all that is shown of an ensemble.

    Parameters
    ----------
    ensemble : Ensemble
    lens, source : int
        Of which lens, and for which of its sources.
    surface : Surface, optional
        What `surface_of` gave for the same lens and source.

    Returns
    -------
    dict
        The keys of `summary` and

        * ``hubble``, ``einstein``: the values of all models;
        * ``profile``: ``radius`` (rings, arcsec), ``kappa`` and ``within`` (3, rings);
        * ``map``: ``x``, ``y``, ``side`` (arcsec) and mean ``kappa`` of each pixel;
        * ``arrival``: ``half`` (arcsec), ``count`` and ``tau`` (arcsec², above the first image's, row by row from
          the lowest y);
        * ``lines``: ``arrival`` (levels from the first image on), ``saddle``, ``critical`` and ``caustic``, lists of
          lists of x, y (arcsec);
        * ``images``: each that is predicted: ``x``, ``y``, ``magnification``, ``kind`` and ``seen``, the number of
          the mark that it is or None of an extra one;
        * ``marks``: of each mark the bands of ``delay`` (days after the first) and ``magnification``;
        * ``source``: ``x``, ``y`` (arcsec).
    """
    forms = ensemble.forms[lens]
    system = ensemble.lenses[lens]
    surface = surface or surface_of(ensemble, lens, source)
    mean = mean_unknowns(ensemble.unknowns, ensemble.weights)
    profile = ensemble.profile(lens)
    delays, magnified = ensemble.delays(source, lens), magnifications(forms, ensemble.unknowns, source)
    beta = mean[forms.layout.sources[source]]
    return {
        **summary(ensemble),
        "hubble": plain(ensemble.hubble),
        "einstein": plain(ensemble.einstein_radius(source, lens)),
        "profile": {
            "radius": plain(profile.middles),
            "edge": plain(profile.edges),
            "kappa": plain(ensemble.band(profile.kappa)),
            "within": plain(ensemble.band(profile.mean_within)),
        },
        "map": {
            "x": plain(system.grid.positions[:, 0]),
            "y": plain(system.grid.positions[:, 1]),
            "side": plain(system.grid.sides),
            "kappa": plain(forms.kappa.at(mean)),
        },
        "arrival": _arrival(surface, mean),
        "lines": {
            "arrival": _lines(_levels(surface, mean)),
            "saddle": _lines(saddle_contours(surface, mean)),
            "critical": _lines(critical_curves(surface, mean)),
            "caustic": _lines(caustics(surface, mean)),
        },
        "images": [_image(each) for each in find_images(surface, mean)],
        "marks": [
            {"delay": plain(delay), "magnification": plain(magnification)}
            for delay, magnification in zip(ensemble.band(delays).T, ensemble.band(magnified).T, strict=True)
        ],
        "source": {"x": plain(beta[0]), "y": plain(beta[1])},
    }


def _image(found: FoundImage) -> dict[str, Any]:
    numbers = {"x": found.x, "y": found.y, "magnification": found.magnification}
    return {**{name: plain(value) for name, value in numbers.items()}, "kind": found.kind, "seen": found.seen}


def _arrival(surface: Surface, unknowns: Array) -> dict[str, Any]:
    tau = surface.arrival(unknowns)
    (begin,) = surface.arrival_at(surface.forms.lens.sources[surface.source].positions[:1], unknowns)
    return {"half": plain(surface.raster.half), "count": surface.raster.count, "tau": plain(tau.ravel() - begin)}


def _levels(surface: Surface, unknowns: Array) -> list[Contour]:
    """Give contours of the arrival time, as many again beyond the last image as there are to it."""
    tau = surface.arrival(unknowns)
    images = surface.arrival_at(surface.forms.lens.sources[surface.source].positions, unknowns)
    first, last = float(images.min()), float(images.max())
    step = max((last - first) / (_LEVELS / 2), 1e-9)
    return [line for level in range(1, _LEVELS + 1) for line in contours(tau, surface, first + level * step)]


def _lines(found: list[Contour]) -> list[Any]:
    return [np.round(each.points, 4).tolist() for each in found]


def plain(values: Any) -> Any:
    """Give numbers as JSON has them: with six digits, and None for what is not finite."""
    array = np.asarray(values, float)
    if array.ndim == 0:
        return _significant(float(array))
    return [plain(each) for each in array]


def _significant(value: float) -> float | None:
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None


def _rounded(value: float, digits: int) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None

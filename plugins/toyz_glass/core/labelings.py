"""Other readings of the same marks: which minimum might be a saddle point, and which reading the lens bears best.

Volunteers who mark a quad take a minimum for a saddle point, and the saddle for the minimum, more often than they err
in any other way (Küng et al. 2015, MNRAS 447, 2170). Each such exchange is modelled too, and all are ranked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from toyz_glass.core.ensemble import Ensemble
from toyz_glass.core.errors import Infeasible
from toyz_glass.core.interior import inside_of
from toyz_glass.core.lens import Image, LensSystem, Source
from toyz_glass.core.one_thread import one_thread
from toyz_glass.core.polytope import problem_of
from toyz_glass.core.rounding import dikin
from toyz_glass.core.sample import sample
from toyz_glass.core.weights import extra_images, no_extra_images

Array = NDArray[np.float64]
_ODDS = 0.1
"""Of one image that is there and was overlooked."""
_MODELS = 50
"""Of each reading: enough to see whether it predicts images that nobody saw."""


@dataclass(frozen=True)
class Reading:
    """One reading of the marks.

    Parameters
    ----------
    lens : LensSystem
    exchanged : (int, int) or None
        Numbers of the two images whose places were exchanged; None of the marks as they were given.
    score : float
        Logarithm of how well the lens bears it; −∞ where no mass map does. What is the same for all is left out.
    log_volume : float
        Of the mass maps that do all that is asked: the part of the score that says how much room it leaves.
    overlooked : float
        Images that a model predicts and nobody saw, on average.
    ensemble : Ensemble or None
        Some models.
    reasons : tuple of str
        In words.
    """

    lens: LensSystem
    exchanged: tuple[int, int] | None
    score: float
    log_volume: float
    overlooked: float
    ensemble: Ensemble | None
    reasons: tuple[str, ...]


def readings(lens: LensSystem, source: int = 0) -> list[tuple[tuple[int, int] | None, LensSystem]]:
    """Give the marks as they are, and with each minimum and saddle point of a source exchanged."""
    images = list(lens.sources[source].images)
    found: list[tuple[tuple[int, int] | None, LensSystem]] = [(None, lens)]
    for one, first in enumerate(images):
        for other, second in enumerate(images):
            if first.kind == "min" and second.kind == "saddle":
                found.append(((one, other), _exchanged(lens, source, one, other)))
    return found


def _exchanged(lens: LensSystem, source: int, one: int, other: int) -> LensSystem:
    """Exchange the places of two images: the order of kinds stays, and the delays are left out."""
    marked = lens.sources[source]
    images = list(marked.images)
    images[one] = Image(marked.images[other].x, marked.images[other].y, marked.images[one].kind)
    images[other] = Image(marked.images[one].x, marked.images[one].y, marked.images[other].kind)
    sources = list(lens.sources)
    # What was measured between two of them is not known of the others.
    sources[source] = Source(marked.z, tuple(images), ())
    return replace(lens, sources=tuple(sources))


@one_thread
def rank(
    lens: LensSystem, source: int = 0, seed: int = 0, progress: Callable[[float], None] | None = None
) -> list[Reading]:
    """Model every reading, and give them from the best to those that cannot be.

    Parameters
    ----------
    lens : LensSystem
        Its delays are left out: what tells readings apart must be the same for all.
    source : int
        Whose marks are read in other ways.
    seed : int
    progress : callable, optional
        Told how far it is, from 0 to 1.
    """
    marked = lens.sources[source]
    sources = list(lens.sources)
    sources[source] = Source(marked.z, marked.images, ())
    candidates = readings(replace(lens, sources=tuple(sources)), source)
    found = []
    for number, (exchanged, candidate) in enumerate(candidates):
        found.append(_read(candidate, exchanged, source, seed))
        if progress is not None:
            progress((number + 1) / len(candidates))
    found.sort(key=lambda reading: -reading.score)
    return [replace(reading, reasons=_reasons(reading, found)) for reading in found]


def _read(lens: LensSystem, exchanged: tuple[int, int] | None, source: int, seed: int) -> Reading:
    try:
        volume = float(np.linalg.slogdet(dikin(inside_of(problem_of((lens,)))).scale)[1])
        ensemble = sample(lens, _MODELS, seed)
    except Infeasible as problem:
        return Reading(lens, exchanged, -np.inf, -np.inf, 0.0, None, problem.conflict)
    counts = extra_images(ensemble, 0, source)
    seen = float(np.log(np.mean(np.exp(no_extra_images(counts, _ODDS)))))
    return Reading(lens, exchanged, volume + seen, volume, float(counts.mean()), ensemble, ())


def _reasons(reading: Reading, found: Sequence[Reading]) -> tuple[str, ...]:
    """Say in words why a reading stands where it does."""
    if reading.ensemble is None:
        return ("no mass map does all of this: " + "; ".join(reading.reasons),)
    best = max(each.log_volume for each in found)
    said = []
    if reading.log_volume < best - 1:
        power = (reading.log_volume - best) / np.log(10)
        said.append(f"it leaves 10^{power:.1f} of the room for mass maps that another leaves")
    else:
        said.append("it leaves the most room for mass maps")
    if reading.overlooked > 0.05:
        said.append(f"its models predict {reading.overlooked:.1f} images that nobody saw")
    else:
        said.append("its models predict no image that nobody saw")
    return tuple(said)

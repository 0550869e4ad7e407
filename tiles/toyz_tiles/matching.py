"""The sky of the CCDs of a mosaic brought together, so that the eye sees one picture.

A CCD (or, where the header tells them apart, each of its amplifiers) is given one number: an
offset that brings its sky to that of the others, or a factor. This is for looking, as quick-look
tools do it, not for photometry: nothing is fitted across gaps, and gradients stay.
"""

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toyz.errors import CorruptFile, InvalidParameter
from toyz.protocol import Match
from toyz.readers import Pixels, Raster
from toyz_tiles.layout import Place
from toyz_tiles.sections import Section, amplifier_sections
from toyz_tiles.statistics import finite

Floats = NDArray[np.float64]

SAMPLE = 4096
"""Pixels of each part that its sky is measured on."""
_LEAST = 16
"""Valid pixels without which there is no sky."""
_CLIP = 3.0
_ROUNDS = 8
_STRANGE = 4.0
"""A sky this many times the usual one is of something else: such a part is left as it is."""
_ABOVE_NOISE = 3.0
"""A sky this many sigma from zero has a ratio to others."""


class Part(NamedTuple):
    """A part of a CCD that one amplifier has read: rows and columns of its raster, in file order, from 0."""

    name: str
    hdu: int
    y0: int
    y1: int
    x0: int
    x1: int


def parts_of(place: Place, cards: Mapping[str, str]) -> list[Part]:
    """Divide what is shown of a CCD among its amplifiers, as DATASECA and so on say; else give it as one part."""
    ny, nx = place.shape
    shown = Section(place.crop_x + 1, place.crop_x + nx, place.crop_y + 1, place.crop_y + ny)
    named = amplifier_sections(cards, shown) or {"": shown}
    return [
        Part(place.name + amplifier, place.hdu, box.y0 - 1, box.y1, box.x0 - 1, box.x1)
        for amplifier, box in named.items()
    ]


class Sky(NamedTuple):
    """Level and noise (sigma) of a part without its stars; NaN where too few pixels are valid."""

    level: float
    noise: float


def sky_of_values(values: Pixels) -> Sky:
    """Find the median and the robust sigma of values, 3-sigma clipped until nothing more is thrown out."""
    valid = finite(values)
    level = noise = math.nan
    for _ in range(_ROUNDS):
        if valid.size < _LEAST:
            break
        level = float(np.median(valid))
        distance = np.abs(valid - level)
        noise = 1.4826 * float(np.median(distance))
        kept = valid[distance <= _CLIP * noise]
        if noise == 0 or kept.size == valid.size:
            break
        valid = kept
    return Sky(level, noise)


def measure_skies(
    parts: Sequence[Part], rasters: Mapping[int, Raster], pool: Executor | None = None
) -> tuple[Sky, ...]:
    """Measure the sky of each part on some thousand of its pixels; NaN where they cannot be read."""

    def measure(part: Part) -> Sky:
        area = (part.y1 - part.y0) * (part.x1 - part.x0)
        step = max(1, math.isqrt(area // SAMPLE))
        try:
            return sky_of_values(rasters[part.hdu].read(part.y0, part.y1, part.x0, part.x1, step))
        except CorruptFile:
            return Sky(math.nan, math.nan)

    return tuple((pool.map if pool is not None else map)(measure, parts))


@dataclass(frozen=True)
class SkyMatch:
    """What is added to the parts of a mosaic, or what they are multiplied with.

    Attributes
    ----------
    how : str
        ``background`` (added) or ``gain`` (multiplied).
    level : float
        The sky that all have then: the median of theirs.
    parts : tuple of Part
    values : tuple of float
        Of each part; 0 or 1 for one that is left as it is.
    unmatched : tuple of str
        Names of those.
    """

    how: Match
    level: float
    parts: tuple[Part, ...]
    values: tuple[float, ...]
    unmatched: tuple[str, ...] = ()

    @property
    def neutral(self) -> float:
        """The value that changes nothing."""
        return 1.0 if self.how == "gain" else 0.0

    @cached_property
    def _by_hdu(self) -> dict[int, list[tuple[Part, float]]]:
        found: dict[int, list[tuple[Part, float]]] = {}
        for part, value in zip(self.parts, self.values, strict=True):
            found.setdefault(part.hdu, []).append((part, value))
        return found

    def of(self, hdu: int) -> list[tuple[Part, float]]:
        """The parts of a CCD with their values."""
        return self._by_hdu.get(hdu, [])

    def apply(self, pixels: Pixels, values: Any) -> Pixels:
        """Change pixels by a value, or by an array of values."""
        return np.asarray(pixels * values if self.how == "gain" else pixels + values)


def match_skies(how: Match, parts: Sequence[Part], skies: Sequence[Sky]) -> SkyMatch:
    """Bring the parts of a mosaic to the median of their skies.

    Raises
    ------
    InvalidParameter
        If no part has a sky, or factors are asked for and the usual sky is within its noise of zero.
    """
    levels = np.array([sky.level for sky in skies], np.float64)
    known = np.isfinite(levels)
    if not known.any():
        raise InvalidParameter("no CCD has a sky to match: too few valid pixels", field="parameters.match")
    level = float(np.median(levels[known]))
    if how == "background":
        values = np.where(known, level - levels, 0.0)
    else:
        noise = float(np.median([sky.noise for sky in skies if math.isfinite(sky.level)]))
        if level <= _ABOVE_NOISE * noise or level <= 0:
            message = "The sky of these CCDs is too near zero to find factors; match the background."
            raise InvalidParameter(message, field="parameters.match")
        known &= (levels > level / _STRANGE) & (levels < level * _STRANGE)
        values = np.ones_like(levels)
        values[known] = level / levels[known]
    unmatched = tuple(part.name for part, sure in zip(parts, known.tolist(), strict=True) if not sure)
    return SkyMatch(how, level, tuple(parts), tuple(values.tolist()), unmatched)

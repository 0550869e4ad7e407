"""A colour picture of three open images: it has no pixels, no pyramid and no builds of its own."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from toyz.errors import InvalidParameter
from toyz.protocol import ChannelCuts
from toyz.readers import Pixels
from toyz_sessions.answers import Component, Cuts, ImageInfo
from toyz_sessions.display import Display
from toyz_sessions.image_key import ImageKey
from toyz_sessions.images import ImageStore
from toyz_sessions.keys import digest
from toyz_sessions.open_image import OpenImage
from toyz_sessions.picture_levels import Levels
from toyz_sessions.shown import PyramidState
from toyz_tiles import statistics
from toyz_tiles.geometry import Window
from toyz_tiles.matching import SkyMatch
from toyz_tiles.stacked import Stacked, stack
from toyz_tiles.stretch import Floats, quantiles

NAMES = ("red", "green", "blue")
PERCENT = 99.5
"""Of the cuts at first: what is brightest in one channel is as bright as what is in another."""
SKY = 0.02
"""How far above the low cut the sky lies, of the way to the high one: it is dark, and grey in all channels."""


class CompositeLevels:
    """The levels of three images, tile by tile; see `toyz_sessions.picture_levels.Levels`."""

    def __init__(self, channels: Sequence[Levels]) -> None:
        self._channels = tuple(channels)
        self.raster = Stacked([levels.raster for levels in channels])
        first = channels[0]
        self.shape, self.count, self.overview_level = first.shape, first.count, first.overview_level

    @property
    def settled(self) -> bool:
        """Whether the pixels of all three are there."""
        return all(levels.settled for levels in self._channels)

    def final(self, level: int) -> bool:
        """Whether the pixels of a level will not change any more."""
        return all(levels.final(level) for levels in self._channels)

    def overview(self) -> Pixels:
        """The whole image ``(ny, nx, 3)`` at `overview_level`, as it is known now."""
        return stack([levels.overview() for levels in self._channels], self.raster.dtype)

    def tile(self, level: int, x: int, y: int) -> Pixels:
        """The pixels ``(ny, nx, 3)`` of a tile.

        Raises
        ------
        NotFound
            Outside the image.
        CorruptFile
        """
        return stack([levels.tile(level, x, y) for levels in self._channels], self.raster.dtype)

    def window(self, level: int, window: Window) -> Pixels:
        """The pixels ``(ny, nx, 3)`` of a window of a level.

        Raises
        ------
        CorruptFile
        """
        return stack([levels.window(level, window) for levels in self._channels], self.raster.dtype)


class CompositeImage:
    """Three open images as red, green and blue; it answers as a `toyz_sessions.open_image.OpenImage` does.

    Parameters
    ----------
    parts : sequence of OpenImage
        Red, green and blue: of one channel and one shape. The first gives the sky and the header.

    Raises
    ------
    InvalidParameter
        If they do not fit together.
    """

    match: SkyMatch | None = None

    def __init__(self, parts: Sequence[OpenImage]) -> None:
        _check(parts)
        self.parts = tuple(parts)
        first = parts[0]
        self.id = digest("composite", *(part.id for part in parts))
        self.opened, self.sky = first.opened, first.sky
        self.levels = CompositeLevels([part.levels for part in parts])
        self.display = Display(self.levels.raster, None, first.display.hdu)

    @property
    def complete(self) -> bool:
        """Whether all pixels are there."""
        return all(part.complete for part in self.parts)

    @property
    def pyramid(self) -> PyramidState:
        """``building`` while that of any is built, ``ready`` when those that are wanted are there."""
        states = {part.pyramid for part in self.parts}
        ready: PyramidState = "ready" if "ready" in states else "none"
        return "building" if "building" in states else ready

    def sample(self) -> NDArray[Any]:
        """Values spread over the whole image, of all channels."""
        return np.concatenate([part.sample() for part in self.parts])

    def quantiles(self) -> Floats:
        """Give the sample as the histogram stretch needs it."""
        return quantiles(self.sample())

    def cuts(self, method: str, percent: float = PERCENT, values: NDArray[Any] | None = None) -> Cuts:
        """Find the cuts of each channel, and those that hold all of them.

        The low cut of a percentile is another than that of a single image, where noise decides on
        it: it lies so far below the median that the sky is as dark in all channels.

        Parameters
        ----------
        values : ndarray, optional
            ``(…, 3)``; the sample, if they are not given.
        """
        channels = [None] * len(self.parts) if values is None else np.moveaxis(values, -1, 0)
        found = [_channel_cuts(part, method, percent, some) for part, some in zip(self.parts, channels, strict=True)]
        pairs = cast(ChannelCuts, tuple((cuts.low, cuts.high) for cuts in found))
        low, high = min(low for low, _ in pairs), max(high for _, high in pairs)
        return Cuts(low, high, found[0].method, pairs)

    def to_fits(self, x: float, y: float) -> tuple[float, float]:
        """Turn display indices into FITS pixels (1-based, y up)."""
        return self.parts[0].to_fits(x, y)

    def to_display(self, x: float, y: float) -> tuple[float, float]:
        """Turn FITS pixels into display indices."""
        return self.parts[0].to_display(x, y)

    def value_at(self, x: float, y: float, *, shown: bool = False) -> NDArray[Any] | None:
        """The three values of the pixel that holds a FITS position; None outside the image.

        A channel whose data are damaged there has NaN.
        """
        found = [part.value_at(x, y, shown=shown) for part in self.parts]
        if all(value is None for value in found):
            return None
        return np.array([np.nan if value is None else value for value in found], np.float64)

    def info(self, progress: float = 1.0) -> ImageInfo:
        """Describe the image: as its first channel, but for what belongs to all three.

        It is not one of the HDUs of a file.
        """
        infos = [part.info(progress) for part in self.parts]
        units = {info.unit for info in infos}
        return msgspec.structs.replace(
            infos[0],
            image=self.id,
            name=braced([info.name for info in infos]),
            planes=1,
            hdus=[],
            dtype=str(self.levels.raster.dtype),
            unit=units.pop() if len(units) == 1 else "",
            channels=len(self.parts),
            layout="single",
            residual=None,
            ccds=[],
            cuts=self.cuts("percentile"),
            minimum=min((info.minimum for info in infos if info.minimum is not None), default=None),
            maximum=max((info.maximum for info in infos if info.maximum is not None), default=None),
            pyramid=self.pyramid,
            complete=self.complete,
            warnings=[f"{name}: {text}" for name, info in zip(NAMES, infos, strict=True) for text in info.warnings],
            components=[Component(info.path, info.hdu, info.plane) for info in infos],
        )


def compose(images: ImageStore, asked: Sequence[ImageKey]) -> CompositeImage:
    """Open three images as one.

    Raises
    ------
    InvalidParameter
        If they do not fit together.
    NotFound, Forbidden, UnsupportedFile, CorruptFile, TooLarge
    """
    with images.keeping_builds():
        return images.keep(CompositeImage([images.look_up(one) for one in asked]))


def _channel_cuts(part: OpenImage, method: str, percent: float, values: NDArray[Any] | None) -> Cuts:
    cuts = part.cuts(method, percent, values)
    if method != "percentile":
        return cuts
    median = statistics.summary(part.sample() if values is None else values).median
    low = median - SKY * (cuts.high - median)
    # Without a value, or of one value alone, the cuts are as those of a single image.
    return Cuts(low, cuts.high, cuts.method) if low < median else cuts


def _check(parts: Sequence[OpenImage]) -> None:
    first = parts[0].levels
    for name, part in zip(NAMES, parts, strict=True):
        raster = part.levels.raster
        if raster.channels != 1:
            raise InvalidParameter("A colour picture cannot be one of the three.", field=f"parameters.{name}")
        if raster.shape != first.shape:
            sizes = " and ".join(f"{nx} × {ny}" for ny, nx in (first.shape, raster.shape))
            raise InvalidParameter(f"Red and {name} are not of one size: {sizes} pixels.", field=f"parameters.{name}")


def braced(names: Sequence[str]) -> str:
    """Write names as a shell would take them: ``m31_{i,r,g}.fits``; equal ones once."""
    if len(set(names)) == 1:
        return names[0]
    start = _common(names)
    end = _common([name[start:][::-1] for name in names])
    middles = ",".join(name[start : len(name) - end] for name in names)
    return f"{names[0][:start]}{{{middles}}}{names[0][len(names[0]) - end :]}"


def _common(names: Sequence[str]) -> int:
    """Count the letters that all names begin with."""
    columns = zip(*names, strict=False)
    return sum(1 for _ in takewhile(lambda letters: len(set(letters)) == 1, columns))

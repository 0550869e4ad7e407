"""One image that is open: its pixels at all levels, its place on the sky, and what is said of it."""

import threading
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from toyz.errors import CorruptFile
from toyz.readers import HduInfo, Pixels, Raster
from toyz_sessions.answers import Cuts, FrameInfo, ImageInfo
from toyz_sessions.display import Display, sky_of
from toyz_sessions.image_info import ccds_of, describe_match, describe_wcs, image_name, residual_of
from toyz_sessions.keys import image_id
from toyz_sessions.opening import Opened
from toyz_sessions.picture_levels import Levels
from toyz_sessions.shown import PyramidState
from toyz_sessions.spooled import PendingRaster
from toyz_tiles import statistics
from toyz_tiles.cache import ByteCache
from toyz_tiles.matched import MatchedPyramid, matched_mosaic
from toyz_tiles.matching import SkyMatch
from toyz_tiles.pyramid import Pyramid
from toyz_tiles.stretch import Floats, quantiles
from toyz_tiles.wcs import MosaicSky, SkyMap

SAMPLE = 1 << 18
"""Values kept of an image for cuts and histograms."""


class OpenImage:
    """One open image: its levels, its sky and a sample of its values.

    Parameters
    ----------
    opened : Opened
    display : Display
    plane : int
    cache : ByteCache
    pending : sequence of PendingRaster
        Those of the display whose pixels are still being decoded.
    match : SkyMatch, optional
        What brings the CCDs of a mosaic to one sky.
    """

    def __init__(
        self,
        opened: Opened,
        display: Display,
        plane: int,
        cache: ByteCache[Pixels],
        pending: Sequence[PendingRaster] = (),
        match: SkyMatch | None = None,
    ) -> None:
        self.opened, self.display, self.plane, self.pending, self.match = opened, display, plane, pending, match
        state = "" if opened.complete else f"partial {len(opened.source.hdus)}"
        layout = "" if display.layout is None else display.layout.kind
        self.id = image_id(opened.file.identity, display.hdu, plane, state, layout, match.how if match else "")
        self.levels = Levels(
            self._shown(), cache, self.id, settled=self.complete, changed=lambda: opened.file.overwritten
        )
        self.pyramid: PyramidState = "none"
        self.described = False
        """Whether somebody looks at it, and not only past it."""
        self._quantiles: Floats | None = None
        self.pyramid_build = opened.build("pyramid", display.hdu, plane, layout)
        self.awaited = self._awaited_builds()
        self.lock = threading.Lock()

    @cached_property
    def sky(self) -> SkyMap | MosaicSky:
        """The map between FITS pixels and the sky."""
        return sky_of(self.opened, self.display)

    def _shown(self) -> Raster:
        mosaic = self.display.mosaic
        return self.display.raster if self.match is None or mosaic is None else matched_mosaic(mosaic, self.match)

    def pyramid_from(self, fd: int) -> Pyramid:
        """Open the pyramid, which holds the pixels of the file whatever they are matched by.

        Raises
        ------
        CorruptFile
        """
        if self.match is None or self.display.mosaic is None:
            return Pyramid(fd, self.pyramid_build.key, self.levels.shape)
        return MatchedPyramid(fd, self.pyramid_build.key, self.display.mosaic, self.match)

    @property
    def parts(self) -> tuple["OpenImage", ...]:
        """The images with pixels of their own that this one is made of: itself."""
        return (self,)

    @property
    def complete(self) -> bool:
        """Whether all pixels are there."""
        return self.opened.complete and all(raster.arrived for raster in self.pending)

    @property
    def builds(self) -> frozenset[str]:
        """Keys of all builds that serve it."""
        return self.awaited | {self.pyramid_build.key}

    def _awaited_builds(self) -> frozenset[str]:
        """Keys of the builds that bring the pixels that are not there yet."""
        if not self.opened.complete:
            return frozenset({self.opened.build("decompress").key})
        if not self.pending:
            return frozenset()
        hdus: list[int | str] = [ccd.hdu for ccd in ccds_of(self.display)]
        hdus = hdus or [self.display.hdu]
        return frozenset(self.opened.build("decode", hdu, self.plane).key for hdu in hdus)

    def sample(self) -> NDArray[Any]:
        """Values spread over the whole image, NaN among them; colour channels side by side."""
        return self.levels.sample(SAMPLE)

    def quantiles(self) -> Floats:
        """Give the sample as the histogram stretch needs it."""
        if self._quantiles is None or not self.levels.settled:
            self._quantiles = quantiles(self.sample())
        return self._quantiles

    def cuts(self, method: str, percent: float = 99.5, values: NDArray[Any] | None = None) -> Cuts:
        """Find cuts from the sample, or from the values given."""
        values = self.sample() if values is None else values
        if method == "zscale":
            low, high = (0.0, 255.0) if self.levels.raster.channels > 1 else statistics.zscale(values)
            return Cuts(low, high, "zscale")
        if method == "percentile":
            return Cuts(*statistics.percentile_cuts(values, percent), "percentile")
        return Cuts(*statistics.minmax(values), "minmax")

    def to_fits(self, x: float, y: float) -> tuple[float, float]:
        """Turn display indices into FITS pixels (1-based, y up)."""
        return x + 1, self.display.height - y

    def to_display(self, x: float, y: float) -> tuple[float, float]:
        """Turn FITS pixels into display indices."""
        return x - 1, self.display.height - y

    def value_at(self, x: float, y: float, *, shown: bool = False) -> NDArray[Any] | None:
        """The pixel that holds a FITS position; None outside the image or where the data are damaged.

        Its value is that of the file, or the one that is shown where CCDs are matched.
        """
        raster = self.levels.raster if shown else self.display.raster
        column, row = int(np.floor(x + 0.5)) - 1, self.display.height - int(np.floor(y + 0.5))
        if not (0 <= column < self.display.width and 0 <= row < self.display.height):
            return None
        try:
            value: NDArray[Any] = raster.read(row, row + 1, column, column + 1)[0, 0]
        except CorruptFile:
            return None
        return value

    def _emptiness(self, valid: int) -> list[str]:
        if valid or not self.complete:
            return []
        return ["No pixel of this image has a value." if self.levels.small else "No pixel of a sample has a value."]

    @property
    def _hdu(self) -> HduInfo:
        """What is said of the HDU that is shown; of a mosaic, the first of its CCDs."""
        hdu = self.display.hdu
        return self.opened.source.hdus[hdu if isinstance(hdu, int) else ccds_of(self.display)[0].hdu]

    def frame(self) -> FrameInfo:
        """Say what is known without a look at the pixels or the sky."""
        opened, display = self.opened, self.display
        return FrameInfo(
            image=self.id,
            path=opened.path,
            name=image_name(opened),
            hdu=display.hdu,
            plane=self.plane,
            planes=1 if display.layout is not None else self._hdu.planes,
            width=display.width,
            height=display.height,
            levels=self.levels.count,
            dtype=str(display.raster.dtype),
            channels=display.raster.channels,
            reader=opened.reader,
            complete=self.complete,
        )

    def info(self, progress: float = 1.0) -> ImageInfo:
        """Describe the image."""
        opened, display = self.opened, self.display
        valid, minimum, maximum = statistics.extent(self.sample())
        wcs, problem = describe_wcs(self.sky, display.width, display.height)
        return ImageInfo(
            **msgspec.structs.asdict(self.frame()),
            unit=self._hdu.unit,
            bottom_up=opened.source.bottom_up,
            hdus=list(opened.source.hdus),
            layout="single" if display.layout is None else display.layout.kind,
            residual=residual_of(display),
            match="none" if self.match is None else self.match.how,
            matching=describe_match(self.match),
            ccds=ccds_of(display),
            wcs=wcs,
            wcs_problem=problem,
            cuts=self.cuts("zscale"),
            minimum=minimum,
            maximum=maximum,
            pyramid=self.pyramid,
            progress=progress,
            warnings=[*opened.source.warnings, *display.warnings, *self._emptiness(valid)],
            modified=opened.file.modified,
        )

"""What a window may show: one open image, or several of them as one picture."""

from typing import TYPE_CHECKING, Any, Literal, Protocol

from numpy.typing import NDArray

from toyz.readers import Pixels, Raster
from toyz_sessions.answers import Cuts, ImageInfo
from toyz_sessions.display import Display
from toyz_sessions.opening import Opened
from toyz_tiles.geometry import Window
from toyz_tiles.matching import SkyMatch
from toyz_tiles.stretch import Floats
from toyz_tiles.wcs import MosaicSky, SkyMap

if TYPE_CHECKING:
    from toyz_sessions.open_image import OpenImage

PyramidState = Literal["none", "building", "ready"]


class ShownLevels(Protocol):
    """The pixels of any tile; see `toyz_sessions.picture_levels.Levels`."""

    @property
    def raster(self) -> Raster:
        """All pixels, in display order."""

    @property
    def shape(self) -> tuple[int, int]:
        """``(ny, nx)`` of level 0."""

    @property
    def count(self) -> int:
        """How many levels there are."""

    @property
    def overview_level(self) -> int:
        """Of the overview; 0 where it holds every pixel."""

    @property
    def settled(self) -> bool:
        """False while the pixels can still change."""

    def final(self, level: int) -> bool:
        """Whether the pixels of a level will not change any more."""

    def overview(self) -> Pixels:
        """The whole image at `overview_level`, as it is known now."""

    def tile(self, level: int, x: int, y: int) -> Pixels:
        """The pixels of a tile."""

    def window(self, level: int, window: Window) -> Pixels:
        """The pixels of a window of a level."""


class ShownImage(Protocol):
    """An image with an id; see `toyz_sessions.open_image.OpenImage`."""

    @property
    def id(self) -> str:
        """Names its pixels."""

    @property
    def parts(self) -> "tuple[OpenImage, ...]":
        """The images with pixels of their own that it is made of."""

    @property
    def opened(self) -> Opened:
        """The file, whose headers are its own."""

    @property
    def display(self) -> Display:
        """Its pixels and CCDs as they are seen."""

    @property
    def sky(self) -> SkyMap | MosaicSky:
        """Its place on the sky."""

    @property
    def match(self) -> SkyMatch | None:
        """What brings the CCDs of a mosaic to one sky."""

    @property
    def levels(self) -> ShownLevels:
        """Its tiles."""

    @property
    def pyramid(self) -> PyramidState:
        """Whether there is one, or will be."""

    def sample(self) -> NDArray[Any]:
        """Values spread over the whole image."""

    def quantiles(self) -> Floats:
        """The sample as the histogram stretch needs it."""

    def cuts(self, method: str, percent: float = 99.5, values: NDArray[Any] | None = None) -> Cuts:
        """Find cuts from the sample, or from the values given."""

    def to_display(self, x: float, y: float) -> tuple[float, float]:
        """Turn FITS pixels into display indices."""

    def value_at(self, x: float, y: float, *, shown: bool = False) -> NDArray[Any] | None:
        """The pixel that holds a FITS position, as the file has it or as it is shown."""

    def info(self, progress: float = 1.0) -> ImageInfo:
        """Describe the image."""

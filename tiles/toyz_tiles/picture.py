"""A whole picture as a file: coloured, toned, turned and encoded."""

from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from toyz.protocol import Style
from toyz.readers import Pixels
from toyz_tiles.encode import Bytes, encode, paint
from toyz_tiles.stretch import Floats

Tone = Literal["default", "color", "gray", "bitonal"]
"""The colours of the style as they are, always three channels, their luminance, or black and white."""
Format = Literal["jpeg", "png"]
Turn = Literal[0, 90, 180, 270]
_HALF = 128
S = TypeVar("S", bound=np.generic)


def picture(
    pixels: Pixels,
    style: Style,
    equalisation: Floats | None = None,
    *,
    format: Format = "jpeg",  # noqa: A002 - its name on the wire
    tone: Tone = "default",
    turn: Turn = 0,
    mirror: bool = False,
) -> bytes:
    """Make the picture of some pixels.

    Parameters
    ----------
    pixels, style, equalisation
        As for `toyz_tiles.encode.render`.
    format : str
        A JPEG has no transparent pixels.
    tone : str
    turn : int
        Degrees clockwise.
    mirror : bool
        Whether left and right are exchanged, before it is turned.

    Raises
    ------
    InvalidParameter
        For a colormap or a colour that does not exist.
    """
    image, hidden = paint(pixels, style, equalisation)
    image = turned(toned(image, tone), turn, mirror=mirror)
    hidden = None if hidden is None else turned(hidden, turn, mirror=mirror)
    return encode(image, hidden, format, style.quality)


def toned(image: Bytes, tone: Tone) -> Bytes:
    """Give a picture ``(ny, nx)`` or ``(ny, nx, 3)`` another tone; luminance is that of ITU-R BT.601."""
    if tone == "default":
        return image
    if tone == "color":
        return np.repeat(image[:, :, None], 3, axis=2) if image.ndim == 2 else image
    grey = image if image.ndim == 2 else np.array(Image.fromarray(image).convert("L"))
    return np.where(grey < _HALF, 0, 255).astype(np.uint8) if tone == "bitonal" else grey


def turned(image: NDArray[S], turn: Turn, *, mirror: bool) -> NDArray[S]:
    """Mirror left and right if asked to, then turn clockwise; rows and columns are the first two axes."""
    seen = image[:, ::-1] if mirror else image
    return np.ascontiguousarray(np.rot90(seen, -(turn // 90)))

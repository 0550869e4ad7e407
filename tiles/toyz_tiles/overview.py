"""What a window of a level shows, with or without a pyramid."""

from toyz.readers import Pixels, Raster
from toyz_tiles.geometry import Window, to_full
from toyz_tiles.pyramid import Pyramid
from toyz_tiles.reduce import halve


def decimated(raster: Raster, level: int, window: Window) -> Pixels:
    """Read a window of a level straight from the pixels.

    Level 0 is the pixels themselves and level 1 the mean of each 2 × 2 block. A higher level
    takes the centre pixel of each block: quick, but noise is not averaged.

    Parameters
    ----------
    raster : Raster
        In display order.
    level : int
    window : Window
        In pixels of the level.

    Returns
    -------
    ndarray
        Of the window's shape.

    Raises
    ------
    CorruptFile
    """
    full = to_full(window, level, raster.shape)
    if level == 0:
        return raster.read(*full)
    if level == 1:
        return halve(raster.read(*full))
    return raster.read(*full, 1 << level)


def level_pixels(raster: Raster, pyramid: Pyramid | None, level: int, window: Window) -> Pixels:
    """Read a window of a level: block means from the pyramid if there is one, else `decimated`.

    Raises
    ------
    CorruptFile
    """
    if pyramid is not None and level >= pyramid.first_level:
        return pyramid.window(level, *window)
    return decimated(raster, level, window)

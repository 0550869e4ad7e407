"""Sky coordinates: what the other packages import, gathered from the modules that hold them."""

from toyz_tiles.frames import from_galactic, to_galactic
from toyz_tiles.mosaic_sky import LazySkyMaps, MosaicSky
from toyz_tiles.position import PixelPosition, SkyPosition, format_sexagesimal, parse_position
from toyz_tiles.skymap import SkyMap, needs_tables, sky_map

__all__ = [
    "LazySkyMaps",
    "MosaicSky",
    "PixelPosition",
    "SkyMap",
    "SkyPosition",
    "format_sexagesimal",
    "from_galactic",
    "needs_tables",
    "parse_position",
    "sky_map",
    "to_galactic",
]

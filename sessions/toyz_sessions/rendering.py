"""From a tile's address to the encoded picture, or to its packed values."""

import threading

from toyz.protocol import DataAddress, TileAddress, TilePlace
from toyz_sessions.images import ImageStore
from toyz_sessions.shown import ShownImage
from toyz_tiles import data_tile
from toyz_tiles.encode import render
from toyz_tiles.stretch import Floats, equalisation


class Renderer:
    """Renders tiles of the open images.

    Parameters
    ----------
    images : ImageStore
    """

    def __init__(self, images: ImageStore) -> None:
        self._images = images
        self._equalisations: dict[tuple[str, float, float], Floats] = {}
        self._lock = threading.Lock()

    def render(self, address: TilePlace) -> tuple[str, bytes, bool]:
        """Render a tile, or pack its values.

        Returns
        -------
        format : str
            ``jpeg``, ``png`` or ``tile``.
        data : bytes
        final : bool
            Whether the same address will always give the same picture.

        Raises
        ------
        NotFound
            If the image is not open, or has no such tile.
        InvalidParameter
            If the style names an unknown colormap.
        CorruptFile
        """
        image = self._images.get(address.image)
        settled = image.levels.final(address.level)
        pixels = image.levels.tile(address.level, address.x, address.y)
        # Before, because a pyramid may come meanwhile; after, because the file may be written to.
        final = settled and image.levels.final(address.level)
        if isinstance(address, DataAddress):
            data = data_tile.pack(pixels, quantum=address.quantum, exact=address.exact, packing=address.packing)
            return "tile", data, final
        assert isinstance(address, TileAddress)
        style = address.style
        curve = self._equalisation(image, style.low, style.high) if style.stretch == "histogram" else None
        kind, data = render(pixels, style, curve)
        return kind, data, final

    def _equalisation(self, image: ShownImage, low: float, high: float) -> Floats:
        key = (image.id, low, high)
        with self._lock:
            known = self._equalisations.get(key)
        if known is not None:
            return known
        made = equalisation(image.quantiles(), low, high)
        with self._lock:
            if len(self._equalisations) > 32:
                self._equalisations.clear()
            self._equalisations[key] = made
        return made

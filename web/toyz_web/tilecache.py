"""Encoded tiles of all users, bounded in bytes.

A tile is the same for everybody who may see the image, so it is kept once. Who may see it is not
decided here: a window asks only for images that its own session has opened.
"""

from collections import OrderedDict

import msgspec

from toyz.protocol import TilePlace

_OVERHEAD = 600
"""Bytes of bookkeeping of one tile, roughly."""


class EncodedTile(msgspec.Struct, frozen=True):
    """A tile as it goes over the wire."""

    format: str
    data: bytes


class TileCache:
    """A least-recently-used cache of encoded tiles.

    Parameters
    ----------
    capacity : int
        Bytes.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.used = 0
        self._tiles: OrderedDict[TilePlace, EncodedTile] = OrderedDict()
        self._of_image: dict[str, set[TilePlace]] = {}

    def get(self, address: TilePlace) -> EncodedTile | None:
        """Give a tile, or None."""
        tile = self._tiles.get(address)
        if tile is not None:
            self._tiles.move_to_end(address)
        return tile

    def put(self, address: TilePlace, tile: EncodedTile) -> None:
        """Keep a tile; the least recently used go."""
        self._remove(address)
        if _cost(tile) > self.capacity:
            return
        self._tiles[address] = tile
        self._of_image.setdefault(address.image, set()).add(address)
        self.used += _cost(tile)
        while self.used > self.capacity:
            self._remove(next(iter(self._tiles)))

    def drop_image(self, image: str) -> None:
        """Forget all tiles of an image whose pixels changed."""
        for address in tuple(self._of_image.get(image, ())):
            self._remove(address)

    def _remove(self, address: TilePlace) -> None:
        tile = self._tiles.pop(address, None)
        if tile is None:
            return
        self.used -= _cost(tile)
        siblings = self._of_image[address.image]
        siblings.discard(address)
        if not siblings:
            del self._of_image[address.image]


def _cost(tile: EncodedTile) -> int:
    return len(tile.data) + _OVERHEAD

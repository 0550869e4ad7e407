"""From bands of rows of an image to the rows of means that each stored level gains."""

import numpy as np
from numpy.typing import NDArray

from toyz_tiles.geometry import level_shape
from toyz_tiles.pyramid_format import FIRST_LEVEL, Header
from toyz_tiles.reduce import Counts, Sums, means, pair_sums


class Reducer:
    """Reduces one channel of an image, band by band from top to bottom, from the sums of the first stored level on.

    Parameters
    ----------
    header : Header
    """

    def __init__(self, header: Header) -> None:
        self._levels = header.levels - FIRST_LEVEL
        self._widths = [level_shape(header.shape, FIRST_LEVEL + number - 1)[1] for number in range(self._levels)]
        self._kept: list[tuple[Sums, Counts] | None] = [None] * self._levels

    def push(self, sums: Sums, counts: Counts, last: bool) -> list[NDArray[np.float32]]:
        """Give the new rows of each stored level.

        Parameters
        ----------
        sums, counts : ndarray
            ``(ny, nx)`` of the band's blocks, as `toyz_tiles.reduce.block_sums` gives them.
        last : bool
            Whether no band comes after this one.
        """
        rows = [means(sums, counts)]
        for number in range(1, self._levels):
            sums, counts = self._join(number, sums, counts, last)
            sums, counts = pair_sums(sums, counts)
            rows.append(means(sums, counts))
        return rows

    def _join(self, number: int, sums: Sums, counts: Counts, last: bool) -> tuple[Sums, Counts]:
        # An odd row waits for its partner, unless there is none to come.
        kept = self._kept[number]
        if kept is not None:
            sums, counts = np.concatenate((kept[0], sums)), np.concatenate((kept[1], counts))
        if last or len(sums) % 2 == 0:
            self._kept[number] = None
            return sums, counts
        self._kept[number] = (sums[-1:], counts[-1:])
        return sums[:-1], counts[:-1]

    def state(self) -> list[tuple[bytes, bytes]]:
        """Give the rows that wait, as `restore` takes them."""
        return [(b"", b"") if kept is None else (kept[0].tobytes(), kept[1].tobytes()) for kept in self._kept]

    def restore(self, state: list[tuple[bytes, bytes]]) -> None:
        """Go on from an earlier state.

        Raises
        ------
        ValueError
            If it is not one of such an image.
        """
        for number, (sums, counts) in enumerate(state):
            if sums:
                shape = (1, self._widths[number])
                self._kept[number] = (
                    np.frombuffer(sums, np.float64).reshape(shape).copy(),
                    np.frombuffer(counts, np.int32).reshape(shape).copy(),
                )

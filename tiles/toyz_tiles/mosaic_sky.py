"""The sky under a pixel of a mosaic: each CCD answers for its own pixels."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toyz_tiles.frames import to_galactic
from toyz_tiles.layout import Layout, Place
from toyz_tiles.skymap import NOWHERE, SkyMap, directions, side, sky_map

Floats = NDArray[np.float64]


class LazySkyMaps(Mapping[int, SkyMap]):
    """Maps by HDU, each made when it is first asked for: an exposure has sixty.

    Parameters
    ----------
    header_texts : mapping
        HDU → 80-character cards.
    """

    def __init__(self, header_texts: Mapping[int, str]) -> None:
        self._texts = header_texts

    def __getitem__(self, hdu: int) -> SkyMap:
        return sky_map(self._texts[hdu])

    def __iter__(self) -> Any:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


class MosaicSky:
    """Between FITS pixels of a mosaic (1-based, y up) and ICRS degrees.

    It has the methods and attributes of `SkyMap`. A position in a gap is that of the nearest
    CCD, continued.

    Parameters
    ----------
    layout : Layout
    maps : mapping
        HDU → `SkyMap`.
    """

    def __init__(self, layout: Layout, maps: Mapping[int, SkyMap]) -> None:
        self._layout = layout
        self._maps = maps
        self._middle = self._most_central()
        central = maps[self._middle.hdu]
        self.problem = central.problem
        self.projection = central.projection
        self.frame = central.frame
        self.equinox = central.equinox

    def _most_central(self) -> Place:
        # Of the CCDs whose WCS can be used; if there is none, the one in the middle says why.
        column, row = (self._layout.width - 1) / 2, (self._layout.height - 1) / 2
        outwards = sorted(self._layout.placements, key=lambda placement: placement.distance(column, row))
        return next((placement for placement in outwards if not self._maps[placement.hdu].problem), outwards[0])

    def ccd_pixel(self, placement: Place, x: float, y: float) -> tuple[float, float]:
        """Turn a FITS pixel of the mosaic into one of a CCD."""
        column, row = placement.to_file(x - 1, self._layout.height - y)
        return column + 1, row + 1

    def mosaic_pixel(self, placement: Place, x: float, y: float) -> tuple[float, float]:
        """Turn a FITS pixel of a CCD into one of the mosaic."""
        column, row = placement.to_display(x - 1, y - 1)
        return column + 1, self._layout.height - row

    def ccd_at(self, x: float, y: float) -> tuple[Place, float, float] | None:
        """Find the CCD under a FITS pixel of the mosaic, and its own FITS pixel; None in a gap."""
        placement = self._layout.at(x - 1, self._layout.height - y)
        return None if placement is None else (placement, *self.ccd_pixel(placement, x, y))

    def sky(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Give ICRS degrees; see `SkyMap.sky`."""
        if np.ndim(x) == 0 and np.ndim(y) == 0:
            return self._sky_one(float(x), float(y))
        xs, ys = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
        found = np.array([self._sky_one(float(a), float(b)) for a, b in zip(xs.ravel(), ys.ravel(), strict=True)])
        found = found.reshape(-1, 2)
        return found[:, 0].reshape(xs.shape), found[:, 1].reshape(xs.shape)

    def _sky_one(self, x: float, y: float) -> tuple[float, float]:
        placement = self._layout.nearest(x - 1, self._layout.height - y)
        ra, dec = self._maps[placement.hdu].sky(*self.ccd_pixel(placement, x, y))
        return float(ra), float(dec)

    def galactic(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Give Galactic l and b in degrees."""
        return to_galactic(*self.sky(x, y))

    def pixel(self, ra: float, dec: float) -> tuple[float, float]:
        """Give the FITS pixel of the mosaic for an ICRS position, or NaN.

        The middle CCD makes a guess, then the CCD nearest to the guess is asked, until one
        answers with a pixel of its own. A position in a gap is that of the CCD nearest to it.
        """
        placement = self._middle
        asked: dict[int, tuple[float, float]] = {}
        while placement.hdu not in asked:
            x, y = self._ask(placement, ra, dec)
            asked[placement.hdu] = (x, y)
            if not math.isfinite(x) or placement.holds(x - 1, self._layout.height - y):
                break
            placement = self._layout.nearest(x - 1, self._layout.height - y)
        x, y = asked.get(placement.hdu, NOWHERE)
        if math.isfinite(x) and self._layout.nearest(x - 1, self._layout.height - y).hdu == placement.hdu:
            return x, y
        return self._search(ra, dec)

    def _search(self, ra: float, dec: float) -> tuple[float, float]:
        # No guess led to a CCD (far outside, or distortions pull apart): ask them all.
        best, distance = NOWHERE, math.inf
        for placement in self._layout.placements:
            x, y = self._ask(placement, ra, dec)
            if math.isfinite(x):
                away = placement.distance(x - 1, self._layout.height - y)
                if away < distance:
                    best, distance = (x, y), away
        return best

    def _ask(self, placement: Place, ra: float, dec: float) -> tuple[float, float]:
        x, y = self._maps[placement.hdu].pixel(ra, dec)
        return self.mosaic_pixel(placement, x, y) if math.isfinite(x) else NOWHERE

    def jacobian(self, x: float, y: float) -> Floats:
        """Give the change of (east, north) per mosaic pixel; see `SkyMap.jacobian`."""
        placement = self._layout.nearest(x - 1, self._layout.height - y)
        jacobian = self._maps[placement.hdu].jacobian(*self.ccd_pixel(placement, x, y))
        # Half a pixel to each side: a CCD that was placed by its WCS may be bent.
        turn = np.array(
            [
                np.subtract(self.ccd_pixel(placement, x + dx, y + dy), self.ccd_pixel(placement, x - dx, y - dy))
                for dx, dy in ((0.5, 0.0), (0.0, 0.5))
            ]
        ).T
        return np.asarray(jacobian @ turn, np.float64)

    def pixel_scale(self, x: float, y: float) -> float:
        """Give the side of a pixel in arcseconds."""
        return side(self.jacobian(x, y))

    def orientation(self, x: float, y: float) -> tuple[float, float]:
        """Give north and east, degrees clockwise from screen up; see `SkyMap.orientation`."""
        return directions(self.jacobian(x, y))

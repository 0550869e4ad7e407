"""The skies of mosaics, measured once for each, and what brings them together."""

import threading

from toyz.errors import InvalidParameter
from toyz.protocol import Match
from toyz_sessions.display import Display, ccd_pool
from toyz_sessions.keys import digest
from toyz_sessions.opening import Opened
from toyz_tiles.matching import Sky, SkyMatch, match_skies, measure_skies, parts_of

_KEPT = 64
"""Mosaics whose skies are remembered."""


class SkyMatcher:
    """Finds what a mosaic must be changed by; an image that is opened again is not measured again."""

    def __init__(self) -> None:
        self._skies: dict[str, tuple[Sky, ...]] = {}
        self._lock = threading.Lock()

    def find(self, opened: Opened, display: Display, how: Match, *, settled: bool) -> SkyMatch | None:
        """Measure the skies of a mosaic and match them; None where nothing is to be matched.

        Parameters
        ----------
        settled : bool
            False while pixels can still come: what was measured is not kept then.

        Raises
        ------
        InvalidParameter
            If the picture is no mosaic, or its skies cannot be matched so.
        """
        if how == "none":
            return None
        if display.mosaic is None:
            raise InvalidParameter("Only the CCDs of a mosaic are matched.", field="parameters.match")
        layout = display.mosaic.layout
        cards = {header.hdu: header.cards for header in opened.mosaic_headers()}
        parts = [part for place in layout.placements for part in parts_of(place, cards[place.hdu])]
        key = digest(opened.file.identity, *parts)
        with self._lock:
            skies = self._skies.get(key) if settled else None
        if skies is None:
            skies = measure_skies(parts, display.mosaic.rasters, ccd_pool())
            if settled:
                self._keep(key, skies)
        return match_skies(how, parts, skies)

    def _keep(self, key: str, skies: tuple[Sky, ...]) -> None:
        with self._lock:
            self._skies[key] = skies
            while len(self._skies) > _KEPT:
                del self._skies[next(iter(self._skies))]

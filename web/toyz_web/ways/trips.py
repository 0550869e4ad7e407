"""Visits of browsers to other systems: what they were sent away with, kept by the browser, sealed by this server."""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

import msgspec
from tornado.web import create_signed_value, decode_signed_value

from toyz.errors import NotAuthenticated
from toyz_web.ways.way import Trip

LIFETIME = 600.0
"""Seconds in which a browser must be back."""
_REMEMBERED = 10_000
_LOST = "This sign-in was begun in another browser, or too long ago. Begin again."


class Trips:
    """Begins trips, and ends each once.

    Parameters
    ----------
    secret : str
        Of the installation.
    clock : callable
        Seconds since the epoch.
    """

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._key = hashlib.sha256(f"trips\0{secret}".encode()).hexdigest()
        self._clock = clock
        self._ended: OrderedDict[str, float] = OrderedDict()

    def begin(self, way: str, target: str) -> Trip:
        """Make up a trip."""
        state, nonce, verifier = (secrets.token_urlsafe(size) for size in (24, 24, 48))
        return Trip(way, state, nonce, verifier, target)

    @staticmethod
    def name(state: str) -> str:
        """Give the last part of the name of a trip's cookie: several tabs may be under way at once."""
        return hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()[:12]

    def seal(self, trip: Trip) -> str:
        """Give what the cookie holds."""
        return create_signed_value(self._key, trip.way, msgspec.json.encode(trip), clock=self._clock).decode()

    def end(self, way: str, state: str, sealed: str) -> Trip:
        """Give the trip of a browser that comes back with this state and this cookie, the first time it does.

        Raises
        ------
        NotAuthenticated
        """
        days = LIFETIME / 86400
        # The name that is signed is the way's: what one provider says is not taken for another's.
        opened = decode_signed_value(self._key, way, sealed, max_age_days=days, clock=self._clock)
        try:
            trip = msgspec.json.decode(opened or b"", type=Trip)
        except msgspec.MsgspecError:
            raise NotAuthenticated(_LOST) from None
        right = secrets.compare_digest(trip.state.encode(), state.encode("utf-8", "surrogatepass"))
        if trip.way != way or not right or trip.state in self._ended:
            raise NotAuthenticated(_LOST)
        self._ended[trip.state] = self._clock()
        while len(self._ended) > _REMEMBERED or self._clock() - next(iter(self._ended.values())) > LIFETIME:
            self._ended.popitem(last=False)
        return trip

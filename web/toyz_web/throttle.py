"""How many wrong guesses are answered."""

import time
from collections import OrderedDict
from collections.abc import Callable

BURST = 20
"""Wrong guesses that are answered at once."""
REFILL = 0.5
"""Guesses a second that come back."""
ADDRESSES = 10_000
"""Addresses that are remembered."""


class Throttle:
    """Counts wrong guesses by address; those who sign in correctly are never counted.

    A class behind one address signs in unhindered; who guesses there gets 20 tries and then one in two
    seconds.

    Parameters
    ----------
    clock : callable
        Monotonic seconds.

    Attributes
    ----------
    failures : int
        All that were counted.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.failures = 0
        self._spent: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Give the seconds until this address may guess again; 0 if it may now."""
        return max(0.0, (self._level(address) - (BURST - 1)) / REFILL)

    def record_failure(self, address: str) -> None:
        """Count a wrong guess."""
        self.failures += 1
        self._spent[address] = (self._level(address) + 1, self._clock())
        self._spent.move_to_end(address)
        while len(self._spent) > ADDRESSES:
            self._spent.popitem(last=False)

    def _level(self, address: str) -> float:
        spent, since = self._spent.get(address, (0.0, 0.0))
        return max(0.0, spent - (self._clock() - since) * REFILL)

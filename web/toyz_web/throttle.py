"""How many wrong guesses are answered."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from weakref import WeakValueDictionary

from toyz.errors import Busy

BURST = 20
"""Wrong guesses that are answered at once."""
REFILL = 0.5
"""Guesses a second that come back."""
FIRST = 3
"""Guesses from an address at one account that are its first ones there."""
FIRST_BURST, FIRST_REFILL = 200, 5.0
"""The same as `BURST` and `REFILL`, of first ones: whoever guesses in a class leaves the others their first tries."""
OWN = "(signed in)"
"""Stands for the address of who is signed in and must show the password again."""
AT_ONCE = 8
"""Guesses at an account that are checked at once; the others wait for their turn."""
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
    burst : int
        Wrong guesses that are answered at once.
    refill : float
        Guesses a second that come back.

    Attributes
    ----------
    failures : int
        All that were counted.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, *, burst: int = BURST, refill: float = REFILL
    ) -> None:
        self._clock, self._burst, self._refill = clock, burst, refill
        self.failures = 0
        self._spent: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Give the seconds until this address may guess again; 0 if it may now."""
        return max(0.0, (self.level(address) - (self._burst - 1)) / self._refill)

    def record_failure(self, address: str) -> None:
        """Count a wrong guess."""
        self.failures += 1
        self._spent[address] = (self.level(address) + 1, self._clock())
        self._spent.move_to_end(address)
        while len(self._spent) > ADDRESSES:
            self._spent.popitem(last=False)

    def forgive(self, address: str) -> None:
        """Take back a guess that was counted and turned out to be right."""
        spent, since = self._spent.get(address, (0.0, 0.0))
        self._spent[address] = (max(0.0, spent - 1), since)

    def level(self, address: str) -> float:
        """Give how many guesses are counted that have not come back."""
        spent, since = self._spent.get(address, (0.0, 0.0))
        return max(0.0, spent - (self._clock() - since) * self._refill)


class TooManyGuesses(Busy):
    """There were too many wrong guesses from an address, or at an account."""

    status = 429

    def __init__(self, seconds: float, where: str = "from your address") -> None:
        super().__init__(f"Too many wrong guesses {where}. Try again in {max(1.0, seconds):.0f} s.")
        self.seconds = seconds


class Guesses:
    """What wrong guesses cost: at an account, and from an address.

    Attributes
    ----------
    addresses, names : Throttle
    firsts : Throttle
        The same as `addresses`, of which first guesses at an account may be more.
    """

    def __init__(self) -> None:
        self.addresses, self.names = Throttle(), Throttle()
        self.firsts = Throttle(burst=FIRST_BURST, refill=FIRST_REFILL)
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def turn(self, name: str) -> asyncio.Semaphore:
        """Give what is held while a guess at an account is checked.

        So a hundred who sign in as one at the same moment are all let in, and a hundred who guess are counted.
        """
        found = self._turns.get(name)
        if found is None:
            found = self._turns[name] = asyncio.Semaphore(AT_ONCE)
        return found

    def refuse_name(self, name: str, address: str, *, familiar: bool) -> None:
        """Refuse one at whose account too much is guessed.

        Parameters
        ----------
        familiar : bool
            Whether the user has signed in from this address before: others who guess, there or elsewhere, do
            not slow them down. Who comes there for the first time has some first guesses though others have guessed.

        Raises
        ------
        TooManyGuesses
        """
        wait = self.names.wait(_pair(name, address))
        if not familiar:
            first = self.names.level(_pair(name, address)) < FIRST
            slow = (self.firsts if first else self.addresses).wait(address)
            if slow:
                raise TooManyGuesses(slow)
            wait = max(wait, self.names.wait(name))
        if wait:
            raise TooManyGuesses(wait, "at this account")

    def begin(self, name: str, address: str) -> None:
        """Count a guess at an account before it is checked: many at once must not all be the first."""
        for guessed in (name, _pair(name, address)):
            self.names.record_failure(guessed)

    def end(self, name: str, address: str, *, right: bool) -> None:
        """Count it at its address as well if it was wrong; forget it if it was right.

        A class behind one address signs in at once, so there a guess counts only when it is known to be wrong.
        """
        if not right:
            self.addresses.record_failure(address)
            self.firsts.record_failure(address)
            return
        for guessed in (name, _pair(name, address)):
            self.names.forgive(guessed)

    def refuse_signed_in(self, name: str) -> None:
        """Refuse who is signed in and has shown too many wrong passwords; what others guess does not count.

        Raises
        ------
        TooManyGuesses
        """
        if wait := self.names.wait(_pair(name, OWN)):
            raise TooManyGuesses(wait, "at this account")

    def record_signed_in(self, name: str) -> None:
        """Count a wrong password of who is signed in; others are not hindered by it."""
        self.names.record_failure(_pair(name, OWN))


def _pair(name: str, address: str) -> str:
    return f"{name} {address}"

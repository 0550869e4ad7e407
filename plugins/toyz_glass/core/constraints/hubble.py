"""The Hubble constant."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from toyz_glass.core.affine import joined
from toyz_glass.core.condition import Condition
from toyz_glass.core.distances import HUBBLE_GYR, HUBBLE_UNIT
from toyz_glass.core.errors import BadInput
from toyz_glass.core.forms import Forms


@dataclass(frozen=True)
class HubbleConstant:
    """H0 lies between two values, or has one; both given as a Hubble time, 1/H0.

    Parameters
    ----------
    shortest, longest : float
        Gyr. Equal for a fixed one.
    """

    shortest: float = 8.0
    longest: float = 20.0
    name: str = "H0"

    @classmethod
    def between(cls, slowest: float, fastest: float) -> "HubbleConstant":
        """Give the rule for H0 in km/s/Mpc."""
        return cls(HUBBLE_GYR / fastest, HUBBLE_GYR / slowest)

    def __post_init__(self) -> None:
        if not (0 < self.shortest <= self.longest < np.inf):
            raise BadInput(f"1/H0 between {self.shortest} and {self.longest} Gyr is no range", self.name)

    def conditions(self, forms: Forms) -> Iterator[Condition]:
        """Give two sums, or one that is 0."""
        low, high = (HUBBLE_GYR / HUBBLE_UNIT / time for time in (self.longest, self.shortest))
        if low == high:
            yield Condition(
                (forms.h - low).flat(), f"H0 is {low * HUBBLE_UNIT:.1f} km/s/Mpc", equal=True, unit="100 km/s/Mpc"
            )
            return
        about = f"H0 is between {low * HUBBLE_UNIT:.1f} and {high * HUBBLE_UNIT:.1f} km/s/Mpc"
        yield Condition(joined(forms.h - low, high - forms.h), about, unit="100 km/s/Mpc")

"""Where the sources are."""

from collections.abc import Iterator
from dataclasses import dataclass

from toyz_glass.core.affine import joined
from toyz_glass.core.condition import Condition
from toyz_glass.core.forms import Forms


@dataclass(frozen=True)
class SourcePosition:
    """A source lies within a square about a place.

    Parameters
    ----------
    source : int
        Its number, from 0.
    x, y : float
        Arcsec from the lens centre.
    within : float
        Half the side of the square, arcsec.
    """

    source: int
    x: float
    y: float
    within: float
    name: str = "source position"

    def conditions(self, forms: Forms) -> Iterator[Condition]:
        """Give four sums."""
        off = forms.beta(self.source) - (self.x, self.y)
        about = f"source {self.source + 1} lies within {self.within:g} arcsec of ({self.x:g}, {self.y:g})"
        yield Condition(joined(off + self.within, self.within - off), about, unit="arcsec")


@dataclass(frozen=True)
class SourceLink:
    """Two sources lie close to each other.

    Parameters
    ----------
    one, other : int
        Their numbers, from 0.
    within : float
        How far apart they are at most along x and along y, arcsec; 0 for the same place.
    """

    one: int
    other: int
    within: float
    name: str = "source link"

    def conditions(self, forms: Forms) -> Iterator[Condition]:
        """Give four sums, or two that are 0."""
        apart = forms.beta(self.one) - forms.beta(self.other)
        about = f"sources {self.one + 1} and {self.other + 1} lie within {self.within:g} arcsec of each other"
        if self.within == 0:
            yield Condition(apart, about, equal=True, unit="arcsec")
        else:
            yield Condition(joined(apart + self.within, self.within - apart), about, unit="arcsec")

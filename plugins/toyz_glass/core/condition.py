"""What a constraint asks of the unknowns: sums that are 0, or at least 0."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from toyz_glass.core.affine import Affine
from toyz_glass.core.forms import Forms


@dataclass(frozen=True)
class Condition:
    """Sums that are all 0, or all at least 0.

    Parameters
    ----------
    sums : Affine, (rows,)
    about : str
        What is asked, for who is told that it cannot be: "image 2 is a minimum".
    equal : bool
        Whether they are 0.
    unit : str
        In which it is said by how much a sum is missed.
    factor : float
        By what the sums are multiplied to be in it.
    """

    sums: Affine
    about: str
    equal: bool = False
    unit: str = ""
    factor: float = 1.0


class Constraint(Protocol):
    """A rule for mass maps."""

    @property
    def name(self) -> str:
        """As it is called in settings."""

    def conditions(self, forms: Forms) -> Iterable[Condition]:
        """Give what it asks of a lens."""

"""What holds of the unknowns of every lens: no mass is negative, and no source or parameter without limits."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from toyz_glass.core.affine import joined
from toyz_glass.core.condition import Condition
from toyz_glass.core.forms import Forms

HEAVIEST = 100.0
"""Convergence, far above any lens's: without an end a map could not be drawn uniformly."""
FASTEST = 10.0
"""H0 in 100 km/s/Mpc, as far above."""


@dataclass(frozen=True)
class Bounds:
    """Convergences and H0 are 0 or more, and end far above what is; sources lie within the map."""

    name: str = "bounds"

    def conditions(self, forms: Forms) -> Iterator[Condition]:
        """Give a sum for each pixel, three more, four for each source, and two for each parameter that is not fixed."""
        yield Condition(forms.free_kappa, "no mass is negative")
        total = forms.kappa.sum() * (1 / len(forms.lens.grid))
        yield Condition((HEAVIEST - total).flat(), f"the mean convergence is at most {HEAVIEST:g}")
        yield Condition(joined(forms.h, FASTEST - forms.h), f"H0 is at most {FASTEST * 100:g} km/s/Mpc")
        reach = forms.lens.grid.maprad
        for number in range(len(forms.lens.sources)):
            beta = forms.beta(number)
            yield Condition(
                joined(beta + reach, reach - beta), f"source {number + 1} lies within the map", unit="arcsec"
            )
        for number, potential in enumerate(forms.lens.potentials):
            parameters = forms.parameters(number)
            low, high = np.array(potential.limits).T
            fixed = low == high
            if fixed.any():
                yield Condition(parameters[fixed] - low[fixed], f"the {potential.name} has its value", equal=True)
            for sums in (parameters - low, high - parameters):
                yield Condition(sums[~fixed], f"the {potential.name} is within its limits")

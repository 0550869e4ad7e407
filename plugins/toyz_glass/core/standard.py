"""A lens with what is usual: the rules, the shear and the size of the map that are used where nothing is said."""

from collections.abc import Sequence

from toyz_glass.core.condition import Constraint
from toyz_glass.core.constraints import (
    HubbleConstant,
    LensEquation,
    LocalGradient,
    Parity,
    Smoothness,
    Steepness,
    TimeDelays,
)
from toyz_glass.core.distances import Cosmology, standard_cosmology
from toyz_glass.core.grid import Grid
from toyz_glass.core.lens import LensSystem, Source, check_sources, default_maprad
from toyz_glass.core.potentials import ExternalShear, Potential

PIXRAD = 8


def standard_set() -> tuple[Constraint, ...]:
    """Give the rules that are used where none are named."""
    return (
        LensEquation(),
        TimeDelays(),
        Parity(),
        HubbleConstant(),
        Steepness(),
        LocalGradient(),
        Smoothness(),
    )


def standard_lens(
    z: float,
    sources: Sequence[Source],
    *,
    pixrad: int = PIXRAD,
    maprad: float | None = None,
    split: int = 1,
    symmetric: bool = False,
    constraints: Sequence[Constraint] | None = None,
    potentials: Sequence[Potential] = (ExternalShear(),),
    cosmology: Cosmology | None = None,
    name: str = "",
) -> LensSystem:
    """Make a lens of its redshift and its sources.

    Parameters
    ----------
    z : float
    sources : sequence of Source
    pixrad, maprad, split, symmetric
        Of its `Grid`; without `maprad` one ring of pixels lies outside the outermost image.
    constraints, potentials, cosmology
        The usual ones where they are not given.
    name : str

    Raises
    ------
    BadInput
    """
    check_sources(z, sources)
    radius = default_maprad(sources, pixrad) if maprad is None else maprad
    rules = standard_set() if constraints is None else constraints
    grid = Grid(pixrad, radius, split, symmetric)
    return LensSystem(z, sources, grid, rules, potentials, cosmology or standard_cosmology(), name)

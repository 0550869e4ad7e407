"""The rules that a mass map follows. Each is linear in the unknowns of `toyz_glass.core.forms`."""

from toyz_glass.core.constraints.hubble import HubbleConstant
from toyz_glass.core.constraints.images import LensEquation, Parity, TimeDelays
from toyz_glass.core.constraints.pixels import (
    CentralMaximum,
    LocalGradient,
    MaximumKappa,
    MinimumKappa,
    Smoothness,
    StellarMass,
)
from toyz_glass.core.constraints.rings import AnnularDensity, Steepness
from toyz_glass.core.constraints.sources import SourceLink, SourcePosition

__all__ = [
    "AnnularDensity",
    "CentralMaximum",
    "HubbleConstant",
    "LensEquation",
    "LocalGradient",
    "MaximumKappa",
    "MinimumKappa",
    "Parity",
    "Smoothness",
    "SourceLink",
    "SourcePosition",
    "Steepness",
    "StellarMass",
    "TimeDelays",
]

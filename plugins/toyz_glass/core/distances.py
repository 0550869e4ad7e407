"""What a cosmology says of a lens: ratios of distances, and how many days a delay of one square arcsec is."""

from typing import Any, Protocol

import numpy as np

from toyz_glass.core.errors import BadInput

HUBBLE_UNIT = 100.0
"""km/s/Mpc: of the Hubble constant in the unknowns, so that they are all of the order of 1."""
HUBBLE_GYR = 977.792221
"""1/H0 in Gyr times H0 in km/s/Mpc."""
_ARCSEC = np.pi / 648000
_DAYS = 365.25e9
"""Of a Gyr."""
LARGEST_Z = 20.0


class Cosmology(Protocol):
    """What is asked of a cosmology; any of `astropy.cosmology` will do."""

    H0: Any

    def angular_diameter_distance(self, z: float, z2: float | None = None, /) -> Any:
        """Give the distance to a redshift, or from one to another."""


def standard_cosmology() -> Cosmology:
    """Give the cosmology that is used where none is named: flat, Ωm = 0.28, as GLASS's."""
    return cosmology_named("FlatLambdaCDM")


def cosmology_named(name: str, **parameters: float) -> Cosmology:
    """Give a cosmology of `astropy.cosmology`: one that is known by its name, or of a class with these parameters.

    Parameters
    ----------
    name : str
        Such as ``Planck18``; or ``FlatLambdaCDM`` or ``LambdaCDM``.
    **parameters
        Of the class, each in the unit that it takes a plain number in; by default Ωm = 0.28, and neither radiation nor
        neutrinos.

    Raises
    ------
    BadInput
    """
    from astropy import cosmology  # noqa: PLC0415 (half a second)

    if name in cosmology.available:
        known: Cosmology = getattr(cosmology, name)
        return known
    if name not in ("FlatLambdaCDM", "LambdaCDM"):
        raise BadInput(f"there is no {name}; there are {', '.join(cosmology.available)}", "settings.cosmology")
    given = {"H0": 70.0, "Om0": 0.28, "Tcmb0": 0.0} | parameters
    try:
        made: Cosmology = getattr(cosmology, name)(**given)
    except (TypeError, ValueError) as problem:
        raise BadInput(str(problem), "settings.cosmology") from problem
    return made


def check_redshifts(z_lens: float, z_source: float) -> None:
    """Refuse redshifts of which no lens can be.

    Raises
    ------
    BadInput
    """
    for name, value in (("z_lens", z_lens), ("z_source", z_source)):
        if not (np.isfinite(value) and 0 < value <= LARGEST_Z):
            raise BadInput(f"it is {value}; a redshift here is above 0 and at most {LARGEST_Z:g}", name)
    if z_lens >= z_source:
        raise BadInput(f"the source (z = {z_source:g}) is not behind the lens (z = {z_lens:g})", "z_source")


def z_cap(cosmology: Cosmology, z_lens: float, z_source: float) -> float:
    """Give d(0, source) / d(lens, source): by how much less a source bends than one at infinity."""
    far = cosmology.angular_diameter_distance(z_source)
    return float(far / cosmology.angular_diameter_distance(z_lens, z_source))


def days_per_square_arcsec(cosmology: Cosmology, z_lens: float) -> float:
    """Give how many days pass for an arrival time of one arcsec², were H0 100 km/s/Mpc: (1 + z) d(lens) / c.

    The distance is taken in units of c/H0, in which it does not depend on H0.
    """
    distance = cosmology.angular_diameter_distance(z_lens) * cosmology.H0
    light = 299792.458
    in_hubble = float(getattr(distance.to("km / s"), "value", distance)) / light
    return (1 + z_lens) * in_hubble * HUBBLE_GYR / HUBBLE_UNIT * _DAYS * _ARCSEC**2

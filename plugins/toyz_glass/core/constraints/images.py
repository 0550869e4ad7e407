"""What the images say: where they are, of which kind, and in which order and when they arrive."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from toyz_glass.core.affine import Affine, stacked
from toyz_glass.core.condition import Condition
from toyz_glass.core.errors import BadInput
from toyz_glass.core.forms import Forms
from toyz_glass.core.lens import Delay, Source


def _said(forms: Forms, source: int, image: int) -> str:
    of = f" of source {source + 1}" if len(forms.lens.sources) > 1 else ""
    return f"image {image + 1}{of}"


@dataclass(frozen=True)
class LensEquation:
    """Light of each image comes from its source: z_cap (θ − β) − ∇ψ(θ) = 0.

    Parameters
    ----------
    tolerance : float
        By how much each component may be off, arcsec in the plane of the source; 0 for an equation.

    Notes
    -----
    AbdelSalam, Saha & Williams 1998, eq. 3; in the scaled form of Coles, Read & Saha 2014, eq. 5.
    """

    tolerance: float = 0.0
    name: str = "lens equation"

    def conditions(self, forms: Forms) -> Iterator[Condition]:
        """Give two sums for each image."""
        for number, (source, z_cap) in enumerate(zip(forms.lens.sources, forms.lens.z_caps, strict=True)):
            points = source.positions
            off = z_cap * points - forms.deflection(points) - z_cap * forms.beta(number)
            for image in range(len(points)):
                about = f"{_said(forms, number, image)} comes from the same place as the others"
                if self.tolerance == 0:
                    yield Condition(off[image], about, equal=True, unit="arcsec")
                    continue
                for side in (off[image], -off[image]):
                    yield Condition(side + self.tolerance * z_cap, about, unit="arcsec")


@dataclass(frozen=True)
class TimeDelays:
    """Images arrive in their order; a measured delay D says τ_j − τ_i = h D / days.

    Parameters
    ----------
    sigmas : float
        A delay with an error lies within so many of it.

    Notes
    -----
    ``days`` is how many days one arcsec² of arrival time lasts for h = 1 (`LensSystem.days`).
    """

    sigmas: float = 1.0
    name: str = "time delays"

    def conditions(self, forms: Forms) -> Iterator[Condition]:
        """Give one or two sums for each image but the first."""
        for number, source in enumerate(forms.lens.sources):
            arrival = forms.arrival(number, source.positions)
            for later, delay in enumerate(source.known_delays, 1):
                after = arrival[later] - arrival[later - 1]
                said = f"{_said(forms, number, later)} arrives"
                yield from self._of(forms, after, delay, said)

    def _of(self, forms: Forms, after: Affine, delay: Delay | None, said: str) -> Iterator[Condition]:
        # What a day is of the arrival time depends on H0.
        unit, factor = "days (for H0 = 70)", forms.lens.days / 0.7
        if delay is None:
            yield Condition(after.flat(), f"{said} after the one before it", unit=unit, factor=factor)
        elif delay.error == 0:
            lasts = delay.days / forms.lens.days * forms.h
            yield Condition(
                (after - lasts).flat(), f"{said} {delay.days:g} days later", equal=True, unit=unit, factor=factor
            )
        else:
            about = f"{said} {delay.days:g} ± {self.sigmas * delay.error:g} days later"
            least = max(delay.days - self.sigmas * delay.error, 0.0) / forms.lens.days * forms.h
            most = (delay.days + self.sigmas * delay.error) / forms.lens.days * forms.h
            yield Condition((after - least).flat(), about, unit=unit, factor=factor)
            yield Condition((most - after).flat(), about, unit=unit, factor=factor)


@dataclass(frozen=True)
class Parity:
    """Minima are minima of the arrival time, saddle points saddles, maxima maxima.

    With A the second derivatives of τ along (r) and across (t) the direction from the lens centre, in which
    an image of a round lens has none mixed: for a minimum A_tt ≥ k A_rr, A_rr ≥ k A_tt and
    abs(A_rt) ≤ ε A_rr, ε A_tt; for a saddle the same with −A_tt in the place of A_tt; for a maximum with both
    turned.

    Parameters
    ----------
    k, epsilon : float
        Both from 0, and below 1.

    Notes
    -----
    GLASS's form of Coles, Read & Saha 2014, section 2.3.
    """

    k: float = 0.1
    epsilon: float = 0.9
    name: str = "parity"

    def conditions(self, forms: Forms) -> Iterator[Condition]:
        """Give six sums for each image."""
        for number, (source, z_cap) in enumerate(zip(forms.lens.sources, forms.lens.z_caps, strict=True)):
            radial, across, mixed = _polar_hessian(forms, source, z_cap)
            for image, marked in enumerate(source.images):
                signs = {"min": (1, 1), "saddle": (1, -1), "max": (-1, -1)}[marked.kind]
                rr, tt, rt = signs[0] * radial[image], signs[1] * across[image], mixed[image]
                sums = stacked(
                    tt - self.k * rr,
                    rr - self.k * tt,
                    self.epsilon * rr - rt,
                    self.epsilon * rr + rt,
                    self.epsilon * tt - rt,
                    self.epsilon * tt + rt,
                )
                word = {"min": "minimum", "saddle": "saddle point", "max": "maximum"}[marked.kind]
                yield Condition(sums, f"{_said(forms, number, image)} is a {word}")


def _polar_hessian(forms: Forms, source: Source, z_cap: float) -> tuple[Affine, Affine, Affine]:
    """Give the second derivatives of τ along and across the direction from the centre, and mixed, (images,) each."""
    points = source.positions
    radii = np.hypot(*points.T)
    if np.any(radii == 0):
        raise BadInput("an image lies on the lens centre", "images")
    cos, sin = points.T / radii
    found = forms.hessian(points)
    xx, yy, xy = (found[:, number] for number in range(3))
    rr = cos**2 * xx + 2 * cos * sin * xy + sin**2 * yy
    tt = sin**2 * xx - 2 * cos * sin * xy + cos**2 * yy
    rt = cos * sin * (yy - xx) + (cos**2 - sin**2) * xy
    return z_cap - rr, z_cap - tt, -rt

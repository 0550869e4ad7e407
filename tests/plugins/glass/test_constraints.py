"""Every rule against what it says: those of images by differences of the arrival time, others pixel by pixel."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.plugins.glass.lenses import PG1115
from toyz_glass.core import constraints as rules
from toyz_glass.core import square
from toyz_glass.core.bounds import Bounds
from toyz_glass.core.condition import Condition, Constraint
from toyz_glass.core.errors import BadInput
from toyz_glass.core.forms import Forms, layouts
from toyz_glass.core.lens import Delay, Image, LensSystem, Source
from toyz_glass.core.potentials import ExternalShear, PointMass, PowerLaw
from toyz_glass.core.standard import standard_lens

Array = NDArray[np.float64]
STEP = 1e-4
POTENTIALS = (ExternalShear(0.2), PointMass(2.5, -1.0, 1.0), PowerLaw(-2.0, 2.2, 1.0, 1.0))


def _lens(**options: Any) -> LensSystem:
    return standard_lens(0.31, (PG1115,), **{"pixrad": 4, "potentials": POTENTIALS, **options})


def _forms(lens: LensSystem) -> Forms:
    return Forms(lens, layouts([lens])[0])


def _unknowns(forms: Forms, seed: int = 3) -> Array:
    return np.random.default_rng(seed).random(forms.layout.size)


def _values(rule: Constraint, forms: Forms, unknowns: Array) -> list[tuple[Condition, Array]]:
    return [(condition, condition.sums.at(unknowns)) for condition in rule.conditions(forms)]


class _Tau:
    """The arrival time of a map, written down from its definition and from no sum of unknowns."""

    def __init__(self, forms: Forms, unknowns: Array, source: int = 0) -> None:
        self.lens = forms.lens
        self.kappa = forms.lens.grid.fold @ unknowns[forms.layout.kappa]
        self.beta = unknowns[forms.layout.sources[source]]
        self.parameters = [unknowns[place] for place in forms.layout.potentials]
        self.z_cap = forms.lens.z_caps[source]

    def __call__(self, x: float, y: float) -> float:
        grid = self.lens.grid
        psi = self.kappa @ square.potential(x - grid.positions[:, 0], y - grid.positions[:, 1], grid.sides)
        (g1, g2), (mass,), (strength,) = self.parameters
        psi += g1 * (x**2 - y**2) / 2 + g2 * x * y
        psi += mass * np.log(np.hypot(x - 2.5, y + 1.0)) / np.pi
        psi += strength * np.hypot(x + 2.0, y - 2.2) / np.pi
        return float(self.z_cap / 2 * ((x - self.beta[0]) ** 2 + (y - self.beta[1]) ** 2) - psi)

    def gradient(self, x: float, y: float) -> Array:
        return np.array(
            [self(x + STEP, y) - self(x - STEP, y), self(x, y + STEP) - self(x, y - STEP)]
        ) / (2 * STEP)  # fmt: skip

    def along(self, x: float, y: float, one: Sequence[float], other: Sequence[float]) -> float:
        """Give the second derivative along two directions."""
        h = 1e-3
        a, b = np.array(one) * h, np.array(other) * h
        corners = [
            self(*(np.array((x, y)) + sign * a + turn * b)) for sign, turn in ((1, 1), (1, -1), (-1, 1), (-1, -1))
        ]
        return float((corners[0] - corners[1] - corners[2] + corners[3]) / (4 * h**2))


def test_the_lens_equation_is_the_gradient_of_the_arrival_time() -> None:
    forms = _forms(_lens())
    unknowns = _unknowns(forms)
    tau = _Tau(forms, unknowns)
    found = _values(rules.LensEquation(), forms, unknowns)
    assert len(found) == 4
    for (condition, value), image in zip(found, PG1115.images, strict=True):
        assert condition.equal
        assert value == pytest.approx(tau.gradient(image.x, image.y), abs=1e-6)


def test_a_tolerance_lets_a_source_be_off_by_so_much() -> None:
    forms = _forms(_lens())
    unknowns = _unknowns(forms)
    tau = _Tau(forms, unknowns)
    low, high = [value for _, value in _values(rules.LensEquation(0.05), forms, unknowns)][:2]
    off = tau.gradient(PG1115.images[0].x, PG1115.images[0].y) / tau.z_cap
    assert low / tau.z_cap == pytest.approx(off + 0.05, abs=1e-6)
    assert high / tau.z_cap == pytest.approx(0.05 - off, abs=1e-6)


def test_delays_are_differences_of_the_arrival_time() -> None:
    source = Source(PG1115.z, PG1115.images, (Delay(10.0), None, Delay(20.0, 3.0)))
    forms = _forms(standard_lens(0.31, (source,), pixrad=4, potentials=POTENTIALS))
    unknowns = _unknowns(forms)
    tau = _Tau(forms, unknowns)
    arrival = [tau(image.x, image.y) for image in source.images]
    h, days = unknowns[0], forms.lens.days
    (exact, first), (order, second), (low, third), (high, fourth) = _values(rules.TimeDelays(2.0), forms, unknowns)
    assert exact.equal
    assert [order.equal, low.equal, high.equal] == [False] * 3
    assert first == pytest.approx(arrival[1] - arrival[0] - h * 10 / days)
    assert second == pytest.approx(arrival[2] - arrival[1])
    assert third == pytest.approx(arrival[3] - arrival[2] - h * 14 / days)
    assert fourth == pytest.approx(h * 26 / days - (arrival[3] - arrival[2]))


def test_a_day_is_so_much_of_the_arrival_time() -> None:
    lens = _lens()
    # (1 + z) d_L / c for 1 square arcsec, written down in SI units.
    metres = lens.cosmology.angular_diameter_distance(lens.z).to("m").value
    seconds = (1 + lens.z) * metres / 299792458.0 * (np.pi / 648000) ** 2
    assert lens.days == pytest.approx(seconds / 86400 * lens.cosmology.H0.value / 100, rel=1e-6)


def test_parity_is_the_curvature_of_the_arrival_time() -> None:
    images = (Image(0.9, 0.3, "min"), Image(-0.2, 1.0, "saddle"), Image(0.1, -0.1, "max"))
    forms = _forms(standard_lens(0.31, (Source(1.7, images),), pixrad=4, potentials=POTENTIALS))
    unknowns = _unknowns(forms)
    tau = _Tau(forms, unknowns)
    k, e = 0.2, 0.8
    for (_, found), image in zip(_values(rules.Parity(k, e), forms, unknowns), images, strict=True):
        r = np.array((image.x, image.y)) / np.hypot(image.x, image.y)
        t = np.array((-r[1], r[0]))
        rr, tt, rt = (tau.along(image.x, image.y, *pair) for pair in ((r, r), (t, t), (r, t)))
        if image.kind == "max":
            rr = -rr
        if image.kind in ("max", "saddle"):
            tt = -tt
        expected = [tt - k * rr, rr - k * tt, e * rr - rt, e * rr + rt, e * tt - rt, e * tt + rt]
        assert found == pytest.approx(expected, abs=1e-4)


def test_hubbles_constant_lies_between_two_times() -> None:
    forms = _forms(_lens())
    unknowns = np.zeros(forms.layout.size)
    unknowns[0] = 0.7
    ((_, value),) = _values(rules.HubbleConstant.between(60, 75), forms, unknowns)
    assert value == pytest.approx([0.1, 0.05])
    ((fixed, value),) = _values(rules.HubbleConstant.between(70, 70), forms, unknowns)
    assert fixed.equal
    assert value == pytest.approx([0], abs=1e-12)
    with pytest.raises(BadInput):
        rules.HubbleConstant(20, 8)


@pytest.mark.parametrize("split", [1, 3])
def test_steepness_bounds_how_a_power_law_falls(split: int) -> None:
    lens = _lens(split=split)
    forms = _forms(lens)
    for slope in (0.5, 1.0, 1.5):
        unknowns = np.zeros(forms.layout.size)
        # What a power law has on the rings themselves, so that the rule is tried and not the average over pixels.
        for ring, radius in zip(lens.grid.rings, lens.grid.ring_radii, strict=True):
            unknowns[forms.layout.kappa][ring] = radius**-slope
        for lo, hi, holds in (
            (0.0, None, True),
            (0.4, 1.6, True),
            (slope + 0.1, None, False),
            (0.0, slope - 0.1, False),
        ):
            values = np.concatenate([value for _, value in _values(rules.Steepness(lo, hi), forms, unknowns)])
            assert bool(values.min() > -1e-9) is holds
            assert len(values) == (len(lens.grid.rings) - 1) * (1 if hi is None else 2)


def test_the_density_of_an_annulus_is_a_mean_over_its_area() -> None:
    lens = _lens(split=3)
    forms = _forms(lens)
    unknowns = _unknowns(forms)
    kappa = unknowns[forms.layout.kappa]
    inside = lens.grid.radii <= 1.0
    mean = np.sum(kappa[inside] * lens.grid.sides[inside] ** 2) / np.sum(lens.grid.sides[inside] ** 2)
    (_, low), (_, high) = _values(rules.AnnularDensity(0, 1.0, 0.2, 0.9), forms, unknowns)
    assert low == pytest.approx([mean - 0.2])
    assert high == pytest.approx([0.9 - mean])
    with pytest.raises(BadInput):
        list(rules.AnnularDensity(50, 60, 0).conditions(forms))


@pytest.mark.parametrize("angle", [30.0, 45.0, 60.0, 90.0])
def test_the_local_gradient_points_within_its_angle_of_the_centre(angle: float) -> None:
    forms = _forms(_lens())
    grid = forms.lens.grid
    kappa = np.random.default_rng(7).random(len(grid))
    unknowns = np.zeros(forms.layout.size)
    unknowns[forms.layout.kappa] = kappa
    found = np.array([value for _, value in _values(rules.LocalGradient(angle), forms, unknowns)])
    at = {tuple(cell): value for cell, value in zip(grid.cells.tolist(), kappa, strict=True)}
    others = [number for number in range(len(grid)) if number != grid.centre]
    assert found.shape == (2, len(others))
    for column, number in enumerate(others):
        x, y = grid.cells[number].tolist()
        gradient = np.array(
            [at.get((x + 1, y), 0.0) - at.get((x - 1, y), 0.0), at.get((x, y + 1), 0.0) - at.get((x, y - 1), 0.0)]
        )
        inwards = -np.array((x, y)) / np.hypot(x, y)
        cosine = gradient @ inwards / np.linalg.norm(gradient)
        assert (found[:, column].min() >= 0) == (cosine >= np.cos(np.radians(angle)))


def test_smoothness_compares_a_pixel_with_its_neighbours() -> None:
    forms = _forms(_lens())
    unknowns = _unknowns(forms)
    kappa = unknowns[forms.layout.kappa]
    at = {tuple(cell): value for cell, value in zip(forms.lens.grid.cells.tolist(), kappa, strict=True)}
    steps = [(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy]
    for centre in (False, True):
        ((_, found),) = _values(rules.Smoothness(1.5, centre), forms, unknowns)
        expected = [
            1.5 * np.mean([at[x + dx, y + dy] for dx, dy in steps if (x + dx, y + dy) in at]) - at[x, y]
            for x, y in at
            if centre or (x, y) != (0, 0)
        ]
        assert found == pytest.approx(expected)


def test_single_pixels_have_at_least_and_at_most_so_much() -> None:
    forms = _forms(_lens())
    unknowns = _unknowns(forms)
    kappa, centre = unknowns[forms.layout.kappa], forms.lens.grid.centre
    others = np.delete(kappa, centre)
    stars = np.linspace(0, 1, len(kappa))
    for rule, expected in (
        (rules.MinimumKappa(0.1), kappa - 0.1),
        (rules.MaximumKappa(0.8), 0.8 - others),
        (rules.MaximumKappa(0.8, centre=True), 0.8 - kappa),
        (rules.CentralMaximum(), kappa[centre] - others),
        (rules.StellarMass(stars), kappa - stars),
    ):
        ((_, found),) = _values(rule, forms, unknowns)
        assert found == pytest.approx(expected)
    for wrong in (stars[1:], -stars, np.full(len(stars), np.nan)):
        with pytest.raises(BadInput):
            list(rules.StellarMass(wrong).conditions(forms))


def test_sources_have_places_and_links() -> None:
    forms = _forms(standard_lens(0.31, (PG1115, Source(2.5, PG1115.images)), pixrad=4, potentials=()))
    unknowns = _unknowns(forms)
    one, other = (unknowns[place] for place in forms.layout.sources)
    ((_, found),) = _values(rules.SourcePosition(1, 0.1, 0.2, 0.3), forms, unknowns)
    off = other - (0.1, 0.2)
    assert found == pytest.approx([*(off + 0.3), *(0.3 - off)])
    ((_, found),) = _values(rules.SourceLink(0, 1, 0.05), forms, unknowns)
    assert found == pytest.approx([*(one - other + 0.05), *(0.05 - one + other)])
    ((same, found),) = _values(rules.SourceLink(0, 1, 0.0), forms, unknowns)
    assert same.equal
    assert found == pytest.approx(one - other)


def test_what_has_limits_lies_within_them() -> None:
    potentials = (ExternalShear(0.1), PointMass(3, 0, 2.0), ExternalShear(0.0, name="no shear"))
    forms = _forms(_lens(potentials=potentials))
    unknowns = np.full(forms.layout.size, 0.05)
    found = {condition.about: (condition.equal, value) for condition, value in _values(Bounds(), forms, unknowns)}
    assert found["no mass is negative"][1] == pytest.approx(np.full(len(forms.lens.grid), 0.05))
    assert found["the shear is within its limits"][1] == pytest.approx([0.05, 0.05])
    assert found["the mass is within its limits"][1] == pytest.approx([1.95])
    assert found["the no shear has its value"][0]
    reach = forms.lens.grid.maprad
    assert found["source 1 lies within the map"][1] == pytest.approx([reach + 0.05] * 2 + [reach - 0.05] * 2)

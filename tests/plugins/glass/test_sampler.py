"""The sampler on polytopes whose moments are known, against a long walk of another kind, and as it is used."""

import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.plugins.glass.lenses import pg1115
from toyz_glass.core.chains import convergence
from toyz_glass.core.ensemble import Ensemble
from toyz_glass.core.errors import BadInput, Cancelled
from toyz_glass.core.polytope import Reduced
from toyz_glass.core.rounding import dikin
from toyz_glass.core.sample import sample
from toyz_glass.core.sampler import draw

Array = NDArray[np.float64]
POINTS = 4000


def _polytope(normals: Array, offsets: Array, inside: Array) -> Reduced:
    """Give ``normals @ x + offsets ≥ 0`` about a point inside."""
    lengths = np.linalg.norm(normals, axis=1)
    return Reduced(inside, np.eye(normals.shape[1]), normals / lengths[:, None], (normals @ inside + offsets) / lengths)


def _check_moments(points: Array, means: Array, variances: Array) -> None:
    """Every mean within four standard errors, with as many points as they are worth; every variance near."""
    worth = convergence(points).ess
    flat = points.reshape(-1, points.shape[-1])
    assert np.all(np.abs(flat.mean(axis=0) - means) < 4 * np.sqrt(variances / worth))
    assert flat.var(axis=0) == pytest.approx(variances, rel=0.25)


@pytest.mark.parametrize("dimension", [1, 3, 40])
def test_a_box(dimension: int) -> None:
    sides = np.geomspace(1, 1e4, dimension)
    normals = np.vstack([np.eye(dimension), -np.eye(dimension)])
    box = _polytope(normals, np.concatenate([np.zeros(dimension), sides]), sides / 3)
    _check_moments(draw(box, POINTS, 1).unknowns, sides / 2, sides**2 / 12)


@pytest.mark.parametrize("dimension", [2, 30])
def test_a_simplex(dimension: int) -> None:
    normals = np.vstack([np.eye(dimension), -np.ones((1, dimension))])
    simplex = _polytope(normals, np.append(np.zeros(dimension), 1.0), np.full(dimension, 0.5 / dimension))
    n = dimension
    means, variances = np.full(n, 1 / (n + 1)), np.full(n, n / ((n + 1) ** 2 * (n + 2)))
    _check_moments(draw(simplex, POINTS, 2).unknowns, means, variances)


def test_a_cone() -> None:
    """A pyramid over a square of n − 1 sides: its height z has the density n z^(n−1)."""
    n = 12
    across = np.hstack([np.eye(n - 1), np.zeros((n - 1, 1))])
    height = np.zeros((1, n))
    height[0, -1] = 1
    normals = np.vstack([height - across, height + across, -height])
    cone = _polytope(normals, np.append(np.zeros(2 * (n - 1)), 1.0), np.append(np.zeros(n - 1), 0.5))
    square = n / (n + 2)
    means = np.append(np.zeros(n - 1), n / (n + 1))
    variances = np.append(np.full(n - 1, square / 3), square - (n / (n + 1)) ** 2)
    _check_moments(draw(cone, POINTS, 3).unknowns, means, variances)


def _hit_and_run(polytope: Reduced, count: int, thin: int, seed: int) -> Array:
    """Walk in another way: a uniform point of the chord in a random direction (in Dikin's coordinates)."""
    rng = np.random.default_rng(seed)
    body = dikin(polytope)
    x = np.zeros(body.scale.shape[0])
    points = np.empty((count, len(x)))
    for number in range(count * thin):
        rates = body.normals @ (v := rng.standard_normal(len(x)))
        slacks = body.normals @ x + body.offsets
        with np.errstate(divide="ignore"):
            ends = -slacks / rates
        x = x + v * rng.uniform(ends[rates > 0].max(), ends[rates < 0].min())
        if number % thin == thin - 1:
            points[number // thin] = x
    return polytope.unknowns(body.free(points))


def test_an_odd_polytope_has_the_moments_of_a_long_hit_and_run() -> None:
    rng = np.random.default_rng(4)
    n = 8
    normals = np.vstack([np.eye(n), -np.eye(n), rng.standard_normal((20, n))])
    odd = _polytope(normals, np.concatenate([np.ones(2 * n), rng.uniform(0.3, 1, 20)]), np.zeros(n))
    reference = _hit_and_run(odd, 10_000, 12, 5)
    found = draw(odd, POINTS, 6).unknowns
    worth, worth_reference = convergence(found).ess, convergence(reference.reshape(4, -1, n)).ess
    error = np.sqrt(reference.var(axis=0) * (1 / worth + 1 / worth_reference))
    assert np.all(np.abs(found.reshape(-1, n).mean(axis=0) - reference.mean(axis=0)) < 4 * error)
    assert found.reshape(-1, n).var(axis=0) == pytest.approx(reference.var(axis=0), rel=0.15)


def test_a_polytope_of_one_point_has_that() -> None:
    only = Reduced(np.array([1.0, 2.0]), np.zeros((2, 0)), np.zeros((0, 0)), np.zeros(0))
    drawn = draw(only, 10)
    assert np.all(drawn.unknowns == [1.0, 2.0])
    assert np.all(np.isnan(drawn.convergence.rhat))


# ---- lenses ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small() -> Ensemble:
    return sample(pg1115(pixrad=5), 200, seed=1)


def test_the_same_seed_gives_the_same_models_on_however_many_threads(small: Ensemble) -> None:
    again = sample(pg1115(pixrad=5), 200, seed=1, threads=1)
    assert np.array_equal(small.unknowns, again.unknowns)
    assert not np.array_equal(small.unknowns, sample(pg1115(pixrad=5), 200, seed=2).unknowns)


def test_a_first_few_come_before_the_rest_and_progress_goes_up() -> None:
    told: list[tuple[float, int]] = []
    sample(pg1115(pixrad=5), 200, progress=lambda part, preview: told.append((part, len(preview) if preview else 0)))
    parts = [part for part, _ in told]
    assert parts == sorted(parts)
    assert (parts[0], parts[-1]) == (0.0, 1.0)
    assert [count for _, count in told if count] == [50]
    assert next(part for part, count in told if count) < 0.5


def test_it_is_cancelled_between_two_parts() -> None:
    before = threading.active_count()

    def stop(part: float, _: Ensemble | None) -> None:
        if part > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        sample(pg1115(pixrad=5), 2000, progress=stop)
    assert threading.active_count() == before


@pytest.mark.parametrize("count", [0, 20_001])
def test_so_many_models_are_not_drawn(count: int) -> None:
    with pytest.raises(BadInput):
        sample(pg1115(pixrad=5), count)


def test_all_models_do_what_is_asked(small: Ensemble) -> None:
    (forms,) = small.forms
    for rule in small.lenses[0].constraints:
        for condition in rule.conditions(forms):
            values = condition.sums.at(small.unknowns)
            if condition.equal:
                assert np.abs(values).max() < 1e-8, condition.about
            else:
                assert values.min() > -1e-9, condition.about


def test_chains_take_turns_and_agree() -> None:
    ensemble = sample(pg1115(), 1000, seed=5)
    assert ensemble.chain[:5].tolist() == [0, 1, 2, 3, 0]
    assert ensemble.convergence.worst_rhat <= 1.05
    assert ensemble.convergence.worst_ess >= 400


def test_pg1115_is_what_glass_found() -> None:
    """A run of GLASS with this set-up: θ_E 1.184″, H0 49.9, 52.4 and 57.5 km/s/Mpc (16, 50, 84 %)."""
    ensemble = sample(pg1115(), 1000, seed=6)
    assert ensemble.unknowns.shape == (1000, 230)
    assert ensemble.band(ensemble.einstein_radius())[1] == pytest.approx(1.184, abs=0.01)
    assert ensemble.band(ensemble.hubble) == pytest.approx([49.9, 52.4, 57.5], abs=1.5)
    assert ensemble.delays()[:, 1] == pytest.approx(np.full(1000, 13.3))

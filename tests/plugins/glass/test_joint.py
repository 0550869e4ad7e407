"""H0 of several lenses: what each says of it, multiplied, is what all say together."""

from dataclasses import replace

import numpy as np
import pytest

from tests.plugins.glass import mock
from tests.plugins.glass.lenses import pg1115
from toyz_glass.core.constraints import HubbleConstant
from toyz_glass.core.distances import HUBBLE_GYR, HUBBLE_UNIT
from toyz_glass.core.ensemble import Ensemble
from toyz_glass.core.errors import BadInput
from toyz_glass.core.joint import joint_hubble
from toyz_glass.core.sample import sample

LIMITS = (HUBBLE_GYR / 20, HUBBLE_GYR / 8)


@pytest.fixture(scope="module")
def one() -> Ensemble:
    return sample(pg1115(pixrad=5), 1500, seed=1)


def _normal(ensemble: Ensemble, mean: float, sigma: float) -> Ensemble:
    unknowns = ensemble.unknowns.copy()
    unknowns[:, 0] = np.random.default_rng(3).normal(mean, sigma, len(unknowns)) / HUBBLE_UNIT
    return replace(ensemble, unknowns=unknowns)


def test_two_normal_distributions_make_a_narrower_one(one: Ensemble) -> None:
    found = joint_hubble([_normal(one, 68, 4), _normal(one, 74, 6)], (30, 110))
    expected = np.average([68, 74], weights=[1 / 16, 1 / 36])
    sigma = (1 / 16 + 1 / 36) ** -0.5
    assert found.band == pytest.approx([expected - sigma, expected, expected + sigma], abs=0.6)
    assert np.trapezoid(found.density, found.hubble) == pytest.approx(1)


def test_one_lens_alone_is_as_it_was(one: Ensemble) -> None:
    assert joint_hubble([one], LIMITS).band == pytest.approx(one.band(one.hubble), abs=1.0)


def test_the_product_is_what_drawing_both_together_gives(one: Ensemble) -> None:
    other = sample(mock.mock(pixrad=5), 1500, seed=2)
    together = sample((pg1115(pixrad=5), mock.mock(pixrad=5)), 1000, seed=3)
    assert together.unknowns.shape[1] == one.unknowns.shape[1] + other.unknowns.shape[1] - 1
    assert joint_hubble([one, other], LIMITS).band == pytest.approx(together.band(together.hubble), abs=1.5)
    assert together.einstein_radius(lens=1) == pytest.approx(np.full(1000, 1.27), abs=0.1)


def test_what_says_nothing_of_h0_is_refused(one: Ensemble) -> None:
    rules = [rule for rule in one.lenses[0].constraints if rule.name != HubbleConstant.name]
    fixed = sample(replace(one.lenses[0], constraints=(*rules, HubbleConstant.between(55, 55))), 20)
    for wrong, limits in (([], LIMITS), ([fixed], LIMITS), ([one], (70.0, 70.0))):
        with pytest.raises(BadInput):
            joint_hubble(wrong, limits)

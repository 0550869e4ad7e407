"""Models that count for more, and for less."""

from dataclasses import replace

import numpy as np
import pytest

from tests.plugins.glass import mock
from toyz_glass.core import weights
from toyz_glass.core.ensemble import Ensemble, weighted_quantiles
from toyz_glass.core.errors import BadInput
from toyz_glass.core.sample import sample


@pytest.fixture(scope="module")
def ensemble() -> Ensemble:
    return sample(mock.mock(pixrad=6), 120, seed=3)


def test_weights_move_quantiles() -> None:
    values = np.arange(101.0)
    even = np.full(101, 1 / 101)
    assert weighted_quantiles(values, even, (0.16, 0.5, 0.84)) == pytest.approx([15.66, 50, 84.34])
    half = np.where(values < 50, 0.0, 1.0)
    assert weighted_quantiles(values, half, (0.5,)) == pytest.approx([75])
    with_gaps = np.where(values % 2 == 0, np.nan, values)
    assert weighted_quantiles(with_gaps, even, (0.5,)) == pytest.approx([50])
    assert np.isnan(weighted_quantiles(np.full(3, np.nan), np.ones(3), (0.5,))).all()


def test_a_likelihood_multiplies_the_weights(ensemble: Ensemble) -> None:
    likelihood = np.zeros(len(ensemble))
    likelihood[:100] = -np.inf
    chosen = weights.reweighted(ensemble, likelihood)
    assert chosen.weights.sum() == pytest.approx(1)
    assert weights.effective(chosen.weights) == pytest.approx(20)
    assert weights.effective(ensemble.weights) == pytest.approx(120)
    again = weights.reweighted(chosen, np.log(np.arange(1.0, 121)))
    assert again.weights[:100].max() == 0
    assert again.weights[119] / again.weights[100] == pytest.approx(120 / 101)
    for wrong in (np.full(120, -np.inf), np.full(120, np.nan)):
        with pytest.raises(BadInput):
            weights.reweighted(ensemble, wrong)


@pytest.mark.parametrize("slope", [0.6, 1.0, 1.5])
def test_the_slope_of_a_power_law_is_its_own(ensemble: Ensemble, slope: float) -> None:
    lens = ensemble.lenses[0]
    layout = ensemble.forms[0].layout
    unknowns = ensemble.unknowns[:1].copy()
    profile = ensemble.profile()
    for ring, radius in zip(lens.grid.rings, profile.middles, strict=True):
        unknowns[:, layout.kappa.start + ring] = lens.z_caps[0] * (2 - slope) / 2 * (radius / 1.2) ** -slope
    law = replace(ensemble, unknowns=unknowns, weights=np.ones(1))
    assert weights.slopes(law) == pytest.approx([slope], abs=1e-6)
    assert weights.slope_prior(law, slope + 0.2, 0.1) == pytest.approx([-2.0], abs=1e-4)
    with pytest.raises(BadInput):
        weights.slope_prior(law, 1.0, 0.0)


def test_models_with_images_that_nobody_saw_count_less(ensemble: Ensemble) -> None:
    counts = weights.extra_images(ensemble)
    assert counts.min() == 0
    assert counts.max() > 0
    chosen = weights.reweighted(ensemble, weights.no_extra_images(counts, 0.01))
    assert chosen.weights[counts == 0].min() > 50 * chosen.weights[counts > 0].max()
    # Whatever is found counts where nothing is hidden and the faintest would be seen.
    assert np.all(weights.extra_images(ensemble, fraction=0.0, within=0.0) >= counts)
    with pytest.raises(BadInput):
        weights.no_extra_images(counts, 0.0)

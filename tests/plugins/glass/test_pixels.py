"""A picture as a witness: the source that made it is found, and the model through which it was made is the best."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import convolve2d

from tests.plugins.glass import mock
from toyz_glass.core.ensemble import Ensemble
from toyz_glass.core.errors import BadInput
from toyz_glass.core.pixels import GRID, Picture, Witness, score
from toyz_glass.core.sample import sample
from toyz_glass.core.weights import effective, reweighted

Array = NDArray[np.float64]
SIZE, SCALE, NOISE = 61, 0.06, 0.02
CENTRE = (30.0, 30.0)
TRUE = 7
"""The model through which the picture is taken."""


@pytest.fixture(scope="module")
def ensemble() -> Ensemble:
    return sample(mock.mock(pixrad=6), 16, seed=2)


def _brightness(places: Array) -> Array:
    """A round source where the mock has it."""
    return np.asarray(np.exp(-np.sum((places - mock.BETA) ** 2, axis=-1) / (2 * 0.12**2)), float)


def _psf() -> Array:
    span = np.arange(-3, 4)
    return np.exp(-(span[:, None] ** 2 + span**2) / 2.0)


@pytest.fixture(scope="module")
def picture(ensemble: Ensemble) -> Picture:
    empty = Picture(np.zeros((SIZE, SIZE)), NOISE, CENTRE, SCALE)
    forms = ensemble.forms[0]
    places = empty.points - forms.deflection(empty.points).at(ensemble.unknowns[TRUE]) / forms.lens.z_caps[0]
    clean = convolve2d(_brightness(places).reshape(SIZE, SIZE), _psf() / _psf().sum(), mode="same")
    data = clean + np.random.default_rng(5).normal(0, NOISE, clean.shape)
    y, x = np.indices(clean.shape)
    ring = np.abs(np.hypot(x - CENTRE[0], y - CENTRE[1]) * SCALE - 1.2) < 0.5
    return Picture(data, NOISE, CENTRE, SCALE, _psf(), ring)


def test_the_model_that_made_the_picture_explains_it_best(ensemble: Ensemble, picture: Picture) -> None:
    scores = score(ensemble, picture)
    assert int(np.argmin(scores.chi2)) == TRUE
    assert int(np.argmax(scores.log_evidence)) == TRUE
    assert scores.chi2[TRUE] == pytest.approx(1.0, abs=0.1)
    assert np.median(scores.chi2) > 1.5
    chosen = reweighted(ensemble, scores.log_evidence)
    assert effective(chosen.weights) < 3


def test_the_source_is_what_it_was(ensemble: Ensemble, picture: Picture) -> None:
    witness = Witness(ensemble.forms[0], picture)
    unknowns = ensemble.unknowns[TRUE]
    found = witness.reconstruct(unknowns, witness.best_penalty(unknowns))
    x0, x1, y0, y1 = found.extent
    y, x = np.meshgrid(np.linspace(y0, y1, GRID), np.linspace(x0, x1, GRID), indexing="ij")
    truth = _brightness(np.stack([x, y], -1))
    bright = truth > 0.2
    assert np.abs(found.source - truth)[bright].mean() < 0.05
    left = (picture.data - found.model)[picture.used]
    assert left.std() == pytest.approx(NOISE, rel=0.1)
    assert np.isnan(found.model[~picture.used]).all()


def test_the_blur_is_a_convolution(picture: Picture) -> None:
    image = np.random.default_rng(1).random((SIZE, SIZE))
    expected = convolve2d(image, _psf() / _psf().sum(), mode="same")[picture.used]
    assert picture.blur @ image.ravel() == pytest.approx(expected)
    assert replace(picture, psf=None).blur @ image.ravel() == pytest.approx(image[picture.used])


def test_pixels_without_a_value_do_not_count(picture: Picture) -> None:
    data = picture.data.copy()
    data[picture.used] = np.where(np.arange(picture.used.sum()) % 2, np.nan, data[picture.used])
    assert replace(picture, data=data).used.sum() == (picture.used.sum() + 1) // 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"data": np.zeros(5)},
        {"data": np.full((SIZE, SIZE), np.nan)},
        {"noise": -1.0},
        {"scale": 0.0},
        {"scale": np.nan},
        {"psf": np.ones((4, 4))},
        {"psf": np.zeros((3, 3))},
        {"data": np.zeros((500, 500)), "counted": None},
    ],
)
def test_no_picture_is_like_that(picture: Picture, wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        replace(picture, **wrong)  # type: ignore[arg-type]

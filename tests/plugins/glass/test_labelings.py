"""Readings of the same marks, ranked: the ones that were published come out first."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tests.plugins.glass import mock
from tests.plugins.glass.lenses import pg1115
from toyz_glass.core.constraints import MaximumKappa
from toyz_glass.core.labelings import rank, readings
from toyz_glass.core.lens import Image, LensSystem, Source
from toyz_glass.core.standard import standard_lens


def test_each_minimum_is_exchanged_with_each_saddle_point() -> None:
    lens = mock.mock()
    given = lens.sources[0].images
    found = dict(readings(lens))
    assert list(found) == [None, (0, 2), (0, 3), (1, 2), (1, 3)]
    images = found[1, 3].sources[0].images
    assert [image.kind for image in images] == [image.kind for image in given]
    assert (images[1].x, images[3].x) == (given[3].x, given[1].x)
    assert images[0] == given[0]


@pytest.mark.parametrize("lens", [mock.mock(pixrad=6), pg1115(pixrad=6)], ids=lambda lens: lens.name)
def test_the_published_reading_is_the_best(lens: LensSystem) -> None:
    told: list[float] = []
    found = rank(lens, progress=told.append)
    assert found[0].exchanged is None
    assert len(found) == 5
    assert all(one.score >= other.score for one, other in pairwise(found))
    assert found[-1].log_volume < found[0].log_volume
    assert "10^" in found[-1].reasons[0]
    assert told[-1] == 1.0


def test_a_minimum_and_a_saddle_that_were_mistaken_are_put_right() -> None:
    lens = pg1115(pixrad=6)
    wrong = dict(readings(lens))[0, 2]
    best = rank(wrong)[0]
    assert best.exchanged == (0, 2)
    assert best.lens.sources[0].images == lens.sources[0].images


def test_a_reading_that_cannot_be_comes_last_with_what_is_in_its_way() -> None:
    lens = standard_lens(0.5, (Source(1.5, (Image(1.3, 0.1, "min"), Image(-0.5, 0.1, "saddle"))),), pixrad=5)
    low = replace(lens, constraints=(*lens.constraints, MaximumKappa(0.55)))
    last = rank(low)[-1]
    assert last.score == -np.inf
    assert last.ensemble is None
    assert last.reasons[0].startswith("no mass map does all of this: ")

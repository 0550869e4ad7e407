"""Marks that no mass explains: which, and the least that heals them."""

from dataclasses import replace

import pytest

from tests.plugins.glass.lenses import PG1115, pg1115
from toyz_glass.core.constraints import MaximumKappa
from toyz_glass.core.errors import Infeasible
from toyz_glass.core.interior import inside_of
from toyz_glass.core.lens import Delay, Image, LensSystem, Source
from toyz_glass.core.polytope import problem_of
from toyz_glass.core.sample import sample
from toyz_glass.core.standard import standard_lens


def _refused(lens: LensSystem) -> Infeasible:
    with pytest.raises(Infeasible) as problem:
        sample(lens, 10)
    return problem.value


def test_a_delay_that_cannot_be_is_named_and_what_is_left_of_the_conflict_can() -> None:
    wrong = Source(PG1115.z, PG1115.images, (Delay(13.3), None, Delay(2000.0)))
    lens = standard_lens(0.31, (wrong,))
    found = _refused(lens)
    assert "image 4 arrives 2000 days later" in found.conflict
    (healed,) = found.relaxations
    assert healed.startswith("“image 4 arrives 2000 days later” may be missed by")
    assert healed.endswith("days (for H0 = 70)")
    assert "No mass map does all of this" in str(found)
    # Without any one of them the rest is possible.
    for left_out in found.conflict:
        problem = problem_of([lens])
        problem.conditions[:] = [
            condition for condition in problem.conditions if condition.about in set(found.conflict) - {left_out}
        ]
        inside_of(problem)


def test_kinds_that_cannot_be_are_named() -> None:
    """A maximum needs a convergence above 1 for its source."""
    images = (Image(1.1, 0.2, "min"), Image(-0.4, 0.1, "max"))
    lens = standard_lens(0.31, (Source(1.7, images),))
    low = replace(lens, constraints=(*lens.constraints, MaximumKappa(0.9, centre=True)))
    found = _refused(low)
    assert set(found.conflict) == {"image 2 is a maximum", "every pixel has at most 0.9"}
    assert found.relaxations


def test_rules_that_leave_no_room_are_named() -> None:
    lens = pg1115()
    low = standard_lens(0.31, lens.sources, constraints=(*lens.constraints, MaximumKappa(0.01, centre=True)))
    assert "every pixel has at most 0.01" in _refused(low).conflict

"""Phases of a job follow UWS."""

import itertools

import pytest

from toyz.errors import Conflict
from toyz.jobs import Job, Phase, check_transition

ORDER = [Phase.PENDING, Phase.QUEUED, Phase.EXECUTING]
FINAL = [Phase.COMPLETED, Phase.ERROR, Phase.ABORTED]


def allowed(current: Phase, following: Phase) -> bool:
    if current in FINAL:
        return False
    return following in FINAL or ORDER.index(following) >= ORDER.index(current)


@pytest.mark.parametrize(("current", "following"), list(itertools.product(Phase, Phase)))
def test_transitions(current: Phase, following: Phase) -> None:
    if allowed(current, following):
        check_transition(current, following)
    else:
        with pytest.raises(Conflict, match=f"from {current} to {following}"):
            check_transition(current, following)


def test_final_phases() -> None:
    assert [phase for phase in Phase if phase.final] == FINAL


def test_jobs_do_not_share_parameters() -> None:
    one, other = (Job(id=name, user="u", module="m", task="t", created=0) for name in "ab")
    one.parameters["x"] = 1
    assert other.parameters == {}

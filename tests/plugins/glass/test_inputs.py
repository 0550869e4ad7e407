"""Lenses as JSON: what is read, what is refused and why, and what is written."""

import contextlib
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toyz_glass.core import constraints as rules
from toyz_glass.core.errors import BadInput
from toyz_glass.core.inputs import read_lens, write_lens
from toyz_glass.core.lens import Delay, Image
from toyz_glass.core.potentials import ExternalShear, PointMass

LENS: dict[str, Any] = {
    "z_lens": 0.311,
    "z_source": 1.722,
    "images": [[0.381, 1.344, "min"], [-0.947, -0.69, "min"], [-1.096, -0.232, "saddle"], [0.722, -0.617, "saddle"]],
    "delays": [[13.3, 0.9], None, 11.7],
}


def _changed(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in (LENS | changes).items() if value is not ...}


def test_a_lens_is_read_with_what_is_usual() -> None:
    lens, settings = read_lens(LENS, "PG1115+080")
    (source,) = lens.sources
    assert (lens.name, lens.z, source.z) == ("PG1115+080", 0.311, 1.722)
    assert source.images[2] == Image(-1.096, -0.232, "saddle")
    assert list(source.delays) == [Delay(13.3, 0.9), None, Delay(11.7)]
    assert (settings.models, settings.seed) == (200, 0)
    assert (lens.grid.pixrad, lens.grid.split, lens.grid.symmetric) == (8, 1, False)
    outermost = np.hypot(0.381, 1.344)
    assert lens.grid.maprad - lens.grid.side == pytest.approx(outermost)
    assert [rule.name for rule in lens.constraints] == [
        "lens equation", "time delays", "parity", "H0", "steepness", "local gradient", "smoothness",
    ]  # fmt: skip


def test_settings_change_leave_out_and_add() -> None:
    chosen = {
        "models": 500,
        "seed": 3,
        "pixrad": 6,
        "maprad": 2.5,
        "split": 3,
        "symmetric": True,
        "shear": 0.2,
        "masses": [{"x": 3.0, "y": 1.0, "largest": 0.5}],
        "cosmology": {"Om0": 0.3, "Ode0": 0.6},
        "constraints": {
            "smoothness": False,
            "local gradient": {"angle": 60},
            "steepness": {"lo": 0.2, "hi": 3.0},
            "maximum kappa": {"most": 4.0},
            "central maximum": True,
        },
    }
    lens, asked = read_lens(_changed(settings=chosen))
    assert (asked.models, asked.seed) == (500, 3)
    assert (lens.grid.pixrad, lens.grid.maprad, lens.grid.split, lens.grid.symmetric) == (6, 2.5, 3, True)
    assert list(lens.potentials) == [ExternalShear(0.2), PointMass(3.0, 1.0, 0.5, "mass 1")]
    assert lens.cosmology.Om0 == 0.3  # type: ignore[attr-defined]
    assert "smoothness" not in [rule.name for rule in lens.constraints]
    assert rules.LocalGradient(60) in lens.constraints
    assert rules.Steepness(0.2, 3.0) in lens.constraints
    assert rules.MaximumKappa(4.0) in lens.constraints
    assert rules.CentralMaximum() in lens.constraints


def test_what_is_written_is_read_again() -> None:
    chosen = {"split": 3, "constraints": {"smoothness": False, "maximum kappa": {"most": 4}}, "masses": []}
    several = {"z_lens": 0.3, "sources": [{k: v for k, v in LENS.items() if k != "z_lens"}] * 2, "settings": chosen}
    lens, _ = read_lens(several)
    again, _ = read_lens(json.loads(json.dumps(write_lens(lens))))
    assert (again.sources, again.grid, again.potentials) == (lens.sources, lens.grid, lens.potentials)
    assert sorted(map(repr, again.constraints)) == sorted(map(repr, lens.constraints))


def _setting(**changes: Any) -> dict[str, Any]:
    return _changed(settings=changes)


def _rule(**options: Any) -> dict[str, Any]:
    return _setting(constraints=options)


IMAGES = LENS["images"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ([], ""),
        (_changed(z_lens=...), "z_lens"),
        (_changed(z_lens="near"), "z_lens"),
        (_changed(z_lens=float("nan")), "z_lens"),
        (_changed(z_lens=-0.1), "z_lens"),
        (_changed(z_source=0.2), "z_source"),
        (_changed(z_source=float("inf")), "z_source"),
        (_changed(images=IMAGES[:1], delays=[]), "images"),
        (_changed(images="many"), "images"),
        (_changed(images=[*IMAGES[:3], [0.7, "x", "min"]]), "images[3]"),
        (_changed(images=[*IMAGES[:3], [0.7, 1.0]]), "images[3]"),
        (_changed(images=[*IMAGES[:3], [0.7, 1.0, "hill"]]), "images[3]"),
        (_changed(images=[*IMAGES[:3], [float("nan"), 1.0, "min"]]), "images[3]"),
        (_changed(images=[*IMAGES[:3], [0.0, 0.0, "max"]]), "images[3]"),
        (_changed(images=[*IMAGES[:3], [1e9, 0.0, "max"]]), "images[3]"),
        (_changed(images=[*IMAGES[:3], IMAGES[0]]), "images[3]"),
        (_changed(delays=[1.0]), "delays"),
        (_changed(delays=[-1.0, None, None]), "delays[0]"),
        (_changed(delays=[[1.0, float("nan")], None, None]), "delays[0]"),
        (_changed(delays=[[1.0], None, None]), "delays[0]"),
        (_changed(sources=[{"z_source": 1.0}]), "sources[0].images"),
        (_changed(colour="red"), "colour"),
        (_setting(pixrad=400), "pixrad"),
        (_setting(pixrad=8.5), "settings.pixrad"),
        (_setting(split=4), "split"),
        (_setting(symmetric="yes"), "settings.symmetric"),
        (_setting(depth=3), "settings.depth"),
        (_setting(cosmology="Ptolemy"), "settings.cosmology"),
        (_setting(cosmology={"Om": 0.3}), "settings.cosmology"),
        (_setting(masses=[{"x": 1}]), "settings.masses[0].y"),
        (_rule(weight=True), "settings.constraints.weight"),
        (_rule(steepness={"slope": 1}), "settings.constraints.steepness.slope"),
        (_rule(steepness={"lo": "much"}), "settings.constraints.steepness.lo"),
        (_rule(smoothness=3), "settings.constraints.smoothness"),
        (_rule(steepness={"lo": 2, "hi": 1}), "steepness"),
        (_rule(**{"annular density": {"inner": 1}}), "settings.constraints.annular density"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(given: Any, field: str) -> None:
    with pytest.raises(BadInput) as problem:
        read_lens(given)
    assert problem.value.field == field
    assert problem.value.message


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-(10**20), 10**20) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.sampled_from(["z_lens", "z_source", "images", "delays", "sources", "settings"]), JSON)
def test_nothing_but_an_error_with_a_name_comes_of_nonsense(name: str, nonsense: Any) -> None:
    with contextlib.suppress(BadInput):
        read_lens(LENS | {name: nonsense})


@settings(deadline=None)
@given(st.sampled_from(["pixrad", "maprad", "shear", "masses", "cosmology", "constraints", "split"]), JSON)
def test_nor_of_nonsense_in_settings(name: str, nonsense: Any) -> None:
    with contextlib.suppress(BadInput):
        read_lens(_setting(**{name: nonsense}))

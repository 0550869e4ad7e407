"""The tasks of the plugin, as jobs of a real server."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.plugins.glass.mock import EINSTEIN, SOURCE, Z_LENS
from tests.web.harness import Served, Window, served

MARKS: list[list[Any]] = [[image.x, image.y, image.kind] for image in SOURCE.images]
LENS = {
    "z_lens": Z_LENS,
    "z_source": SOURCE.z,
    "images": MARKS,
    "delays": [7.039, 6.3964, 21.1643],
    "settings": {"symmetric": True},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve with the built-in plugins."""
    with served(tmp_path_factory.mktemp("glass")) as running:
        yield running


@pytest.fixture
def window(server: Served) -> Iterator[Window]:
    """Open a window."""
    with server.window() as opened:
        yield opened


def test_a_lens_is_modelled_in_the_sandbox(window: Window) -> None:
    window.ask("m", "glass", "model", lens=LENS, models=200, seed=1)
    preview = window.event("glass", "preview")
    found = window.answer("m")["result"]
    assert 20 <= preview["models"] < found["models"] == 200
    for each in (preview, found):
        low, middle, high = each["theta_E"]
        assert low < middle < high
        assert middle == pytest.approx(EINSTEIN, rel=0.08)
    assert (found["rhat"] < 1.05, found["ess"] > 100, len(found["hubble"])) == (True, True, 200)
    assert sorted(each["seen"] for each in found["images"] if each["seen"] is not None) == [0, 1, 2, 3]
    assert [mark["delay"][1] for mark in found["marks"]][1] == pytest.approx(7.039, rel=1e-3)
    tau = np.reshape(found["arrival"]["tau"], (found["arrival"]["count"],) * 2)
    axis = np.linspace(-found["arrival"]["half"], found["arrival"]["half"], found["arrival"]["count"])
    lowest = np.unravel_index(np.argmin(tau), tau.shape)
    assert math.dist((axis[lowest[1]], axis[lowest[0]]), MARKS[0][:2]) < 0.2
    assert found["lines"]["saddle"]
    assert found["lines"]["critical"]
    side, kappa = np.array(found["map"]["side"]), np.array(found["map"]["kappa"])
    mass = np.pi * found["profile"]["edge"][-1] ** 2 * found["profile"]["within"][1][-1]
    assert float(side**2 @ kappa) == pytest.approx(mass, rel=0.02), "the mean's mass is near the median's"


def test_the_same_seed_gives_the_same_models(window: Window) -> None:
    one, same, other = (window.call(str(n), "glass", "model", lens=LENS, models=60, seed=n // 2) for n in range(3))
    assert one["hubble"] == same["hubble"] != other["hubble"]


def test_readings_are_ranked_with_reasons(window: Window) -> None:
    found = window.call("r", "glass", "readings", lens=LENS)
    assert found[0]["exchanged"] is None
    assert len(found) == 5
    assert all(each["reasons"] for each in found)


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"z_lens": 2.0}, "z_source", "behind"),
    ({"images": MARKS[:1]}, "images", "image"),
    ({"images": [MARKS[0], MARKS[0]]}, "images[1]", "lies on image 1"),
    ({"images": [["nan", 1, "min"], *MARKS[1:]]}, "images", "number"),
    ({"images": "four"}, "images", "list"),
    ({"z_lens": "0.5"}, "z_lens", "number"),
    ({"colour": "blue"}, "colour", "field"),
    ({"settings": {"pixrad": 1_000_000}}, "pixrad", "2 to"),
    ({"settings": {"cosmology": "os.system"}}, "cosmology", ""),
    ({"settings": {"constraints": {"__class__": {}}}}, "constraints", "no such constraint"),
    ({"settings": {"masses": [{"x": 0, "y": 0, "largest": -1}]}}, "mass", ""),
]


@pytest.mark.row("M4")
@pytest.mark.parametrize(("change", "field", "words"), BAD)
def test_what_is_no_lens_is_refused_in_a_sentence(
    window: Window, change: dict[str, Any], field: str, words: str
) -> None:
    error = window.error("e", "glass", "model", lens={**LENS, **change})
    assert error["code"] in ("invalid_parameter", "bad_request")
    assert words in error["message"]
    assert field in f"{error.get('field')} {error['message']}"
    assert "Traceback" not in error["message"]


def test_marks_that_no_mass_bears_are_said_with_what_would_heal_them(window: Window) -> None:
    error = window.error("e", "glass", "model", lens={**LENS, "delays": [7.039, 6.3964, 2000.0]})
    assert error["code"] == "bad_request"
    assert error["message"].startswith("No mass map does all of this:")
    assert "It would be enough if" in error["message"]


def test_a_source_that_there_is_not_is_refused(window: Window) -> None:
    for task in ("model", "readings"):
        assert window.error(task, "glass", task, lens=LENS, source=3)["field"] == "parameters.source"


def test_a_model_is_cancelled(window: Window) -> None:
    window.ask("m", "glass", "model", lens={**LENS, "settings": {"pixrad": 12}}, models=5000)
    window.wait_for(lambda each: each.get("id") == "m" and each.get("progress", 0) > 0)
    window.send({"id": "m", "cancel": True})
    assert window.answer("m")["phase"] == "ABORTED"


def test_what_lenses_the_server_takes_is_what_the_command_takes(window: Window) -> None:
    lens = json.loads((Path(__file__).parents[3] / "examples" / "lenses" / "PG1115+080.json").read_text())
    assert window.call("m", "glass", "model", lens=lens, models=50)["theta_E"][1] == pytest.approx(1.18, abs=0.04)

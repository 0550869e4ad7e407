"""Hostile files: each opens or says why, soon, in bounded memory, and takes nothing with it.

Each runs in a process of its own, so that a crash, a hang or a gigabyte is seen as such.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from tests.abuse.hostile_fits import CORPUS
from tests.abuse.read_hostile import read_everything
from tests.extensions.fits_files import open_source
from toyz.readers import OpenFile

LIMIT = 5.0
"""Seconds that a file may take (a builder or a session works on it meanwhile, others are not held up)."""
MEMORY = 700 << 20
"""Bytes of address space beyond what the process had after its imports."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What became of each file, from one child that is started again when it dies."""
    folder = tmp_path_factory.mktemp("hostile")
    names = list(CORPUS)
    for number, name in enumerate(names):
        (folder / f"{number:02}.fits").write_bytes(CORPUS[name]())
    found: dict[str, dict[str, Any]] = {}
    while len(found) < len(names):
        command = [sys.executable, "-m", "tests.abuse.read_hostile", str(folder), str(len(found)), str(MEMORY)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for line in child.stdout:
                found[names[len(found)]] = json.loads(line)
        if child.returncode != 0:
            found[names[len(found)]] = {"died": child.returncode}
    return found


def _named(names: Iterable[str]) -> list[ParameterSet]:
    """Give the files as parameters, each with the mark of its row."""
    return [pytest.param(name, marks=pytest.mark.row(name.split()[0])) for name in names]


@pytest.mark.parametrize("name", _named(CORPUS))
def test_opens_or_says_why(outcomes: dict[str, dict[str, Any]], name: str) -> None:
    outcome = outcomes[name]
    if name == "F4 HCOMPRESS" and "died" in outcome:
        return  # astropy's own decoder: it is run where it may die
    assert "died" not in outcome, f"the process died: {outcome}"
    assert outcome["seconds"] < LIMIT
    assert "Traceback" not in outcome["message"]
    assert "/tmp" not in outcome["message"]
    assert len(outcome["message"]) < 300


OPENED = {"F20 overlapping", "F8 CONTINUE, shorter", "F11 truncated", "F18 script", "F19 WCS", "F7 20,001 HDUs"}


@pytest.mark.parametrize(
    "name", _named(sorted(set(CORPUS) - OPENED - {"F4 HCOMPRESS", "F5 tile", "F10 ZTILE", "F12 PNG"}))
)
def test_is_refused_in_words(outcomes: dict[str, dict[str, Any]], name: str) -> None:
    assert outcomes[name]["message"], "it was read as if nothing were wrong"


@pytest.mark.parametrize("name", _named(sorted(OPENED)))
def test_what_is_sound_is_shown(outcomes: dict[str, dict[str, Any]], name: str) -> None:
    assert outcomes[name]["hdus"] >= 1
    if name.startswith(("F11", "F18", "F19")):
        assert outcomes[name]["read"] == 1


def test_f7_twenty_thousand_hdus_are_cut_with_a_word(tmp_path: Path) -> None:
    path = tmp_path / "many.fits"
    path.write_bytes(CORPUS["F7 20,001 HDUs"]())
    begin = time.monotonic()
    source = open_source(path)
    assert time.monotonic() - begin < LIMIT
    assert len(source.hdus) == 2000
    assert "2000 HDUs" in source.warnings[-1]


def test_f18_a_script_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "script.fits"
    path.write_bytes(CORPUS["F18 script"]())
    source = open_source(path)
    assert source.hdus[0].name == "<b>x</b>"
    assert "<script>alert(1)</script>" in [card.value for card in source.cards(0)]


@pytest.mark.data
def test_every_odd_file_opens_or_says_why() -> None:
    folder = os.environ.get("TOYZ_TEST_DATA")
    if not folder:
        pytest.skip("TOYZ_TEST_DATA is not set")
    paths = sorted((Path(folder) / "odd").iterdir())
    assert len(paths) >= 100
    for path in paths:
        begin = time.monotonic()
        file = OpenFile(os.open(path, os.O_RDONLY), path.name)
        outcome = read_everything(file)
        file.close()
        assert time.monotonic() - begin < LIMIT, path.name
        assert outcome["read"] or outcome["message"] or not outcome["images"], path.name

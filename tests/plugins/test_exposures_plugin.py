"""The plugin as Toyz sees it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import toyz_exposures
from toyz.errors import InvalidParameter
from toyz.plugin import Plugin
from toyz.testing import run_task


def test_the_layout_is_that_of_the_focal_plane() -> None:
    layout = run_task(toyz_exposures.plugin, "describe_layout", size="decam")
    assert (layout["width"], layout["height"]) == (29400, 29050)
    assert len(layout["ccds"]) == 61
    first = layout["ccds"][0]
    assert (first["name"], first["number"], first["detsec"]) == ("S29", 1, [2053, 4092, 8197, 12284])
    assert [amplifier["columns"] for amplifier in first["amplifiers"]] == [[1024, 2046], [1, 1023]]
    small = run_task(toyz_exposures.plugin, "describe_layout", size="small")
    assert (small["ccds"][0]["width"], small["ccds"][0]["height"]) == (255, 511)


def test_another_size_is_refused() -> None:
    with pytest.raises(InvalidParameter):
        run_task(toyz_exposures.plugin, "describe_layout", size="huge")


def test_the_manifest_is_light() -> None:
    """A server that lists its plugins loads neither a compiler nor a FITS library."""
    assert isinstance(toyz_exposures.plugin, Plugin)
    code = "import sys, toyz_exposures; print([name for name in ('numba', 'astropy', 'scipy') if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = toyz_exposures.nothing


PACKAGE = Path(toyz_exposures.__file__).parent
SCIENCE = {"numpy", "numba", "scipy", "astropy"}
EDGE = {"__init__", "tasks", "cli", "exposure", "output", "focal_plane"}
"""Modules that know Toyz: they declare, translate or refuse. The others are numbers and FITS."""


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_the_plugin_imports_what_a_third_party_could(path: Path) -> None:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module).partition(".")[0])
    allowed = SCIENCE | {"toyz_exposures", "msgspec"}
    if path.stem in EDGE:
        allowed |= {"toyz", "rich"}
    assert names - allowed <= sys.stdlib_module_names

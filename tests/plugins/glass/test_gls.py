"""GLASS's own files are parsed, and nothing in them is run."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plugins.glass.lenses import PG1115
from toyz_glass.core import constraints as rules
from toyz_glass.core.errors import BadInput
from toyz_glass.core.gls import read_gls
from toyz_glass.core.lens import Delay, Image
from toyz_glass.core.potentials import ExternalShear, PointMass

HEAD = """
import os
glass_basis('glass.basis.pixels', solver='rwalk')
meta(author='somebody', notes='a test')
setup_log('a.log')
samplex_random_seed(5)
exclude_all_priors()
include_prior('lens_eq', 'time_delay', 'profile_steepness', 'J3gradient', 'magnification',
              'hubble_constant', 'PLsmoothness3', 'shared_h', 'external_shear', 'external_mass')
hubble_time(8, 20)
"""
LENS = """
globject('PG1115+080')
zlens(0.31)
pixrad(6)
steepness(0, None)
smooth(2, include_central_pixel=False)
local_gradient(45)
shear(-45)
G1 = 2, 2
external_mass(PointMass(G1, name='G1'), 0, 0.3)
A = 0.3550, 1.3220
B = -0.9090, -0.7140
C = -1.0930, -0.2600
D = 0.7170, -0.6270
source(1.722, A, 'min', B, 'min', 13.3, C, 'sad', None, D, 'sad', 11.7)
"""
TAIL = """
model(1000)
savestate('a.state')
kappa_plot(env().ensemble_average, 0)
"""


def test_a_file_is_a_lens_with_its_rules() -> None:
    script = read_gls(HEAD + LENS + TAIL)
    (lens,) = script.lenses
    assert (script.models, script.seed) == (1000, 5)
    assert (lens.name, lens.z, lens.grid.pixrad) == ("PG1115+080", 0.31, 6)
    assert lens.sources[0] == PG1115
    assert list(lens.potentials) == [ExternalShear(0.1), PointMass(2, 2, 0.3, "mass 1")]
    assert {rule.name for rule in lens.constraints} == {
        "lens equation", "time delays", "parity", "H0", "steepness", "local gradient", "smoothness",
    }  # fmt: skip
    assert [line.split(":")[0] for line in script.passed_over] == ["line 2", "line 29"]


def test_only_the_priors_that_are_named_hold() -> None:
    script = read_gls("exclude_all_priors()\ninclude_prior('lens_eq', 'J4gradient')\n" + LENS)
    assert [rule.name for rule in script.lenses[0].constraints] == ["lens equation"]
    assert list(script.lenses[0].potentials) == []
    assert any("J4gradient" in line for line in script.passed_over)


def test_options_and_old_names_are_understood() -> None:
    text = """
hubble_constant(70)
omega(0.3, 0.6)
globject('a double')
zlens(0.5)
maprad(3)
pixrad(5)
subdiv(3)
symm()
steepness(0.2, 2)
min_kappa(0.01)
lens(1.41, (1.4, 0.3), 'min', (-0.6, -0.1), 'sad', (20, 30))
globject('another')
zlens(0.4)
lens(2.0, (1.4, 0.3), 'min', (-0.6, -0.1), 'sad', 0)
"""
    one, other = read_gls(text).lenses
    assert one.sources[0].images == (Image(1.4, 0.3, "min"), Image(-0.6, -0.1, "saddle"))
    assert list(one.sources[0].delays) == [Delay(25, 5)]
    assert list(other.sources[0].delays) == [None]
    assert (one.grid.maprad, one.grid.split, one.grid.symmetric) == (3.0, 3, True)
    assert rules.Steepness(0.2, 2.0) in one.constraints
    assert rules.MinimumKappa(0.01) in one.constraints
    assert rules.HubbleConstant.between(70, 70) in one.constraints
    assert one.cosmology.Ode0 == 0.6  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "evil",
    [
        "open('MARK', 'w').write('x')",
        "__import__('os').system('touch MARK')",
        "exec(\"open('MARK', 'w')\")",
        "zlens(open('MARK', 'w'))",
        "zlens(__import__('pathlib').Path('MARK').touch() or 0.3)",
        "z = [open('MARK', 'w') for _ in (1,)]",
        "def f():\n    open('MARK', 'w')\nf()",
        "class A:\n    open('MARK', 'w')",
        "zlens.__call__(0.3)",
        "try:\n    open('MARK', 'w')\nexcept: pass",
        'globject(f\'{open("MARK", "w")}\')',
        "_take(1)",
        "script()",
    ],
)
def test_nothing_is_run(evil: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    script = read_gls(evil + "\n" + HEAD + LENS)
    assert not list(tmp_path.iterdir())
    assert script.passed_over
    assert script.lenses[0].z == 0.31


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "describes no lens"),
        ("globject('a'", "no GLASS file"),
        ("zlens(0.3)", "line 1, zlens: it stands before the first globject"),
        ("globject('a')", "no zlens"),
        ("globject('a')\nzlens('far')", "line 2, zlens"),
        ("globject('a')\nzlens(0.3)\nsource(1.0, (1, 1))", "line 3, source"),
        ("globject('a')\nzlens(0.3)\nsource(1.0, (1, 1), 'hill')", "line 3, source: 'hill' is none of"),
        ("globject('a')\nzlens(0.3)\nsteepness(2, 1)", "line 3, steepness"),
        ("globject('a')\nzlens(0.3)\npixrad(10**400)", "no source"),
        ("globject('a')\nzlens(0.3)\npixrad(1e400)", "line 3, pixrad"),
        ("globject('a')\nzlens(0.3)\nsource(0.2, (1, 1), 'min', (-1, 0), 'sad', None)", "not behind the lens"),
        ("x = " + "(" * 500 + ")" * 500, "no GLASS file"),
        ("x = 1\n" * 300_000, "longer"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(BadInput) as problem:
        read_gls(text)
    assert said in str(problem.value)


@given(st.text(max_size=200) | st.text(alphabet="abglobject('),=1.0 \nzens[]{}", max_size=100))
def test_nothing_but_an_error_comes_of_nonsense(text: str) -> None:
    with pytest.raises(BadInput):
        read_gls(text)

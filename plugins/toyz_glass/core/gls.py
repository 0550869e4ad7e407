"""GLASS's input files (``.gls``): read, and never run.

Such a file is a Python script that calls GLASS's commands. Here its text is parsed, and calls of the commands that
describe lenses are understood if their arguments are literals or names of literals: numbers, strings, tuples. Whatever
else stands in it (imports, plots, blocks) is passed over and listed, so that who reads the result knows.
"""

import ast
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from toyz_glass.core import constraints as rules
from toyz_glass.core.condition import Constraint
from toyz_glass.core.distances import Cosmology, cosmology_named
from toyz_glass.core.errors import BadInput
from toyz_glass.core.lens import Delay, Image, LensSystem, Source
from toyz_glass.core.potentials import ExternalShear, PointMass, Potential
from toyz_glass.core.standard import PIXRAD, standard_lens, standard_set

LONGEST = 1 << 20
"""Characters of a file, at most."""
_KINDS = {"min": "min", "sad": "saddle", "saddle": "saddle", "max": "max"}
_PRIORS: dict[str, str] = {
    "lens_eq": rules.LensEquation.name,
    "time_delay": rules.TimeDelays.name,
    "profile_steepness": rules.Steepness.name,
    "J3gradient": rules.LocalGradient.name,
    "magnification": rules.Parity.name,
    "hubble_constant": rules.HubbleConstant.name,
    "PLsmoothness3": rules.Smoothness.name,
    "external_shear": "shear",
    "external_mass": "mass",
    "shared_h": "",  # lenses that are modelled together always share it
}
_STANDARD = ("lens_eq", "time_delay", "profile_steepness", "J3gradient", "magnification", "hubble_constant",
             "PLsmoothness3", "external_shear", "external_mass")  # fmt: skip
_OF_NO_LENS = frozenset({"glass_basis", "meta", "setup_log", "samplex_acceptance", "savestate", "globject"})


@dataclass(frozen=True)
class Script:
    """What a file describes.

    Parameters
    ----------
    lenses : list of LensSystem
    models, seed : int
        Of the calls of ``model`` and ``samplex_random_seed``; 200 and 0 without them.
    passed_over : list of str
        What was not understood, each with its line.
    """

    lenses: list[LensSystem]
    models: int
    seed: int
    passed_over: list[str]


def read_gls(text: str) -> Script:
    """Read a file.

    Raises
    ------
    BadInput
        With the line that is wrong.
    """
    if len(text) > LONGEST:
        raise BadInput(f"it is longer than {LONGEST} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its strings and the like, which are not ours
            statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        raise BadInput(f"it is no GLASS file: {problem}") from problem
    reader = _Reader()
    for statement in statements:
        reader.take(statement)
    return reader.script()


@dataclass
class _Object:
    """A lens whose description is under way."""

    name: str
    z: float | None = None
    pixrad: int = PIXRAD
    maprad: float | None = None
    split: int = 1
    symmetric: bool = False
    shear: float = 0.1
    sources: list[Source] = field(default_factory=list)
    masses: list[PointMass] = field(default_factory=list)
    chosen: dict[str, Constraint] = field(default_factory=dict)


class _Unknown(Exception):
    """An expression that is no literal."""


class _Reader:
    """Takes one statement after the other."""

    def __init__(self) -> None:
        self._names: dict[str, Any] = {}
        self._objects: list[_Object] = []
        self._passed_over: list[str] = []
        self._priors = list(_STANDARD)
        self._hubble = rules.HubbleConstant()
        self._cosmology = (0.28, 0.72)
        self._models, self._seed = 200, 0
        self._line = 0

    def take(self, statement: ast.stmt) -> None:
        self._line = statement.lineno
        try:
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                self._assign(statement.targets[0], statement.value)
            elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                self._call(statement.value)
            elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                raise _Unknown(type(statement).__name__.lower())
        except _Unknown as what:
            self._passed_over.append(f"line {self._line}: {what}")

    def script(self) -> Script:
        """Make the lenses that were described."""
        if not self._objects:
            raise BadInput("it describes no lens: there is no globject(…)")
        lenses = [self._made(each) for each in self._objects]
        return Script(lenses, self._models, self._seed, self._passed_over)

    # ---- expressions ------------------------------------------------------------------------

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if not isinstance(target, ast.Name):
            raise _Unknown("an assignment to no plain name")
        self._names.pop(target.id, None)
        self._names[target.id] = self._value(value)

    def _value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Name):
            if node.id not in self._names:
                raise _Unknown(f"{node.id} is not known")
            return self._names[node.id]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "PointMass":
            return self._value(node.args[0]) if node.args else None
        if isinstance(node, ast.Tuple | ast.List):
            return tuple(self._value(each) for each in node.elts)
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as problem:
            raise _Unknown("an expression that is no literal") from problem

    def _call(self, call: ast.Call) -> None:
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        command = _COMMANDS.get(name)
        if command is None:
            if name not in _OF_NO_LENS:
                raise _Unknown(f"{name or 'a call'}(…) is not known here")
            return
        arguments = [self._value(each) for each in call.args]
        named = {each.arg or "": self._value(each.value) for each in call.keywords}
        self._run(command, name, arguments, named)

    def _run(self, command: Callable[..., None], name: str, arguments: list[Any], named: dict[str, Any]) -> None:
        try:
            command(self, *arguments, **named)
        except BadInput as problem:
            raise BadInput(problem.message, f"line {self._line}, {name}") from problem
        except (TypeError, ValueError, IndexError, OverflowError) as problem:
            raise BadInput("its arguments are not those of GLASS", f"line {self._line}, {name}") from problem

    @property
    def _object(self) -> _Object:
        if not self._objects:
            raise BadInput("it stands before the first globject(…)")
        return self._objects[-1]

    # ---- the commands -----------------------------------------------------------------------

    def _do_globject(self, name: str) -> None:
        self._objects.append(_Object(str(name)[:100]))

    def _do_zlens(self, z: float) -> None:
        self._object.z = float(z)

    def _do_pixrad(self, pixels: int) -> None:
        self._object.pixrad = int(pixels)

    def _do_maprad(self, radius: float, units: str = "arcsec") -> None:
        if units != "arcsec":
            raise BadInput(f"the radius is in {units}; arcsec is understood")
        self._object.maprad = float(radius)

    def _do_subdiv(self, parts: int) -> None:
        self._object.split = int(parts)

    def _do_hires(self, radius: float, refine: int = 1) -> None:
        del radius  # of more pixels than the central one GLASS itself makes no use either
        self._object.split = int(refine)

    def _do_symm(self, on: bool = True) -> None:
        self._object.symmetric = bool(on)

    def _do_smooth(self, factor: float = 2, L: float | None = None, include_central_pixel: bool | None = None) -> None:  # noqa: N803
        del L
        self._choose(rules.Smoothness(float(factor), bool(include_central_pixel)))

    def _do_steepness(self, lowest: float, highest: float | None) -> None:
        self._choose(rules.Steepness(float(lowest or 0), None if highest is None else float(highest)))

    def _do_local_gradient(self, theta: float = 45, L: float | None = None) -> None:  # noqa: N803
        del L
        self._choose(rules.LocalGradient(float(theta)))

    def _do_min_kappa(self, least: float) -> None:
        self._choose(rules.MinimumKappa(float(least)))

    def _do_shear(self, direction: float | None = None, strength: float = 0.1) -> None:
        del direction  # each component is free within the strength, whatever the direction
        self._object.shear = float(strength)

    def _do_external_mass(self, position: tuple[float, float], least: float, most: float) -> None:
        if least != 0:
            raise BadInput(f"the mass is at least {least}; only masses from 0 are understood")
        name = f"mass {len(self._object.masses) + 1}"
        self._object.masses.append(PointMass(float(position[0]), float(position[1]), float(most), name))

    def _do_source(self, z: float, *marks: Any) -> None:
        images: list[Image] = []
        delays: list[Delay | None] = []
        left = list(marks)
        while left:
            (x, y), kind = left.pop(0), left.pop(0)
            if kind not in _KINDS:
                raise BadInput(f"{kind!r} is none of 'min', 'sad' and 'max'")
            if images:
                delays.append(_delay(left.pop(0)))
            images.append(Image(float(x), float(y), _KINDS[kind]))  # type: ignore[arg-type]
        self._object.sources.append(Source(float(z), tuple(images), tuple(delays)))

    def _do_lens(self, z: float, *marks: Any) -> None:
        """The name of ``source`` in old files, in which a delay of 0 is one that is not known."""
        self._do_source(z, *(None if isinstance(each, int | float) and each == 0 else each for each in marks))

    def _do_hubble_time(self, shortest: float, longest: float | None = None) -> None:
        self._hubble = rules.HubbleConstant(float(shortest), float(shortest if longest is None else longest))

    def _do_hubble_constant(self, slowest: float, fastest: float | None = None) -> None:
        self._hubble = rules.HubbleConstant.between(float(slowest), float(slowest if fastest is None else fastest))

    def _do_omega(self, matter: float, vacuum: float) -> None:
        self._cosmology = (float(matter), float(vacuum))

    def _do_exclude_all_priors(self) -> None:
        self._priors = []

    def _do_include_prior(self, *names: str) -> None:
        for name in names:
            if name in _PRIORS:
                self._priors.append(name)
            else:
                self._passed_over.append(f"line {self._line}: the prior {name!r} is not known here")

    def _do_exclude_prior(self, *names: str) -> None:
        self._priors = [name for name in self._priors if name not in names]

    def _do_model(self, count: int) -> None:
        self._models = int(count)

    def _do_samplex_random_seed(self, seed: int) -> None:
        self._seed = int(seed)

    # ---- what comes of it -------------------------------------------------------------------

    def _choose(self, rule: Constraint) -> None:
        self._object.chosen[rule.name] = rule

    def _made(self, given: _Object) -> LensSystem:
        if given.z is None:
            raise BadInput("it has no zlens(…)", given.name)
        asked = {_PRIORS[name] for name in self._priors}
        usual = {rule.name: rule for rule in standard_set()} | {self._hubble.name: self._hubble}
        chosen = {name: rule for name, rule in usual.items() if name in asked}
        chosen |= {name: rule for name, rule in given.chosen.items() if name in asked or name not in _PRIORS.values()}
        potentials: list[Potential] = [ExternalShear(given.shear)] if "shear" in asked else []
        potentials += given.masses if "mass" in asked else []
        return standard_lens(
            given.z,
            tuple(given.sources),
            pixrad=given.pixrad,
            maprad=given.maprad,
            split=given.split,
            symmetric=given.symmetric,
            constraints=tuple(chosen.values()),
            potentials=tuple(potentials),
            cosmology=_cosmology(*self._cosmology),
            name=given.name,
        )


_COMMANDS: dict[str, Callable[..., None]] = {
    name.removeprefix("_do_"): command for name, command in vars(_Reader).items() if name.startswith("_do_")
}


def _delay(given: Any) -> Delay | None:
    """Give a delay as GLASS has it: none, days, or the least and the most of them."""
    if given is None:
        return None
    if isinstance(given, tuple):
        least, most = given
        return Delay((float(least) + float(most)) / 2, abs(float(most) - float(least)) / 2)
    return Delay(float(given))


def _cosmology(matter: float, vacuum: float) -> Cosmology:
    return cosmology_named("LambdaCDM", Om0=matter, Ode0=vacuum)

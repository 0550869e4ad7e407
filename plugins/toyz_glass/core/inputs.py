"""A lens as a JSON object, read and written.

```
{"z_lens": 0.311, "z_source": 1.722,
 "images": [[0.381, 1.344, "min"], …],          arcsec from the lens centre, in the order of arrival
 "delays": [[13.3, 0.9], null, 11.7],           days against the image before: with an error, only its order, exact
 "sources": [{"z_source": …, "images": …, "delays": …}, …]   in place of the three, for several
 "settings": {"models": 200, "seed": 0, "pixrad": 8, "maprad": null, "split": 1, "symmetric": false,
              "shear": 0.1, "masses": [{"x": 3, "y": 1, "largest": 0.5}, …],
              "cosmology": "Planck18" or {"Om0": 0.28, …},
              "constraints": {"steepness": {"lo": 0.2}, "smoothness": false, "local gradient": {"angle": 60}}}}
```

A constraint that is not named is used as it usually is; one that is false is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from toyz_glass.core import constraints as rules
from toyz_glass.core.condition import Constraint
from toyz_glass.core.distances import Cosmology, cosmology_named, standard_cosmology
from toyz_glass.core.errors import BadInput
from toyz_glass.core.lens import Delay, Image, LensSystem, Source
from toyz_glass.core.potentials import ExternalShear, PointMass, Potential
from toyz_glass.core.standard import PIXRAD, standard_lens, standard_set

_RULES: dict[str, type[Any]] = {
    rule.name: rule
    for rule in (
        rules.AnnularDensity,
        rules.CentralMaximum,
        rules.HubbleConstant,
        rules.LensEquation,
        rules.LocalGradient,
        rules.MaximumKappa,
        rules.MinimumKappa,
        rules.Parity,
        rules.Smoothness,
        rules.SourceLink,
        rules.SourcePosition,
        rules.Steepness,
        rules.StellarMass,
        rules.TimeDelays,
    )
}


@dataclass(frozen=True)
class Settings:
    """How many models are drawn, and from which seed."""

    models: int = 200
    seed: int = 0


def read_lens(given: Any, name: str = "") -> tuple[LensSystem, Settings]:
    """Read a lens.

    Parameters
    ----------
    given : object
        As `json.loads` gives it.
    name : str

    Raises
    ------
    BadInput
        With the name of the field that is wrong.
    """
    lens = _Fields(given, "")
    settings = _Fields(lens.get("settings", {}), "settings.")
    sources = _sources(lens)
    chosen = settings.get("cosmology", None)
    made = standard_lens(
        lens.number("z_lens"),
        sources,
        pixrad=settings.whole("pixrad", PIXRAD),
        maprad=None if settings.get("maprad", None) is None else settings.number("maprad"),
        split=settings.whole("split", 1),
        symmetric=settings.flag("symmetric"),
        constraints=_constraints(settings.get("constraints", {})),
        potentials=_potentials(settings),
        cosmology=standard_cosmology() if chosen is None else _cosmology(chosen),
        name=name,
    )
    asked = Settings(settings.whole("models", 200), settings.whole("seed", 0))
    lens.finish()
    settings.finish()
    return made, asked


class _Fields:
    """The values of a JSON object, each asked for by its name."""

    def __init__(self, given: Any, place: str) -> None:
        if not isinstance(given, Mapping):
            raise BadInput("it is no object", place.rstrip("."))
        self._given = given
        self._place = place
        self._asked: set[str] = set()

    def get(self, name: str, default: Any = ...) -> Any:
        self._asked.add(name)
        if name not in self._given and default is ...:
            raise BadInput("it is missing", self._place + name)
        return self._given.get(name, default)

    def number(self, name: str, default: Any = ...) -> float:
        return _number(self.get(name, default), self._place + name)

    def whole(self, name: str, default: int) -> int:
        value = self.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadInput(f"{value!r} is no whole number", self._place + name)
        return value

    def flag(self, name: str) -> bool:
        value = self.get(name, False)
        if not isinstance(value, bool):
            raise BadInput(f"{value!r} is neither true nor false", self._place + name)
        return value

    def finish(self) -> None:
        """Refuse what nobody asked for: it is misspelt."""
        for name in self._given:
            if name not in self._asked:
                raise BadInput(
                    f"there is no such field; there are {', '.join(sorted(self._asked))}", self._place + name
                )


def _number(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(f"{value!r} is no number", place)
    return float(value)


def _list(value: Any, place: str) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise BadInput("it is no list", place)
    return value


def _sources(lens: _Fields) -> tuple[Source, ...]:
    several = lens.get("sources", None)
    if several is None:
        return (_source(lens, ""),)
    sources = []
    for number, each in enumerate(_list(several, "sources")):
        fields_of = _Fields(each, f"sources[{number}].")
        sources.append(_source(fields_of, f"sources[{number}]."))
        fields_of.finish()
    return tuple(sources)


def _source(given: _Fields, place: str) -> Source:
    images = tuple(
        _image(each, f"{place}images[{number}]")
        for number, each in enumerate(_list(given.get("images"), f"{place}images"))
    )
    delays = tuple(
        _delay(each, f"{place}delays[{number}]")
        for number, each in enumerate(_list(given.get("delays", None) or [], f"{place}delays"))
    )
    return Source(given.number("z_source"), images, delays)


def _image(given: Any, place: str) -> Image:
    if len(_list(given, place)) != 3 or not isinstance(given[2], str):
        raise BadInput('it is x, y and one of "min", "saddle" and "max"', place)
    return Image(_number(given[0], place), _number(given[1], place), given[2])  # type: ignore[arg-type]


def _delay(given: Any, place: str) -> Delay | None:
    if given is None:
        return None
    if isinstance(given, list | tuple):
        if len(given) != 2:
            raise BadInput("it is null, days, or [days, error]", place)
        return Delay(_number(given[0], place), _number(given[1], place))
    return Delay(_number(given, place))


def _potentials(settings: _Fields) -> tuple[Potential, ...]:
    found: list[Potential] = []
    largest = settings.get("shear", 0.1)
    if largest is not None:
        found.append(ExternalShear(_number(largest, "settings.shear")))
    for number, each in enumerate(_list(settings.get("masses", []), "settings.masses")):
        mass = _Fields(each, f"settings.masses[{number}].")
        found.append(PointMass(mass.number("x"), mass.number("y"), mass.number("largest"), f"mass {number + 1}"))
        mass.finish()
    return tuple(found)


def _constraints(given: Any) -> tuple[Constraint, ...]:
    """Give the usual rules with what is changed of them, and those that are added."""
    chosen: dict[str, Constraint] = {rule.name: rule for rule in standard_set()}
    if not isinstance(given, Mapping):
        raise BadInput("it is no object", "settings.constraints")
    for name, options in given.items():
        place = f"settings.constraints.{name}"
        if name not in _RULES:
            raise BadInput(f"there is no such constraint; there are {', '.join(sorted(_RULES))}", place)
        if options is False:
            chosen.pop(name, None)
            continue
        chosen[name] = _rule(_RULES[name], {} if options is True else options, place)
    return tuple(chosen.values())


def _rule(rule: type[Any], options: Any, place: str) -> Constraint:
    if not isinstance(options, Mapping):
        raise BadInput("it is true, false, or an object of its options", place)
    known = {field.name: field for field in fields(rule) if field.name != "name"}
    values: dict[str, Any] = {}
    for name, value in options.items():
        if name not in known:
            raise BadInput(
                f"there is no such option; there are {', '.join(sorted(known)) or 'none'}", f"{place}.{name}"
            )
        values[name] = np.asarray(value, float) if isinstance(value, list) else value
        if not isinstance(value, list | bool | int | float | None):
            raise BadInput(f"{value!r} is no number", f"{place}.{name}")
    try:
        made: Constraint = rule(**values)
    except TypeError as problem:
        raise BadInput(f"it needs {', '.join(sorted(set(known) - set(values)))}", place) from problem
    return made


def _cosmology(given: Any) -> Cosmology:
    if isinstance(given, str):
        return cosmology_named(given)
    options = _Fields(given, "settings.cosmology.")
    numbers = {name: options.number(name) for name in given}
    return cosmology_named("LambdaCDM" if "Ode0" in numbers else "FlatLambdaCDM", **numbers)


def write_lens(lens: LensSystem) -> dict[str, Any]:
    """Give everything that a lens was modelled with, as what `read_lens` reads where it can be said so.

    The cosmology is written as its name and parameters, for who reads; lists of numbers as they are.
    """
    sources = [
        {
            "z_source": source.z,
            "images": [[image.x, image.y, image.kind] for image in source.images],
            "delays": [None if each is None else [each.days, each.error] for each in source.known_delays],
        }
        for source in lens.sources
    ]
    grid = {"pixrad": lens.grid.pixrad, "maprad": lens.grid.maprad, "split": lens.grid.split}
    chosen = {rule.name: _options(rule) for rule in lens.constraints}
    left_out = {rule.name: False for rule in standard_set() if rule.name not in chosen}
    settings: dict[str, Any] = {**grid, "symmetric": lens.grid.symmetric, "constraints": {**chosen, **left_out}}
    shears = [each.largest for each in lens.potentials if isinstance(each, ExternalShear)]
    settings["shear"] = shears[0] if shears else None
    settings["masses"] = [
        {"x": each.x, "y": each.y, "largest": each.largest} for each in lens.potentials if isinstance(each, PointMass)
    ]
    return {"z_lens": lens.z, "sources": sources, "settings": settings}


def _options(rule: Any) -> dict[str, Any]:
    given = {name: value for name, value in asdict(rule).items() if name != "name"}
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in given.items()}

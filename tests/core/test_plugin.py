"""What a plugin declares is what a message is decoded into, and what a form is drawn from."""

import doctest
import functools
from collections.abc import Callable
from typing import Annotated, Any, Literal

import jsonschema  # type: ignore[import-untyped]
import msgspec
import numpy as np
import pytest
from msgspec import Meta

from toyz import Context, OpenFile, Picture, Plugin, TaskLimits
from toyz import plugin as module
from toyz.errors import InvalidParameter, ToyzError
from toyz.plugin import Task
from toyz.values import to_json


class Circle(msgspec.Struct, forbid_unknown_fields=True):
    """A region."""

    ra: Annotated[float, Meta(ge=0, lt=360)]
    radius: Annotated[float, Meta(gt=0)]


@pytest.fixture
def plugin() -> Plugin:
    return Plugin("sky", title="Sky", description="Looks up.")


@pytest.fixture
def task(plugin: Plugin) -> Task:
    @plugin.task(title="Search the sky", long=True)
    def search(
        context: Context,
        region: Circle,
        band: Literal["g", "r", "i"] = "r",
        limits: Annotated[list[int], Meta(max_length=3)] = [],  # noqa: B006 - copied by msgspec
        note: str | None = None,
    ) -> dict[str, Any]:
        """Find what is there.

        More about it.
        """
        return {"ra": region.ra, "band": band, "limits": limits, "note": note}

    return plugin.tasks["search"]


def test_a_task_is_described(task: Task) -> None:
    assert (task.name, task.title, task.long) == ("search", "Search the sky", True)
    assert task.description == "Find what is there.\n\nMore about it."
    assert task.result == dict[str, Any]


def test_parameters_reach_the_function(task: Task) -> None:
    decoded = task.decode(b'{"region": {"ra": 10, "radius": 0.5}, "band": "g"}')
    assert task.call(None, decoded) == {"ra": 10.0, "band": "g", "limits": [], "note": None}


def test_a_default_list_is_nobody_s(task: Task) -> None:
    one, other = (task.decode(b'{"region": {"ra": 10, "radius": 0.5}}') for _ in range(2))
    one.limits.append(3)  # type: ignore[attr-defined]
    assert other.limits == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("parameters", "field", "sentence"),
    [
        (b"{}", "parameters.region", "missing required field `region`"),
        (b"", "parameters.region", "missing required field `region`"),
        (b'{"region": {"ra": 10}}', "parameters.region.radius", "missing required field `radius`"),
        (b'{"region": {"ra": "10", "radius": 1}}', "parameters.region.ra", "Expected `float`, got `str`"),
        (b'{"region": {"ra": 360, "radius": 1}}', "parameters.region.ra", "< 360"),
        (b'{"region": {"ra": 1e999, "radius": 1}}', "parameters.region.ra", "out of range"),
        (b'{"region": {"ra": NaN, "radius": 1}}', "parameters", "malformed"),
        (b'{"region": {"ra": Infinity, "radius": 1}}', "parameters", "malformed"),
        (b'{"region": {"ra": null, "radius": 1}}', "parameters.region.ra", "got `null`"),
        (b'{"region": {"ra": 1, "radius": 1}, "band": "z"}', "parameters.band", "Invalid enum value"),
        (b'{"region": {"ra": 1, "radius": 1}, "limits": [1, 2, 3, 4]}', "parameters.limits", "length <= 3"),
        (b'{"region": {"ra": 1, "radius": 1}, "limits": [1, 2.5]}', "parameters.limits[1]", "Expected `int`"),
        (b'{"region": {"ra": 1, "radius": 1}, "color": 1}', "parameters.color", "unknown field `color`"),
        (b'{"region": {"ra": 1, "radius": 1, "__class__": 1}}', "parameters.region.__class__", "unknown field"),
        (b"[]", "parameters", "Expected `object`, got `array`"),
        (b"[" * 100_000, "parameters", ""),
        (b'{"region": ' * 100_000, "parameters", ""),
        (b"\xff", "parameters", ""),
        (b'{"note": "\xff"}', "parameters", ""),
        (b"9" * 100_000, "parameters", ""),
        (b'{"region": {"ra": 1, "radius": 1}} {}', "parameters", "trailing"),
    ],
)
def test_anything_else_is_refused_with_its_place(task: Task, parameters: bytes, field: str, sentence: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        task.decode(parameters)
    assert sentence in caught.value.message
    assert (caught.value.field or "").startswith(field)
    assert len(caught.value.message) <= 300
    assert len(caught.value.field or "") <= 200


@pytest.mark.parametrize(
    ("parameters", "valid"),
    [
        ({"region": {"ra": 1, "radius": 1}}, True),
        ({"region": {"ra": 1, "radius": 0}}, False),
        ({"region": {"ra": 1, "radius": 1}, "band": "z"}, False),
        ({"region": {"ra": 1, "radius": 1}, "band": "g", "note": None, "limits": [5]}, True),
        ({"region": {"ra": 1, "radius": 1}, "color": 1}, False),
        ({}, False),
    ],
)
def test_the_schema_says_what_the_decoder_does(task: Task, parameters: dict[str, Any], valid: bool) -> None:
    schema = task.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert jsonschema.Draft202012Validator(schema).is_valid(parameters) is valid
    encoded = msgspec.json.encode(parameters)
    if valid:
        task.decode(encoded)
    else:
        with pytest.raises(InvalidParameter):
            task.decode(encoded)


def test_the_context_s_name_is_free(plugin: Plugin) -> None:
    @plugin.task
    def any_name(whatever: Context, context: str = "a") -> str:
        return context

    assert plugin.tasks["any_name"].title == "Any name"
    assert plugin.tasks["any_name"].call(None, plugin.tasks["any_name"].decode(b"")) == "a"


def starred(context: Context, *values: int) -> None: ...
def double_starred(context: Context, **values: int) -> None: ...
def bare(context: Context, value) -> None: ...  # type: ignore[no-untyped-def]


@pytest.mark.parametrize("function", [starred, double_starred, bare])
def test_parameters_without_a_declaration(plugin: Plugin, function: Callable[..., None]) -> None:
    with pytest.raises(TypeError, match=function.__name__):
        plugin.task(function)
    assert plugin.tasks == {}


@pytest.mark.parametrize("name", ["", "Sky", "sky-map", "1sky", "__class__", "a" * 65, "sky map", "ský"])
def test_names(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        Plugin(name, title="Sky")
    if name:
        with pytest.raises(ValueError, match="name"):
            Plugin("sky", title="Sky").task(name=name)(lambda context: None)


def test_a_task_is_declared_once(plugin: Plugin) -> None:
    plugin.task(name="look")(lambda context: None)
    with pytest.raises(ValueError, match="twice"):
        plugin.task(name="look")(lambda context: None)


def test_the_static_folder_is_the_declaring_package_s(plugin: Plugin) -> None:
    assert plugin.static == __name__
    assert Plugin("sky", title="Sky", static="elsewhere").static == "elsewhere"
    assert plugin.panel("main", title="Main", module="main.js").icon == "puzzle"


def test_decorators_give_the_function_back(plugin: Plugin) -> None:
    def look(context: Context) -> int:
        return 1

    def read(file: OpenFile) -> Picture:
        return Picture(pixels=np.zeros((1, 1)))

    assert plugin.task(look) is look
    assert plugin.reader(name="Sky", extensions=[".sky"])(read) is read


class Star(msgspec.Struct):
    name: str
    flux: float


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Star("Vega", 3.5), b'{"name":"Vega","flux":3.5}'),
        ({"a": np.float32(1.5), "b": np.int16(-3), "c": np.bool_(True)}, b'{"a":1.5,"b":-3,"c":true}'),
        (np.arange(4).reshape(2, 2), b"[[0,1],[2,3]]"),
        ([float("nan"), float("inf"), np.float64("nan")], b"[null,null,null]"),
        (np.array([1.0, np.nan]), b"[1.0,null]"),
        ((1, None), b"[1,null]"),
    ],
)
def test_what_a_task_may_return(value: Any, text: bytes) -> None:
    assert to_json(value) == text


@pytest.mark.parametrize("value", [object(), functools.partial(int), {"a": [object()]}])
def test_what_a_task_may_not_return(value: Any) -> None:
    with pytest.raises((TypeError, NotImplementedError)):
        to_json(value)


def test_documentation_runs() -> None:
    assert doctest.testmod(module).failed == 0
    assert issubclass(InvalidParameter, ToyzError)


def test_a_long_task_declares_what_its_jobs_may_use() -> None:
    plugin = Plugin("glass", title="GLASS")

    @plugin.task(long=True, limits=TaskLimits(memory=8 << 30, time=3600))
    def run(context: Context) -> None: ...

    @plugin.task(long=True)
    def usual(context: Context) -> None: ...

    assert plugin.tasks["run"].limits == TaskLimits(memory=8 << 30, time=3600)
    assert plugin.tasks["usual"].limits == TaskLimits()
    with pytest.raises(ValueError, match="short one shares"):
        plugin.task(limits=TaskLimits(time=1))
    with pytest.raises(ValueError, match="memory is above zero"):
        TaskLimits(memory=0)

"""The published protocol is valid, complete, and says what the server does."""

import re
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest
from openapi_spec_validator import validate

from tests.web.harness import Served, get
from toyz.jobs import Phase
from toyz.protocol import BinaryHeader, Event, Hello, Update
from toyz_web.asyncapi import make_asyncapi
from toyz_web.openapi import make_openapi
from toyz_web.operations import declared_operation
from toyz_web.routes import ROUTES


def test_openapi_is_valid_and_served(server: Served) -> None:
    document = get(f"{server.url}api/openapi.json").json()
    validate(document)
    assert document == make_openapi(ROUTES, "/")
    for path in ("/api/files/{path}", "/api/images/{file}/tiles/{z}/{x}/{y}", "/api/jobs/{id}/progress", "/healthz"):
        assert "get" in document["paths"][path]
    tile = document["paths"]["/api/images/{file}/tiles/{z}/{x}/{y}"]["get"]
    assert "security" not in tile
    assert document["paths"]["/iiif/3/{identifier}/info.json"]["get"]["security"][0] == {}
    names = {parameter["name"] for parameter in tile["parameters"]}
    assert {"file", "z", "x", "y", "hdu", "plane", "cuts", "stretch", "colormap", "invert", "quality"} <= names


def test_every_method_of_every_documented_route_is_declared() -> None:
    for route in ROUTES:
        if route.documented:
            methods = [name for name in ("get", "post", "delete") if name in _own_methods(route.handler)]
            assert methods, route.template
            for name in methods:
                assert declared_operation(getattr(route.handler, name)) is not None, (route.template, name)


def _own_methods(handler: type) -> set[str]:
    return {name for base in handler.__mro__ if base.__module__.startswith("toyz_web") for name in vars(base)}


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("api/files", "/api/files"),
        ("api/files/sky", "/api/files/{path}"),
        ("api/images/sky/ramp.fits", "/api/images/{path}"),
        ("api/images/sky/ramp.fits/describe", "/api/images/{file}/describe"),
        ("api/images/sky/ramp.fits/pixel?x=1&y=1", "/api/images/{file}/pixel"),
        ("api/images/sky/ramp.fits/header", "/api/images/{file}/header"),
        ("api/images/sky/ramp.fits/search_header?text=naxis", "/api/images/{file}/search_header"),
        ("api/images/sky/ramp.fits/cuts", "/api/images/{file}/cuts"),
        ("api/images/sky/ramp.fits/histogram", "/api/images/{file}/histogram"),
        ("api/jobs", "/api/jobs"),
        ("api/plugins", "/api/plugins"),
        ("api/colormaps", "/api/colormaps"),
        ("healthz", "/healthz"),
        ("api/images/sky/nothing", "/api/images/{path}"),
        ("api/images/sky/ramp.fits/pixel?x=a&y=1", "/api/images/{file}/pixel"),
    ],
)
def test_answers_are_as_documented(server: Served, address: str, path: str) -> None:
    document = make_openapi(ROUTES, "/")
    answer = server.http.get(address)
    described = document["paths"][path]["get"]["responses"][str(answer.status_code)]
    schema: dict[str, Any] = described["content"]["application/json"]["schema"]
    jsonschema.validate(answer.json(), {**schema, "components": document["components"]})


def test_asyncapi_is_whole_and_served(server: Served) -> None:
    document = get(f"{server.url}api/asyncapi.json").json()
    assert document == make_asyncapi("/")
    assert document["asyncapi"] == "3.0.0"
    assert set(document["components"]["messages"]) == {
        *("Call", "TileRequest", "DataRequest", "Cancel", "Ping", "Hello", "Update", "Event", "Pong", "BinaryHeader"),
        "PresenceMessage",
    }
    references = re.findall(r"'\$ref': '(#[^']+)'", str(document))
    assert references
    for reference in references:
        node = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
    for operation in document["operations"].values():
        assert operation["action"] in ("send", "receive")


@pytest.mark.parametrize(
    "message",
    [
        Hello(1, "window", 3, True, 1, "me"),
        Update("c1", Phase.EXECUTING, 4, progress=0.5),
        Event("update", "jobs", {"id": "x"}, 5),
        BinaryHeader("t1", Phase.COMPLETED, "jpeg"),
    ],
)
def test_messages_are_as_documented(message: msgspec.Struct) -> None:
    document = make_asyncapi("/")
    schema = {"$ref": f"#/components/schemas/{type(message).__name__}", "components": document["components"]}
    plain = msgspec.json.decode(msgspec.json.encode(message))
    jsonschema.validate(plain, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"nothing": 1}, schema)


def test_calls_of_a_client_are_as_documented() -> None:
    document = make_asyncapi("/")
    call = {"id": "c1", "module": "images", "task": "open", "parameters": {"path": "a/b.fits"}}
    schema = {"$ref": "#/components/schemas/Call", "components": document["components"]}
    jsonschema.validate(call, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(call | {"more": 1}, schema)

"""The OpenAPI 3.1 document of the HTTP side, generated from the routes and their declared operations."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from toyz import __version__
from toyz.errors import ErrorInfo
from toyz_web.operations import NoQuery, Operation, declared_operation
from toyz_web.routes import Route

_METHODS = ("get", "post", "patch", "delete", "head", "options")
_SIGNED_IN: list[dict[str, list[str]]] = [{"token": []}, {"login": []}]
_REFERENCE = "#/components/schemas/{name}"
_ALWAYS = (400, 401, 403, 404, 429)
_PATH_SCHEMAS: dict[str, dict[str, Any]] = {
    "path": {"type": "string", "description": "share/relative/path; slashes are part of it, percent-encoded or not"},
    "file": {
        "type": "string",
        "pattern": "^[^/]+/[^/]",
        "description": "share/relative/path; slashes are part of it, percent-encoded or not",
    },
    "id": {"type": "string", "minLength": 1, "maxLength": 64},
    "z": {"type": "integer", "minimum": 0, "maximum": 999, "description": "0 is the coarsest level"},
    "x": {"type": "integer", "minimum": 0, "maximum": 999_999_999, "description": "column from the left"},
    "y": {"type": "integer", "minimum": 0, "maximum": 999_999_999, "description": "row from the top"},
    "identifier": {"type": "string", "description": "share~1path;option=value;…, as docs/iiif.md says"},
    "region": {"type": "string", "description": "full, square, x,y,w,h or pct:x,y,w,h"},
    "size": {"type": "string", "description": "max, w,h  w,  ,h  pct:n or !w,h, each perhaps after ^"},
    "rotation": {"type": "string", "description": "0, 90, 180 or 270, perhaps after !"},
    "quality": {"type": "string", "enum": ["default", "color", "gray", "bitonal"]},
    "format": {"type": "string", "enum": ["jpg", "png"]},
    "level": {"type": "integer", "minimum": 0, "maximum": 999, "description": "0 is one pixel"},
}


def make_openapi(routes: Iterable[Route], base_url: str) -> dict[str, Any]:
    """Generate the document.

    Parameters
    ----------
    routes : iterable of Route
        Those that are not documented are left out.
    base_url : str
        The prefix of the server.
    """
    documented = [route for route in routes if route.documented]
    schemas, components = msgspec.json.schema_components(list(_types(documented)), ref_template=_REFERENCE)
    found = {repr(kind): schema for kind, schema in zip(_types(documented), schemas, strict=True)}
    paths: dict[str, Any] = {}
    for route in documented:
        template = "/" + route.template
        paths[template] = {
            method: _describe(template, method, declared, found) | _security(route) for method, declared in _of(route)
        }
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Toyz",
            "version": __version__,
            "description": "Look at astronomical images and catalogs that stay on the server.",
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        "servers": [{"url": base_url.rstrip("/") or "/"}],
        "security": _SIGNED_IN,
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "login": {"type": "apiKey", "in": "cookie", "name": "toyz", "description": "The cookie of a sign-in."},
            },
        },
    }
    # What is published is JSON: tuples are lists there.
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return plain


def _security(route: Route) -> dict[str, Any]:
    """Say that a route answers also those who are not signed in, if it does."""
    return {"security": [{}, *_SIGNED_IN]} if route.handler.public else {}


def _of(route: Route) -> Iterable[tuple[str, Operation]]:
    for method in _METHODS:
        declared = declared_operation(getattr(route.handler, method))
        if declared is not None:
            yield method, declared


def _types(routes: Iterable[Route]) -> Iterable[Any]:
    """Give every declared type once, in a stable order."""
    types: dict[str, Any] = {repr(ErrorInfo): ErrorInfo}
    for route in routes:
        for _, declared in _of(route):
            for kind in (declared.query, declared.body, declared.reads, declared.response):
                if kind is not None:
                    types.setdefault(repr(kind), kind)
    return types.values()


def _describe(template: str, method: str, declared: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    names = re.findall(r"\{(\w+)\}", template)
    parameters = [{"name": name, "in": "path", "required": True, "schema": _PATH_SCHEMAS[name]} for name in names]
    if declared.query is not NoQuery:
        parameters += _query_parameters(declared.query)
    parameters += [
        {
            "name": each.name,
            "in": "header",
            "required": each.required,
            "description": each.description,
            "schema": {"type": "string"} | ({"pattern": each.pattern} if each.pattern else {}),
        }
        for each in declared.headers
    ]
    words = re.sub(r"[^a-z0-9]+", "_", f"{method} {template}".lower()).strip("_")
    described: dict[str, Any] = {
        "operationId": words,
        "summary": declared.summary,
        "parameters": parameters,
        "responses": _responses(declared, schemas),
    }
    body = declared.body or declared.reads
    if body is not None:
        content = {"application/json": {"schema": schemas[repr(body)]}}
        described["requestBody"] = {"required": True, "content": content}
    if declared.consumes:
        content = {declared.consumes: {"schema": {"type": "string", "format": "binary"}}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _query_parameters(query: type[msgspec.Struct]) -> list[dict[str, Any]]:
    """Describe the fields of a query; they hold no structs, so their schemas stand alone."""
    (reference,), components = msgspec.json.schema_components([query], ref_template=_REFERENCE)
    schema = components[reference["$ref"].rpartition("/")[2]]
    required = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": field}
        for name, field in schema["properties"].items()
    ]


def _responses(declared: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    error = {"application/json": {"schema": schemas[repr(ErrorInfo)]}}
    binary = {"type": "string", "format": "binary"}
    schema = schemas[repr(declared.response)] if declared.response is not None else binary
    responses: dict[str, Any] = {
        str(declared.status): {"description": "Done", "content": {kind: {"schema": schema} for kind in declared.media}}
    }
    for status in sorted({*_ALWAYS, *declared.errors}):
        described: dict[str, Any] = {"description": _WORDS.get(status, "Error")}
        if status >= 400:
            described["content"] = error
        responses[str(status)] = described
    return responses


_WORDS = {
    206: "A part of it",
    304: "The client has it",
    400: "A parameter is missing, unknown or mistyped",
    401: "Nobody is signed in",
    403: "Not allowed",
    404: "There is no such thing, or none that you may see",
    409: "Not in a state that allows this",
    412: "Another version of the protocol",
    413: "Too large, or more than the quota",
    415: "No reader opens the file",
    416: "The file has no such part",
    422: "The file is damaged",
    429: "Too many wrong tokens",
    460: "The checksum is another",
    501: "Allowed by the standard, and not done here",
    503: "Busy, or the session was lost",
    507: "The disk is full",
}

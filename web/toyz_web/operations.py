"""Declare an HTTP operation on a handler's method: the query and body that it takes, and what it gives.

The declaration decodes the request before the method runs, and is what the OpenAPI document is
made from; so the document cannot say anything else than the server does.
"""

import functools
import math
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from toyz.errors import BadRequest, InvalidParameter

Method = Callable[..., Awaitable[Any]]


class NoQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An operation without query parameters."""


class HeaderField(msgspec.Struct, frozen=True):
    """A header that an operation reads; what does not match the pattern is refused."""

    name: str
    description: str
    required: bool = False
    pattern: str = ""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one route.

    Attributes
    ----------
    summary : str
    query : type
        A Struct of the query's parameters; unknown ones are refused.
    body : type or None
        A Struct of the JSON body.
    reads : type or None
        A Struct of a JSON body that the method decodes itself.
    response : Any
        Type of the JSON answer, or None where `media` says what comes.
    status : int
    media : tuple of str
    headers : tuple of HeaderField
    consumes : str
        Media type of a body that is no JSON.
    errors : tuple of int
        Statuses besides 400, 401, 403 and 429.
    """

    summary: str
    query: type[msgspec.Struct] = NoQuery
    body: type[msgspec.Struct] | None = None
    reads: type[msgspec.Struct] | None = None
    response: Any = None
    status: int = 200
    media: tuple[str, ...] = ("application/json",)
    headers: tuple[HeaderField, ...] = ()
    consumes: str = ""
    errors: tuple[int, ...] = ()


def operation(declared: Operation) -> Callable[[Method], Callable[..., Awaitable[None]]]:
    """Declare a handler's coroutine: it is given the decoded query, then the decoded body if there is one.

    What it returns, unless None, is written as JSON.
    """

    def declare(method: Method) -> Callable[..., Awaitable[None]]:
        @functools.wraps(method)
        async def run(handler: Any, *args: str, **groups: str) -> None:
            given: list[Any] = []
            if declared.query is not NoQuery or handler.request.query_arguments:
                query = decode_query(handler.request.query_arguments, declared.query)
                given += [query] if declared.query is not NoQuery else []
            if declared.body is not None:
                check_content_type(handler.request.headers.get("Content-Type", ""))
                given.append(decode_body(handler.request.body, declared.body))
            result = await method(handler, *given, *args, **groups)
            if result is not None:
                handler.write_json(result, declared.status)

        run.__operation__ = declared  # type: ignore[attr-defined]
        return run

    return declare


def declared_operation(method: Any) -> Operation | None:
    """Give what was declared for a method, or None."""
    found: Operation | None = getattr(method, "__operation__", None)
    return found


# Looking a Struct's fields up takes longer than decoding them.
_fields_of = functools.cache(msgspec.structs.fields)


def decode_query(arguments: dict[str, list[bytes]], kind: type[msgspec.Struct]) -> msgspec.Struct:
    """Decode query parameters into a declared Struct.

    Raises
    ------
    InvalidParameter
        With the name, if one is unknown, missing, given twice, mistyped or not finite.
    """
    values: dict[str, str] = {}
    known = {field.encode_name for field in _fields_of(kind)}
    for name, given in arguments.items():
        if name == "_xsrf":
            continue
        if name not in known:
            raise InvalidParameter(f"there is no parameter {name[:64]!r}", field=name[:64])
        if len(given) != 1:
            raise InvalidParameter("it is given more than once", field=name)
        try:
            values[name] = given[0].decode()
        except UnicodeDecodeError:
            raise InvalidParameter("it is not UTF-8", field=name) from None
    try:
        decoded = msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise invalid_parameter(error) from None
    for field in _fields_of(kind):
        value = getattr(decoded, field.name)
        if isinstance(value, float) and not math.isfinite(value):
            raise InvalidParameter("it is not a finite number", field=field.encode_name)
    return decoded


def decode_body(body: bytes, kind: type[msgspec.Struct]) -> msgspec.Struct:
    """Decode a JSON body into a declared Struct.

    Raises
    ------
    InvalidParameter, BadRequest
    """
    try:
        # Fields that are not known are passed over without a look at what is in them.
        body.decode()
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise invalid_parameter(error) from None
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise BadRequest(f"the body is not JSON: {str(error)[:200]}") from None


def check_content_type(content_type: str) -> None:
    """Refuse a body that a form of another site could send.

    Raises
    ------
    BadRequest
    """
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise BadRequest("the body is JSON: send Content-Type: application/json")


def invalid_parameter(error: msgspec.ValidationError) -> InvalidParameter:
    """Turn msgspec's words into an error that names the field."""
    text, _, path = str(error)[:300].partition(" - at `$.")
    return InvalidParameter(text, field=path.rstrip("`") or None)

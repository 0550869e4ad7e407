"""Errors keep their kind, code, message and field on the way to a client."""

import re

import msgspec
import pytest

from toyz import errors
from toyz.errors import ErrorInfo, InvalidParameter, ToyzError, from_info

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ToyzError)]


@pytest.mark.parametrize("kind", KINDS)
def test_there_and_back(kind: type[ToyzError]) -> None:
    travelled = msgspec.json.decode(msgspec.json.encode(kind("a sentence", field="parameters.x").info), type=ErrorInfo)
    back = from_info(travelled)
    assert type(back) is kind
    assert (back.message, back.field, str(back)) == ("a sentence", "parameters.x", "a sentence")


def test_codes_are_different() -> None:
    assert len({kind.code for kind in KINDS}) == len(KINDS) >= 16


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = dict(re.findall(r"(\w+) +(\w+) +(?=\d{3})", errors.__doc__ or ""))
    assert drawn == {kind.__name__: kind.code for kind in KINDS}
    statuses = dict(re.findall(r"(\w+) +\w+ +(\d{3})", errors.__doc__ or ""))
    assert statuses == {kind.__name__: str(kind.status) for kind in KINDS}


def test_an_unknown_code_is_the_base() -> None:
    error = from_info(ErrorInfo("of_the_future", "Something new."))
    assert type(error) is ToyzError
    assert error.message == "Something new."


def test_no_field_is_not_sent() -> None:
    assert msgspec.json.encode(ToyzError("a").info) == b'{"code":"internal","message":"a"}'
    assert InvalidParameter("a").field is None

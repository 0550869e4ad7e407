"""Frames: what is understood, and what is refused."""

from typing import Any

import msgspec
import pytest

from toyz.errors import ErrorInfo, ProtocolError
from toyz.jobs import Phase
from toyz.protocol import (
    BinaryHeader,
    Call,
    Cancel,
    Ping,
    Style,
    TileRequest,
    Update,
    decode_binary,
    decode_client_message,
    encode_binary,
)

STYLE = {"low": 0, "high": 1}
TILE = {"image": "abc", "level": 3, "x": 5, "y": 7, "style": STYLE}


def decode(message: Any) -> Any:
    return decode_client_message(msgspec.json.encode(message))


def test_call() -> None:
    call = decode({"id": "c12", "module": "cutouts", "task": "create", "parameters": {"ra": 1}})
    assert isinstance(call, Call)
    assert (call.id, call.module, call.task, bytes(call.parameters)) == ("c12", "cutouts", "create", b'{"ra":1}')
    assert bytes(decode({"id": "c", "module": "m", "task": "t"}).parameters) == b"{}"


def test_cancel() -> None:
    assert decode({"id": "c12", "cancel": True}) == Cancel("c12", True)


def test_tile() -> None:
    request = decode({"id": "t88", "tile": TILE, "priority": 12})
    assert isinstance(request, TileRequest)
    assert (request.tile.level, request.tile.x, request.tile.y, request.priority) == (3, 5, 7, 12.0)
    assert request.tile.style == Style(0.0, 1.0)


def test_ping() -> None:
    assert decode({"ping": 3}) == Ping(3)


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"id": "a"},
        {"id": "a", "module": "m"},
        {"id": "a", "module": "m", "task": "t", "user": "root"},
        {"id": "a", "module": "m", "task": "t", "cancel": True},
        {"id": "", "module": "m", "task": "t"},
        {"id": "a" * 65, "module": "m", "task": "t"},
        {"id": 1, "module": "m", "task": "t"},
        {"id": "a", "module": ["m"], "task": "t"},
        {"id": "a", "cancel": False},
        {"id": "a", "cancel": 1},
        {"ping": "x"},
        {"id": "a", "tile": {**TILE, "level": -1}},
        {"id": "a", "tile": {**TILE, "level": 41}},
        {"id": "a", "tile": {**TILE, "x": 1.5}},
        {"id": "a", "tile": {**TILE, "x": 1 << 31}},
        {"id": "a", "tile": {**TILE, "z": 1}},
        {"id": "a", "tile": {**TILE, "style": {}}},
        {"id": "a", "tile": {**TILE, "style": {**STYLE, "stretch": "cubic"}}},
        {"id": "a", "tile": {**TILE, "style": {**STYLE, "bad": "red"}}},
        {"id": "a", "tile": {**TILE, "style": {**STYLE, "quality": 0}}},
        {"id": "a", "tile": {**TILE, "style": {**STYLE, "low": None}}},
        [],
        "text",
        None,
        1,
    ],
    ids=str,
)
def test_what_is_none_of_the_messages(message: Any) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode(message)
    assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"id": "a", "module": "\xff", "task": "t"}',
        b"[" * 60_000,
        b'{"id":"a","module":"m","task":"t","parameters":' + b"[" * 60_000,
        b'{"ping":' + b"9" * 60_000 + b"}",
        b'{"ping": NaN}',
        b'{"id":"a","tile":{"image":"a","level":0,"x":0,"y":0,"style":{"low":1e999,"high":1}}}',
        b'{"ping":1}{"ping":2}',
        '{"ping": "\ud800"}'.encode("utf-8", "surrogatepass"),
    ],
    ids=lambda frame: repr(frame[:30]),
)
def test_what_is_no_json(frame: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_client_message(frame)


def test_text_frames_may_be_str() -> None:
    assert decode_client_message('{"ping": 1}') == Ping(1)


@pytest.mark.parametrize("payload", [b"", b"\x00\xff" * 1000])
def test_binary_frames_there_and_back(payload: bytes) -> None:
    header = BinaryHeader("t88", Phase.COMPLETED, "jpeg", {"x": 1}, ErrorInfo("busy", "Later."))
    frame = encode_binary(header, payload)
    assert int.from_bytes(frame[:4], "big") == len(frame) - 4 - len(payload)
    assert decode_binary(frame) == (header, payload)


@pytest.mark.parametrize("frame", [b"", b"\x00\x00", b"\x00\x00\x00\x05ab", b"\x00\x00\x00\x02[]x", b"\xff" * 8])
def test_binary_frames_that_are_none(frame: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_binary(frame)


def test_what_is_not_said_is_not_sent() -> None:
    assert msgspec.json.encode(Update("a", Phase.QUEUED)) == b'{"id":"a","phase":"QUEUED"}'

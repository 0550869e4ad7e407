"""The client's end of the websocket protocol, frame by frame."""

import io
from typing import Any

import msgspec
import numpy as np
import pytest

from toyz.client_conversation import Conversation, Ended
from toyz.client_types import Payload
from toyz.errors import (
    Cancelled,
    ErrorInfo,
    InvalidParameter,
    ProtocolError,
    SessionLost,
    TooLarge,
    ToyzError,
    Unreachable,
)
from toyz.jobs import Phase
from toyz.protocol import BinaryHeader, Call, Cancel, Event, Hello, Update, decode_client_message, encode_binary


def text(message: Any) -> str:
    return msgspec.json.encode(message).decode()


def hello(seq: int = 0, *, resumed: bool = True, window: str = "w1") -> str:
    return text(Hello(1, window, seq, resumed, 1, "ada"))


@pytest.fixture
def talk() -> Conversation:
    conversation = Conversation()
    conversation.receive(hello())
    return conversation


def begin(talk: Conversation, module: str = "hello", **parameters: Any) -> str:
    name, frames = talk.call(module, "greet", parameters)
    assert len(frames) == 1
    return name


def test_a_call_is_what_the_server_understands(talk: Conversation) -> None:
    name, [frame] = talk.call("hello", "greet", {"name": "Ada", "flux": np.float32(1.5)})
    message = decode_client_message(frame)
    assert isinstance(message, Call)
    assert (message.id, message.module, message.task) == (name, "hello", "greet")
    assert msgspec.json.decode(message.parameters) == {"name": "Ada", "flux": 1.5}


def test_a_call_from_its_beginning_to_its_end(talk: Conversation) -> None:
    name, other = begin(talk), begin(talk)
    update = Update(name, Phase.EXECUTING, 1, 0.5, "halfway")
    assert talk.receive(text(update)).news == [update]
    assert talk.receive(text(Update(name, Phase.COMPLETED, 2, result={"a": 1}))).news == [Ended(name, {"a": 1})]
    assert talk.receive(text(Update(name, Phase.COMPLETED, 3, result={"a": 2}))).news == []
    assert talk.waiting == 1
    assert other != name


@pytest.mark.parametrize(
    ("update", "kind"),
    [
        (Update("", Phase.ERROR, 1, error=ErrorInfo("invalid_parameter", "no", "parameters.x")), InvalidParameter),
        (Update("", Phase.ABORTED, 1), Cancelled),
        (Update("", Phase.ERROR, 1), ToyzError),
    ],
)
def test_errors_become_exceptions(talk: Conversation, update: Update, kind: type[ToyzError]) -> None:
    update.id = begin(talk)
    [ended] = talk.receive(text(update)).news
    assert isinstance(ended, Ended)
    assert type(ended.error) is kind
    if update.error:
        assert ended.error is not None
        assert ended.error.info == update.error


def test_arrays(talk: Conversation) -> None:
    name, buffer = begin(talk, "images"), io.BytesIO()
    np.save(buffer, np.arange(6, dtype=np.float32).reshape(2, 3))
    [ended] = talk.receive(encode_binary(BinaryHeader(name, Phase.COMPLETED, "npy"), buffer.getvalue())).news
    assert isinstance(ended, Ended)
    assert ended.result.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_an_array_may_not_hold_code(talk: Conversation) -> None:
    name, buffer = begin(talk, "images"), io.BytesIO()
    np.save(buffer, np.array([print], dtype=object), allow_pickle=True)
    [ended] = talk.receive(encode_binary(BinaryHeader(name, Phase.COMPLETED, "npy"), buffer.getvalue())).news
    assert isinstance(ended, Ended)
    assert isinstance(ended.error, ProtocolError)


def test_other_payloads_and_errors_in_binary_frames(talk: Conversation) -> None:
    first, second = begin(talk), begin(talk)
    frame = encode_binary(BinaryHeader(first, Phase.COMPLETED, "png", {"width": 3}), b"bytes")
    assert talk.receive(frame).news == [Ended(first, Payload(b"bytes", "png", {"width": 3}))]
    failed = encode_binary(BinaryHeader(second, Phase.ERROR, error=ErrorInfo("busy", "Later.")), b"")
    [ended] = talk.receive(failed).news
    assert isinstance(ended, Ended)
    assert ended.error is not None
    assert ended.error.code == "busy"


def test_events(talk: Conversation) -> None:
    event = Event("row", "hello", {"x": 1}, 1)
    assert talk.receive(text(event)).news == [event]


def test_pongs_are_no_news(talk: Conversation) -> None:
    assert talk.receive('{"pong": 3}').news == []


@pytest.mark.parametrize(
    "frame", ["", "{", "[]", '{"phase": 3, "id": "a"}', '{"version": "x"}', b"", b"\x00\x00\x00\x09{}"]
)
def test_nonsense_is_refused(talk: Conversation, frame: str | bytes) -> None:
    with pytest.raises(ProtocolError):
        talk.receive(frame)


def test_cancelling(talk: Conversation) -> None:
    name = begin(talk)
    [frame] = talk.cancel(name)
    assert decode_client_message(frame) == Cancel(name, True)
    assert talk.cancel(name) == []
    assert talk.receive(text(Update(name, Phase.ABORTED, 1))).news == []


def test_too_long_a_message_is_not_begun(talk: Conversation) -> None:
    with pytest.raises(TooLarge):
        talk.call("hello", "greet", {"name": "a" * 65_536})
    with pytest.raises(NotImplementedError):
        talk.call("hello", "greet", {"name": object()})
    assert talk.waiting == 0


def test_before_the_greeting_calls_wait() -> None:
    talk = Conversation()
    assert talk.query == {}
    name, frames = talk.call("hello", "greet", {})
    assert frames == []
    received = talk.receive(hello(seq=5, resumed=False))
    assert [decode_client_message(frame).id for frame in received.frames] == [name]  # type: ignore[union-attr]
    assert talk.query == {"window": "w1", "seq": "5"}


def test_what_was_replayed_is_not_sent_again(talk: Conversation) -> None:
    """Two calls wait when the connection is lost; the answer to one is in the replay."""
    answered, open_call = begin(talk), begin(talk)
    talk.receive(text(Event("row", "hello", 1, 1)))
    talk.lost()
    assert talk.query == {"window": "w1", "seq": "1"}
    late, frames = talk.call("hello", "greet", {})
    assert frames == [], "there is no connection"
    assert talk.receive(hello(seq=3)).frames == [], "the replay comes first"
    received = talk.receive(text(Event("row", "hello", 1, 1)))
    assert received.news == [], "seen before"
    assert talk.receive(text(Event("row", "hello", 2, 2))).news == [Event("row", "hello", 2, 2)]
    received = talk.receive(text(Update(answered, Phase.COMPLETED, 3, result="done")))
    assert received.news == [Ended(answered, "done")]
    assert [decode_client_message(frame).id for frame in received.frames] == [open_call, late]  # type: ignore[union-attr]


def test_a_lost_window_ends_what_may_have_changed_something(talk: Conversation) -> None:
    changing, reading = begin(talk), begin(talk, "images")
    talk.receive(text(Event("row", "hello", 1, 7)))
    talk.lost()
    received = talk.receive(hello(seq=0, resumed=False, window="w2"))
    ended = [news for news in received.news if isinstance(news, Ended)]
    assert [news.id for news in ended] == [changing]
    assert isinstance(ended[0].error, SessionLost)
    assert [decode_client_message(frame).id for frame in received.frames] == [reading]  # type: ignore[union-attr]
    assert talk.query == {"window": "w2", "seq": "0"}


def test_giving_up(talk: Conversation) -> None:
    names = [begin(talk), begin(talk)]
    error = Unreachable("gone")
    assert talk.fail(error) == [Ended(name, error=error) for name in names]
    assert talk.waiting == 0
    assert talk.fail(error) == []

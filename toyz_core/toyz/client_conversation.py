"""The websocket side of the client, without a socket: which frames to send, and what those received mean.

A call waits across a lost connection. The window and the last sequence number seen are named
when the client comes back; once the replay is through, what is still unanswered is sent again
under its old id, which the server takes for the same call. Where the server has lost the
window, calls that may have changed something are ended with `SessionLost`, because nobody knows how far they came.
"""

import secrets
from dataclasses import dataclass, field
from typing import Any

import msgspec

from toyz.client_http import decode_npy
from toyz.client_types import Payload
from toyz.errors import Cancelled, ProtocolError, SessionLost, TooLarge, ToyzError, from_info
from toyz.jobs import Phase
from toyz.protocol import MAX_MESSAGE, BinaryHeader, Event, Hello, Update, decode_binary
from toyz.values import to_json

READING_MODULES = frozenset({"files", "images"})
"""Modules whose tasks change nothing, so that they may be asked again of another session."""


@dataclass(frozen=True)
class Ended:
    """A call is over: with a result, or with an error."""

    id: str
    result: Any = None
    error: ToyzError | None = None


@dataclass
class Received:
    """What a frame leads to: frames to send, and news in order."""

    frames: list[str] = field(default_factory=list)
    news: list[Update | Ended | Event | Hello] = field(default_factory=list)


@dataclass(frozen=True)
class _Waiting:
    frame: str
    repeatable: bool


class _Probe(msgspec.Struct):
    """Tells the kinds of text frames apart."""

    version: msgspec.Raw = msgspec.Raw()
    event: msgspec.Raw = msgspec.Raw()
    phase: msgspec.Raw = msgspec.Raw()


class Conversation:
    """The state of one window's conversation with the server.

    Attributes
    ----------
    window : str
        Empty until the server has given one.
    seq : int
        The last numbered message seen.
    """

    def __init__(self) -> None:
        self.window = ""
        self.seq = 0
        self._prefix = secrets.token_hex(4)
        self._counter = 0
        self._waiting: dict[str, _Waiting] = {}
        self._greeted = False
        self._resend_after: int | None = None

    @property
    def query(self) -> dict[str, str]:
        """The query of the socket's URL."""
        return {"window": self.window, "seq": str(self.seq)} if self.window else {}

    @property
    def waiting(self) -> int:
        """How many calls have no answer yet."""
        return len(self._waiting)

    @property
    def _ready(self) -> bool:
        return self._greeted and self._resend_after is None

    def call(self, module: str, task: str, parameters: dict[str, Any]) -> tuple[str, list[str]]:
        """Begin a call; give its id and what to send now.

        Raises
        ------
        TooLarge
            If the message is longer than the protocol allows.
        TypeError, NotImplementedError
            If the parameters have no JSON form.
        """
        self._counter += 1
        name = f"p{self._prefix}-{self._counter}"
        message = {"id": name, "module": module, "task": task, "parameters": msgspec.Raw(to_json(parameters))}
        frame = msgspec.json.encode(message)
        if len(frame) > MAX_MESSAGE:
            raise TooLarge(f"the parameters make {len(frame)} bytes; a message has at most {MAX_MESSAGE}")
        self._waiting[name] = _Waiting(frame.decode(), module in READING_MODULES)
        return name, [frame.decode()] if self._ready else []

    def cancel(self, name: str) -> list[str]:
        """Take a call back; it is forgotten at once. Give what to send."""
        if self._waiting.pop(name, None) is None or not self._ready:
            return []
        return [msgspec.json.encode({"id": name, "cancel": True}).decode()]

    def lost(self) -> None:
        """The connection is gone."""
        self._greeted = False
        self._resend_after = None

    def fail(self, error: ToyzError) -> list[Ended]:
        """Give up: end all that waits with `error`."""
        ended = [Ended(name, error=error) for name in self._waiting]
        self._waiting.clear()
        return ended

    def receive(self, frame: str | bytes) -> Received:
        """Take a frame: text as `str`, binary as `bytes`.

        Raises
        ------
        ProtocolError
            If it does not follow the protocol.
        """
        received = Received()
        if isinstance(frame, bytes):
            header, payload = decode_binary(frame)
            self._binary(header, payload, received)
            return received
        try:
            probe = msgspec.json.decode(frame, type=_Probe)
            if probe.version:
                self._hello(msgspec.json.decode(frame, type=Hello), received)
            elif probe.event:
                self._numbered(msgspec.json.decode(frame, type=Event), received)
            elif probe.phase:
                self._numbered(msgspec.json.decode(frame, type=Update), received)
        except msgspec.MsgspecError as error:
            raise ProtocolError(f"the server's message makes no sense: {str(error)[:200]}") from None
        return received

    def _hello(self, hello: Hello, received: Received) -> None:
        first = not self.window
        self.window = hello.window
        self._greeted = True
        received.news.append(hello)
        if hello.resumed and hello.seq > self.seq:
            self._resend_after = hello.seq
            return
        if not hello.resumed and not first:
            self._end_lost(received)
        self.seq = hello.seq
        self._resend(received)

    def _end_lost(self, received: Received) -> None:
        error = SessionLost("The session was lost before it answered.")
        for name in [name for name, waiting in self._waiting.items() if not waiting.repeatable]:
            del self._waiting[name]
            received.news.append(Ended(name, error=error))

    def _resend(self, received: Received) -> None:
        self._resend_after = None
        received.frames += [waiting.frame for waiting in self._waiting.values()]

    def _numbered(self, message: Update | Event, received: Received) -> None:
        if 0 < message.seq <= self.seq:
            return  # replayed, and seen before
        self.seq = max(self.seq, message.seq)
        if isinstance(message, Event):
            received.news.append(message)
        elif message.id in self._waiting:
            received.news.append(self._news_of(message))
        if self._resend_after is not None and self.seq >= self._resend_after:
            self._resend(received)

    def _news_of(self, update: Update) -> Update | Ended:
        if not update.phase.final:
            return update
        del self._waiting[update.id]
        return Ended(update.id, update.result, _error_of(update))

    def _binary(self, header: BinaryHeader, payload: bytes, received: Received) -> None:
        if self._waiting.pop(header.id, None) is None:
            return
        error = _error_of(header)
        if error is not None:
            received.news.append(Ended(header.id, error=error))
        elif header.format == "npy":
            received.news.append(_decoded(header, payload))
        else:
            received.news.append(Ended(header.id, Payload(payload, header.format, header.result)))


def _decoded(header: BinaryHeader, payload: bytes) -> Ended:
    try:
        return Ended(header.id, decode_npy(payload))
    except ValueError:
        return Ended(header.id, error=ProtocolError("the server's array cannot be read"))


def _error_of(message: Update | BinaryHeader) -> ToyzError | None:
    if message.phase is Phase.COMPLETED:
        return None
    if message.error is not None:
        return from_info(message.error)
    return Cancelled("The call was taken back.") if message.phase is Phase.ABORTED else ToyzError("It failed.")

"""What a window's client is told: numbered and kept until it has surely come, or only if somebody listens."""

from collections.abc import Callable
from typing import Any

import msgspec

from toyz.errors import Conflict, ErrorInfo
from toyz.jobs import Phase
from toyz.protocol import BinaryHeader, Event, Update, encode_binary
from toyz_sessions.messages import CallUpdate, TileDone
from toyz_web.answers import Answers
from toyz_web.meters import Meters
from toyz_web.numbered import Numbered
from toyz_web.outbox import Budget, Connection, Outbox
from toyz_web.replay import MAX_BYTES, Replay


class Speaker:
    """Speaks to a client that may be away for a moment.

    Parameters
    ----------
    kept : int
        How many messages are kept for a client that comes back.
    meters : Meters
    budget : Budget
        Of what waits to be sent.
    on_left : callable
        Called when something that had to wait has been sent.

    Attributes
    ----------
    answers : Answers
        What was answered to which call.
    """

    def __init__(self, kept: int, meters: Meters, budget: Budget, on_left: Callable[[], None]) -> None:
        self.answers = Answers(kept, MAX_BYTES)
        self._replay = Replay(kept)
        self._meters = meters
        self._budget = budget
        self._on_left = on_left
        self._outbox: Outbox | None = None

    @property
    def seq(self) -> int:
        """Number of the last message that was kept."""
        return self._replay.seq

    @property
    def backlog(self) -> int:
        """Bytes that wait to be sent."""
        return self._outbox.waiting if self._outbox is not None else 0

    def connect(self, connection: Connection) -> None:
        """Speak over this connection from now on."""
        self._outbox = Outbox(connection, self._budget, self._on_left)

    def disconnect(self) -> None:
        """Speak to nobody."""
        if self._outbox is not None:
            self._outbox.close()
            self._outbox = None

    def missed(self, seq: int | None) -> list[Numbered] | None:
        """Give what came after a message; None if that is not known any more, or there was none."""
        return self._replay.since(seq) if seq is not None else None

    def post(self, message: Update | Event) -> None:
        """Number a message, keep it, and send it if anybody listens."""
        if isinstance(message, Update) and message.error is not None:
            self._meters.error(message.error.code)
        numbered = self.post_body(msgspec.json.encode(message))
        if isinstance(message, Update):
            self.answers.record(message.id, numbered, final=message.phase.final)

    def post_body(self, body: bytes) -> Numbered:
        """Do the same with a message that is encoded already, perhaps for others too; it has no number yet."""
        numbered = self._replay.add(body)
        self.put(numbered)
        return numbered

    def send(self, message: Any) -> None:
        """Send what is not worth keeping."""
        if self._outbox is not None:
            self._outbox.put(msgspec.json.encode(message))

    def put(self, frame: bytes | Numbered) -> None:
        """Send a text frame."""
        if self._outbox is not None:
            self._outbox.put(frame)

    def put_newest(self, key: str, frame: bytes) -> None:
        """Send a text frame; one with the same key that has not left yet is dropped for it."""
        if self._outbox is not None:
            self._outbox.put_newest(key, frame)

    def send_tile(self, answer: TileDone, payload: bytes) -> None:
        """Send a tile, or why there is none."""
        phase = Phase.COMPLETED if answer.error is None else Phase.ERROR
        if answer.error is not None:
            self._meters.error(answer.error.code)
        header = BinaryHeader(answer.id, phase, format=answer.format, error=answer.error)
        if self._outbox is not None:
            self._outbox.put_tile(answer.id, encode_binary(header, payload))

    def take_back_tile(self, id: str) -> None:  # noqa: A002
        """Do not send a tile that nobody wants any more, if it has not begun to leave."""
        if self._outbox is not None:
            self._outbox.take_back(id)

    def send_binary(self, update: CallUpdate, payload: bytes) -> None:
        """Send an answer with binary data, which is not kept."""
        if self._outbox is None:
            error = ErrorInfo(Conflict.code, "The connection dropped before this answer came. Ask again.")
            self.post(Update(update.id, Phase.ERROR, error=error))
            return
        header = BinaryHeader(update.id, update.phase, update.format, update.result, update.error)
        self._outbox.put(encode_binary(header, payload), binary=True)
        self.answers.record(update.id, None, final=update.phase.final)

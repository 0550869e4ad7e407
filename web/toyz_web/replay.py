"""The last messages of a window, for a client that comes back."""

from collections import deque

from toyz_web.numbered import Numbered

MAX_BYTES = 2 << 20
"""Bytes kept for one window."""


class Replay:
    """A ring of numbered messages, bounded in number and in bytes.

    Parameters
    ----------
    length : int
        Messages kept.
    max_bytes : int
        Bytes kept.
    """

    def __init__(self, length: int, max_bytes: int = MAX_BYTES) -> None:
        self.seq = 0
        self._length = length
        self._max_bytes = max_bytes
        self._bytes = 0
        self._messages: deque[Numbered] | None = None  # an empty one takes 760 bytes, and most windows are idle

    def add(self, body: bytes) -> Numbered:
        """Give a message the next number, and keep it; the oldest go."""
        self.seq += 1
        message = Numbered(body, self.seq)
        if self._messages is None:
            self._messages = deque()
        self._messages.append(message)
        self._bytes += len(message)
        while self._messages and (len(self._messages) > self._length or self._bytes > self._max_bytes):
            self._bytes -= len(self._messages.popleft())
        return message

    def since(self, seq: int) -> list[Numbered] | None:
        """Give all messages after number `seq`, or None if some of them are gone (or it was never given)."""
        if not 0 <= seq <= self.seq:
            return None
        first = self._messages[0].seq if self._messages else self.seq + 1
        if seq + 1 < first:
            return None
        return [message for message in self._messages or () if message.seq > seq]

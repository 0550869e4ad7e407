"""The last messages of a window, for a client that comes back."""

from collections import deque

MAX_BYTES = 8 << 20
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
        self._messages: deque[tuple[int, bytes]] = deque()

    def next_seq(self) -> int:
        """Give the number of the message to be added now."""
        self.seq += 1
        return self.seq

    def add(self, message: bytes) -> None:
        """Keep the message that has the last number given; the oldest go."""
        self._messages.append((self.seq, message))
        self._bytes += len(message)
        while self._messages and (len(self._messages) > self._length or self._bytes > self._max_bytes):
            _, oldest = self._messages.popleft()
            self._bytes -= len(oldest)

    def since(self, seq: int) -> list[bytes] | None:
        """Give all messages after number `seq`, or None if some of them are gone (or it was never given)."""
        if not 0 <= seq <= self.seq:
            return None
        first = self._messages[0][0] if self._messages else self.seq + 1
        if seq + 1 < first:
            return None
        return [message for number, message in self._messages if number > seq]

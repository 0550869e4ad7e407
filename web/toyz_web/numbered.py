"""A message with its number in a window: many windows may hold one message, each under a number of its own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Numbered:
    """An encoded message without its number, and the number.

    Attributes
    ----------
    body : bytes
        A JSON object that is not empty; whoever is told the same holds the same bytes.
    seq : int
    """

    body: bytes
    seq: int

    def __len__(self) -> int:
        return len(self.body)

    def frame(self) -> bytes:
        """Put it together as it goes over the wire."""
        return b'%b,"seq":%d}' % (self.body[:-1], self.seq)

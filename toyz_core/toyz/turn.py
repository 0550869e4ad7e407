"""How long one client, or one process, may keep the event loop where much of theirs is there to be taken."""

import time

TURN = 0.001
"""Seconds."""


class Turn:
    """The turn of one of them: `over` says when others should have theirs."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Begin one."""
        self._ends = time.monotonic() + TURN

    def over(self) -> bool:
        """Whether it is over."""
        return time.monotonic() >= self._ends

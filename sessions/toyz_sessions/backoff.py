"""How long to wait before a process that keeps dying is started again."""

_STEADY = 20.0
"""Seconds of life after which a death is the first again."""
_FIRST, _LONGEST = 0.25, 30.0


class Backoff:
    """No wait after the first death; then 0.25 s, doubled with each early death up to 30 s."""

    def __init__(self) -> None:
        self._deaths = 0

    def after(self, lived: float) -> float:
        """Give the seconds to wait now that a process died which had lived for `lived` seconds."""
        if lived >= _STEADY:
            self._deaths = 0
        self._deaths += 1
        if self._deaths == 1:
            return 0.0
        return float(min(_LONGEST, _FIRST * 2.0 ** (self._deaths - 2)))

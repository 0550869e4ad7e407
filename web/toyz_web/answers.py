"""What every call of a window was answered, so that the same id twice is one call."""

from collections import OrderedDict

import msgspec

from toyz_web.numbered import Numbered


class CallState(msgspec.Struct):
    """How a call stands.

    Attributes
    ----------
    module : str
    last : Numbered or None
        The last update sent; None if none was, or if it was binary.
    final : bool
    repeatable : bool
        Whether it changes nothing, so that it may be made again where its answer is gone.
    """

    module: str
    last: Numbered | None = None
    final: bool = False
    repeatable: bool = False


class Answers:
    """The calls of one window by id: those that run, and the latest that ended.

    Parameters
    ----------
    length : int
        How many ended calls are remembered.
    max_bytes : int
        Bytes of their answers.
    """

    def __init__(self, length: int, max_bytes: int) -> None:
        self._length = length
        self._max_bytes = max_bytes
        self._bytes = 0
        self._running: dict[str, CallState] = {}
        self._ended: OrderedDict[str, CallState] = OrderedDict()

    @property
    def running(self) -> int:
        """How many calls have no final answer yet."""
        return len(self._running)

    def find(self, id: str) -> CallState | None:  # noqa: A002
        """Give the state of a call, or None if the id is new (or forgotten)."""
        return self._running.get(id) or self._ended.get(id)

    def begin(self, id: str, module: str, *, repeatable: bool) -> None:  # noqa: A002
        """A call begins."""
        self._forget(id)
        self._running[id] = CallState(module, repeatable=repeatable)

    def record(self, id: str, update: Numbered | None, *, final: bool) -> None:  # noqa: A002
        """Keep the last update of a call; None stands for a binary one, which is not kept."""
        state = self._running.get(id)
        if state is None:
            return
        state.last, state.final = update, final
        if not final:
            return
        self._ended[id] = self._running.pop(id)
        self._bytes += len(update or ())
        while len(self._ended) > self._length or self._bytes > self._max_bytes:
            self._forget(next(iter(self._ended)))

    def _forget(self, id: str) -> None:  # noqa: A002
        state = self._ended.pop(id, None)
        if state is not None:
            self._bytes -= len(state.last or ())

"""A session: the process of one window."""

from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from typing import Protocol

from toyz.config import Limits
from toyz_extensions.registry import load_registry
from toyz_sessions.entry import enter
from toyz_sessions.files import Shares
from toyz_sessions.messages import Alive, FromSession, Poke, Shutdown, ToSession
from toyz_sessions.order import Order
from toyz_sessions.sandbox import session_rules
from toyz_sessions.session_channel import SessionChannel

_PERIOD = 60.0
"""Seconds after which an idle session looks round; everything that matters wakes it."""

Send = Callable[[FromSession, bytes], None]


class Workshop(Protocol):
    """What does the work of a session."""

    @property
    def waiting(self) -> int:
        """Calls and tiles that are not answered yet."""

    def handle(self, message: ToSession, payload: bytes) -> None:
        """Take a call, a tile, a cancellation or news of a build; never blocks."""

    def settle(self) -> None:
        """No more messages are there for now."""

    def rest(self) -> str:
        """Some seconds have passed: give back what has not been used for long; say what hangs, if something does."""

    def close(self) -> None:
        """End all work."""


MakeWorkshop = Callable[[Send, Shares, str, Path, Limits], Workshop]


def run_session(order: Order, workshop: str) -> None:
    """Be a session until the server ends it or is gone.

    Parameters
    ----------
    order : Order
    workshop : str
        ``module:attribute`` of what makes the workshop.
    """
    make: MakeWorkshop = resolve_name(workshop)
    entered = enter(order, lambda: session_rules(order.grants, order.folder), alone=not load_registry().forks)
    made = make(entered.channel.send, entered.shares, order.user, order.folder, order.limits)
    try:
        entered.ready()
        _serve(entered.channel, made)
    finally:
        made.close()
        entered.channel.close()
        entered.shares.close()


def _serve(channel: SessionChannel, workshop: Workshop) -> None:
    def handle(message: ToSession, payload: bytes) -> None:
        if isinstance(message, Poke):
            channel.send(Alive(message.number, workshop.waiting, workshop.rest()))
        elif isinstance(message, Shutdown):
            channel.stop()
        else:
            workshop.handle(message, payload)

    channel.run(handle, workshop.settle, period=_PERIOD)

"""The server's side of one window's session."""

from typing import Protocol

from toyz_sessions.messages import FromSession, ToSession


class SessionListener(Protocol):
    """Who a session reports to. All three are called on the event loop and must not block."""

    def on_message(self, message: FromSession, payload: bytes) -> None:
        """Take a message: every kind but `Ready`, `Alive` and `Build`."""

    def on_ready(self, number: int) -> None:
        """Process `number` of this window (from 1) is up; 1 comes just after `SessionManager.open` returned."""

    def on_lost(self, reason: str) -> None:
        """The process died; the next one is being started."""


class SessionHandle:
    """A window's session: whichever process serves it now."""

    window: str
    user: str
    number: int
    pid: int

    def send(self, message: ToSession, payload: bytes = b"") -> None:
        """Send a message.

        Raises
        ------
        Busy
            If the session's queue is full.
        SessionLost
            If no process serves the window just now.
        """
        raise NotImplementedError

    async def end(self) -> None:
        """End the session for good."""
        raise NotImplementedError

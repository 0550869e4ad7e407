"""Who hears what a session says."""

from typing import Protocol

from toyz_sessions.messages import CallUpdate, Changed, Emitted, LogLine, TileDone


class Sink(Protocol):
    """What is told of a session by its `toyz_web.link.Link`: a window, or a desk."""

    @property
    def backlog(self) -> int:
        """Bytes of what was told that have not left yet; `toyz_web.link.Link.on_left` is called as they leave."""

    def on_update(self, update: CallUpdate, payload: bytes) -> None:
        """A call stands otherwise."""

    def on_tile(self, answer: TileDone, payload: bytes) -> None:
        """A tile is there, or cannot be."""

    def on_event(self, event: Emitted, payload: bytes) -> None:
        """The session emitted an event."""

    def on_opened(self, parameters: bytes) -> None:
        """The session has opened an image, for the first time; as it was asked for."""

    def on_changed(self, change: Changed) -> None:
        """The session has changed files."""

    def on_log(self, line: LogLine) -> None:
        """The session logged a line for the user."""

    def on_session_lost(self, reason: str) -> None:
        """The process died."""

    def on_session_restored(self, number: int) -> None:
        """Another process took over, with the same images open."""

    def on_wanted(self) -> None:
        """Something is asked for while the session rests: start another one."""

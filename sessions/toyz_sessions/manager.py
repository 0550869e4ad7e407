"""All sessions of a server."""

from collections.abc import Sequence

from toyz.config import Config

from toyz_sessions.builders import Builders
from toyz_sessions.forkserver import ForkServer
from toyz_sessions.handle import SessionHandle, SessionListener
from toyz_sessions.messages import Grant


class SessionManager:
    """Starts sessions, watches them, and starts again those that die.

    Attributes
    ----------
    forkserver : ForkServer
        Also for `JobManager`.
    builders : Builders
    """

    forkserver: ForkServer
    builders: Builders

    def __init__(self, config: Config, *, workshop: str = "toyz_sessions.workshop:Workshop") -> None:
        raise NotImplementedError

    async def start(self) -> None:
        """Start the fork server."""
        raise NotImplementedError

    async def close(self) -> None:
        """End every process, within two seconds."""
        raise NotImplementedError

    async def open(self, window: str, user: str, grants: Sequence[Grant], listener: SessionListener) -> SessionHandle:
        """Start the session of a window; returns when its process is ready.

        Raises
        ------
        Busy
            If there are too many sessions.
        SessionLost
            If the process does not come up.
        """
        raise NotImplementedError

"""The builds that one window's session has asked for."""

import contextlib
from collections.abc import Callable, Mapping

from toyz.errors import Busy, NotFound, SessionLost
from toyz.jobs import Phase
from toyz_sessions.builders import Builders, Notify
from toyz_sessions.messages import Build, BuildUpdate, Grant, Unwanted


class BuildRequests:
    """Asks for builds, passes their news on, and takes back what is not wanted any more.

    A process that dies takes nothing back: the next one of the window most likely wants the same.

    Parameters
    ----------
    builders : Builders
    grants : mapping of str to Grant
        The shares of the window, by name.
    user : str
    send : callable
        Sends an update to the process of the window.
    """

    def __init__(
        self, builders: Builders, grants: Mapping[str, Grant], user: str, send: Callable[[BuildUpdate], None]
    ) -> None:
        self._builders, self._grants, self._user, self._send = builders, grants, user, send
        self._wanted: dict[tuple[str, str], Notify] = {}
        self._process = 0

    def serve(self, process: int) -> None:
        """Send news to process `process` of the window from now on, of what that one asks for."""
        self._process = process

    def request(self, build: Build) -> None:
        """Have a build run; its news go to the process that asked for it, not to a later one."""
        process = self._process

        def notify(update: BuildUpdate) -> None:
            if update.phase.final and self._wanted.get(wanted) is notify:
                del self._wanted[wanted]
            if process == self._process:
                with contextlib.suppress(Busy, SessionLost):
                    self._send(update)

        wanted = (build.share, build.key)
        grant = self._grants.get(build.share)
        if grant is None:
            notify(BuildUpdate(build.key, Phase.ERROR, error=NotFound(f"there is no {build.share[:64]}").info))
            return
        earlier = self._wanted.get(wanted)
        self._wanted[wanted] = notify
        self._builders.request(build, grant, notify, self._user)
        if earlier is not None:
            self._builders.release(build.key, grant, earlier)

    def release(self, unwanted: Unwanted) -> None:
        """Take a request back; nothing happens if there is none."""
        notify = self._wanted.pop((unwanted.share, unwanted.key), None)
        if notify is not None:
            self._builders.release(unwanted.key, self._grants[unwanted.share], notify)

    def close(self) -> None:
        """Take everything back."""
        for share, key in tuple(self._wanted):
            self.release(Unwanted(key, share))

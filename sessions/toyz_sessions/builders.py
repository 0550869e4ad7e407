"""Builders: processes that write pyramids and unpacked files into the cache."""

from collections.abc import Callable

from toyz.config import Config

from toyz_sessions.forkserver import ForkServer
from toyz_sessions.messages import Build, BuildUpdate, Grant


class Builders:
    """Runs builds, each key once, a few at a time."""

    def __init__(self, forkserver: ForkServer, config: Config) -> None:
        raise NotImplementedError

    def request(self, build: Build, grant: Grant, notify: Callable[[BuildUpdate], None]) -> None:
        """Run `build` unless it runs or is done; `notify` hears how it stands, to the end."""
        raise NotImplementedError

    async def close(self) -> None:
        """End all builds."""
        raise NotImplementedError

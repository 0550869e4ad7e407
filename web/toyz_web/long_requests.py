"""Requests that go on for long: downloads, and uploads. They end with the login or the token that let them in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from toyz_sessions.jobs import IsActive
from toyz_web.auth import Identity


class LongRequest(Protocol):
    """A request that goes on."""

    async def identify_again(self) -> Identity | None:
        """Find out whether who asks could still do so; None if not."""

    def hang_up(self) -> None:
        """Close its connection."""


class LongRequests:
    """Those of a server."""

    def __init__(self) -> None:
        self._going: set[LongRequest] = set()

    def begin(self, request: LongRequest) -> None:
        """Look from now on whether a request may go on."""
        self._going.add(request)

    def end(self, request: LongRequest) -> None:
        """Look no more; a second call does nothing."""
        self._going.discard(request)

    @contextmanager
    def watched(self, request: LongRequest) -> Iterator[None]:
        """Look for so long."""
        self.begin(request)
        try:
            yield
        finally:
            self.end(request)

    async def recheck(self, is_active: IsActive) -> None:
        """Hang up on those whose login has ended; the sessions of users who are gone end by themselves."""
        del is_active
        for request in tuple(self._going):
            if await request.identify_again() is None and request in self._going:
                request.hang_up()

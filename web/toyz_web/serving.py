"""A server's life in a terminal or under a supervisor: until a signal ends it."""

import asyncio
import contextlib
import os
import signal
import sys
import webbrowser
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from toyz.config import Config
from toyz_web.server import Server, running
from toyz_web.surroundings import ALONE, Surroundings

log = structlog.get_logger("toyz.server")
SLOW = 6.0
"""Seconds after which somebody who waits for the start is told that it goes on."""
SHUTDOWN = 1.5
"""Seconds for everything to end."""


class Stop:
    """What ends a server: SIGINT at once, SIGTERM after a drain, which a second signal cuts short."""

    def __init__(self) -> None:
        self._wanted, self._at_once = asyncio.Event(), asyncio.Event()
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            self._loop.add_signal_handler(number, self._hear, number)

    def _hear(self, number: signal.Signals) -> None:
        if number is signal.SIGINT or self._wanted.is_set():
            self._at_once.set()
        self._wanted.set()

    async def wanted(self) -> None:
        """Wait for the first signal."""
        await self._wanted.wait()

    async def unless_at_once(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that a signal cuts short."""
        task, hurry = asyncio.create_task(work), asyncio.create_task(self._at_once.wait())
        await asyncio.wait({task, hurry}, return_when=asyncio.FIRST_COMPLETED)
        for each in (task, hurry):
            each.cancel()
        await asyncio.wait({task, hurry})

    def no_more(self) -> None:
        """From now on a signal kills: whoever asks again does not want to wait."""
        for number in (signal.SIGINT, signal.SIGTERM):
            self._loop.add_signal_handler(number, os._exit, 128 + number)


async def serve(
    config: Config,
    announce: Callable[[Server, str], None],
    surroundings: Surroundings = ALONE,
    starting: Callable[[], None] | None = None,
) -> None:
    """Run a server until SIGINT or SIGTERM.

    Parameters
    ----------
    config : Config
    announce : callable
        Is given the server and a link that signs in once, when it listens; no link where none is to be shown.
    surroundings : Surroundings, optional
    starting : callable, optional
        Is called if it does not listen after a while.
    """
    stop = Stop()
    stack = contextlib.AsyncExitStack()
    slow = asyncio.get_running_loop().call_later(SLOW, starting) if starting is not None else None
    server = await _unless(stop, stack.enter_async_context(running(config, surroundings)))
    if slow is not None:
        slow.cancel()
    if server is not None:
        if server.certificate is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, server.certificate.renew)
        announce(server, await server.login_link() if surroundings.has_link else "")
        browsing = asyncio.create_task(_open_browser(config, await server.login_link()))
        await stop.wanted()
        browsing.cancel()
        await stop.unless_at_once(server.drain())
    stop.no_more()
    try:
        async with asyncio.timeout(SHUTDOWN):
            await stack.aclose()
    except TimeoutError:
        log.warning("not everything ended in time")


async def _unless(stop: Stop, starting: Coroutine[Any, Any, Server]) -> Server | None:
    """Wait for the start, unless it is called off."""
    start, stopping = asyncio.create_task(starting), asyncio.create_task(stop.wanted())
    await asyncio.wait((start, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if start.done():
        return start.result()
    start.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await start
    return None


async def _open_browser(config: Config, link: str) -> None:
    """Open a browser where there is a screen for one."""
    has_screen = sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    if config.browser and has_screen:
        await asyncio.to_thread(webbrowser.open, link)

"""A running server: everything started in order, and ended within two seconds."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
import webbrowser
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import structlog

from toyz.config import Config
from toyz_extensions.probe import environment, probe_plugins
from toyz_sessions.jobs import JobManager
from toyz_sessions.manager import SessionManager
from toyz_web.access import Access
from toyz_web.app import make_app
from toyz_web.auth import Authenticator
from toyz_web.cookies import CookiePolicy
from toyz_web.directory import Directory
from toyz_web.hub import Hub
from toyz_web.instance import Instance, database_path, keep_address, load_instance, prepare_folders
from toyz_web.jobfeed import JobFeed
from toyz_web.known_tiles import KnownTiles
from toyz_web.listening import address_of, listen, port_of
from toyz_web.modules import MODULES
from toyz_web.oversize import MAX_BODY
from toyz_web.services import BUNDLE, Services
from toyz_web.shared import Shared
from toyz_web.shares import Shares
from toyz_web.signing import Signer
from toyz_web.store.accounts import AccountStore
from toyz_web.store.audit import Audit
from toyz_web.store.database import Database
from toyz_web.store.jobs import JobRecords, ServerLock
from toyz_web.store.logins import LoginStore
from toyz_web.store.settings import SettingStore
from toyz_web.store.tokens import TokenStore
from toyz_web.tile_stream import NEVER, TileServer
from toyz_web.tilecache import TileCache

log = structlog.get_logger("toyz.server")
BODY_TIMEOUT = 60.0
SHUTDOWN = 1.5
"""Seconds for everything to end."""


class Server:
    """A server that listens.

    Attributes
    ----------
    services : Services
    instance : Instance
    port : int
    address : str
        URL of the page.
    """

    def __init__(self, services: Services, instance: Instance, sockets: list[socket.socket]) -> None:
        self.services = services
        self.instance = instance
        self.port = port_of(sockets)
        config = services.shared.config
        self.address = address_of(config.host, self.port, config.base_url)
        self.http = TileServer(
            make_app(services),
            KnownTiles(services),
            # Headers like X-Forwarded-For are whatever a client says, so they are not believed.
            xheaders=False,
            idle_connection_timeout=NEVER,
            body_timeout=BODY_TIMEOUT,
            max_body_size=MAX_BODY,
            max_buffer_size=2 * MAX_BODY,
        )
        self.http.add_sockets(sockets)

    async def login_link(self) -> str:
        """Give a link that signs in once."""
        return f"{self.address}login?token={await self.services.auth.issue_ticket()}"

    async def close(self) -> None:
        """Take no more connections and drop those there are."""
        self.http.stop()
        await self.services.hub.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await self.http.close_all_connections()


@contextlib.asynccontextmanager
async def running(config: Config, *, bundle: Path = BUNDLE) -> AsyncIterator[Server]:
    """Start a server, and end it with everything that it started.

    Parameters
    ----------
    config : Config
    bundle : Path, optional
        Folder of the page.

    Raises
    ------
    BadRequest
        If it cannot listen.
    """
    prepare_folders(config)
    sockets = listen(config.host, config.port)
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(_close_sockets, sockets)
        instance = load_instance(config)
        database = Database(database_path(config))
        stack.callback(database.close)
        lock = ServerLock(Path(config.state) / "servers")
        stack.callback(lock.close)
        accounts, tokens = AccountStore(database), TokenStore(database)
        audit = Audit(database)
        audit.start()
        stack.push_async_callback(audit.close)
        auth = Authenticator(instance, accounts, LoginStore(database), tokens, audit)
        await accounts.ensure_admin(auth.user)
        shares = Shares(config)
        access = Access(database, auth, accounts, shares)
        await access.start()
        stack.push_async_callback(access.close)
        stores = {"accounts": accounts, "tokens": tokens, "access": access, "audit": audit, "shares": shares}
        shared = await _start_parts(config, database, lock, stack, **stores)
        services = Services(
            shared=shared,
            hub=Hub(shared),
            auth=auth,
            cookies=CookiePolicy(instance.name, config.base_url, https=config.https),
            signer=Signer(instance.secret),
            bundle=bundle,
        )
        server = Server(services, instance, sockets)
        keep_address(config, server.address)
        # What is there by now stays: to look through it for rubbish would hold up tiles again and again.
        gc.collect()
        gc.freeze()
        stack.push_async_callback(server.close)
        yield server


async def _start_parts(
    config: Config, database: Database, lock: ServerLock, stack: contextlib.AsyncExitStack, **stores: Any
) -> Shared:
    """Start what answers requests: plugins first, for the fork server must pass by those that crash."""
    manifest = await probe_plugins()
    for failure in manifest.failures:
        log.error("a plugin failed", plugin=failure.name, error=failure.error, exception=failure.detail)
    os.environ.update(environment(manifest))
    sessions = SessionManager(config)
    stack.push_async_callback(sessions.close)
    await sessions.start()
    feed = JobFeed()
    jobs = JobManager(sessions.forkserver, config, JobRecords(database, lock), feed.publish, feed.pass_on)
    await jobs.start()
    stack.push_async_callback(jobs.close)
    return Shared(
        config=config,
        directory=Directory(manifest, MODULES),
        sessions=sessions,
        jobs=jobs,
        feed=feed,
        settings=SettingStore(database),
        tiles=TileCache(config.limits.tile_cache),
        **stores,
    )


def _close_sockets(sockets: list[socket.socket]) -> None:
    for each in sockets:
        each.close()


async def serve(config: Config, announce: Callable[[Server, str], None]) -> None:
    """Run a server until SIGINT or SIGTERM.

    Parameters
    ----------
    config : Config
    announce : callable
        Is given the server and a link that signs in once, when it listens.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    stack = contextlib.AsyncExitStack()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    server = await _unless(stopped, stack.enter_async_context(running(config)))
    if server is not None:
        announce(server, await server.login_link())
        browsing = asyncio.create_task(_open_browser(config, await server.login_link()))
        await stopped.wait()
        browsing.cancel()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Whoever asks a second time does not want to wait.
        loop.add_signal_handler(number, os._exit, 128 + number)
    try:
        async with asyncio.timeout(SHUTDOWN):
            await stack.aclose()
    except TimeoutError:
        log.warning("not everything ended in time")


async def _unless(stopped: asyncio.Event, starting: "asyncio.Future[Server] | object") -> Server | None:
    """Wait for the start, unless it is called off."""
    assert asyncio.iscoroutine(starting)
    start: asyncio.Task[Server] = asyncio.create_task(starting)
    stop = asyncio.create_task(stopped.wait())
    await asyncio.wait((start, stop), return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
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

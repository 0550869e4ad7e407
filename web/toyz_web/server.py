"""A running server: everything started in order, and ended within two seconds."""

import asyncio
import contextlib
import gc
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from toyz.config import Config
from toyz_extensions.probe import environment, probe_plugins
from toyz_sessions.jobs import JobManager
from toyz_sessions.manager import SessionManager
from toyz_web.access import Access
from toyz_web.app import make_app
from toyz_web.auth import Authenticator, owner_in
from toyz_web.cookies import CookiePolicy
from toyz_web.directory import Directory
from toyz_web.entrance import Entrance
from toyz_web.hub import Hub
from toyz_web.hub_activity import report_activity
from toyz_web.instance import Instance, database_path, keep_whereabouts, load_instance, prepare_folders
from toyz_web.jobfeed import JobFeed
from toyz_web.known_tiles import KnownTiles
from toyz_web.listening import addresses_of, listen_in, port_of
from toyz_web.long_requests import LongRequests
from toyz_web.meters import Meters
from toyz_web.metrics import Metrics
from toyz_web.modules import MODULES
from toyz_web.outbox import Budget
from toyz_web.oversize import MAX_BODY
from toyz_web.processes import Memories
from toyz_web.rooms import Rooms
from toyz_web.services import BUNDLE, Services
from toyz_web.shared import Shared
from toyz_web.shares import Shares
from toyz_web.signing import Signer
from toyz_web.status_board import StatusBoard
from toyz_web.store.accounts import AccountStore
from toyz_web.store.audit import Audit
from toyz_web.store.database import Database
from toyz_web.store.identities import IdentityStore
from toyz_web.store.jobs import JobRecords, ServerLock
from toyz_web.store.logins import LoginStore
from toyz_web.store.quotas import QuotaStore
from toyz_web.store.settings import SettingStore
from toyz_web.store.tokens import TokenStore
from toyz_web.store.uploads import UploadStore
from toyz_web.store.workspace_links import LinkStore
from toyz_web.store.workspaces import WorkspaceStore
from toyz_web.surroundings import ALONE, Surroundings
from toyz_web.tile_stream import NEVER, Patience, TileServer
from toyz_web.tilecache import TileCache
from toyz_web.tls import Certificate, certificate_of
from toyz_web.uploads import Uploads
from toyz_web.ways import Ways
from toyz_web.ways.configured import make_ways, review_on
from toyz_web.ways.trips import Trips

log = structlog.get_logger("toyz.server")


class Server:
    """A server that listens.

    Attributes
    ----------
    services : Services
    instance : Instance
    port : int
    address : str
        URL of the page.
    local : str
        The same as seen from this machine, without a proxy in between.
    certificate : Certificate or None
        With which it speaks TLS.
    """

    def __init__(
        self,
        services: Services,
        instance: Instance,
        sockets: list[socket.socket],
        certificate: Certificate | None = None,
    ) -> None:
        self.services = services
        self.instance = instance
        self.port = port_of(sockets)
        config = services.shared.config
        self.address, self.local = addresses_of(config, self.port)
        self.certificate = certificate
        self.http = TileServer(
            make_app(services),
            KnownTiles(services),
            Patience(config.limits.header_time),
            certificate,
            self.address,
            # What proxies say is read in `toyz_web.forwarding`, which looks whether they are trusted.
            xheaders=False,
            idle_connection_timeout=NEVER,
            body_timeout=config.limits.body_time,
            max_body_size=MAX_BODY,
            max_buffer_size=2 * MAX_BODY,
        )
        self.http.add_sockets(sockets)

    async def login_link(self) -> str:
        """Give a link that signs in once."""
        return f"{self.address}login?token={await self.services.auth.logins.issue_ticket(self.services.auth.user)}"

    async def drain(self) -> None:
        """Take no new windows and no new jobs, say so, and give those that run a moment to end."""
        seconds = self.services.shared.config.limits.drain
        self.services.hub.drain(seconds)
        await self.services.shared.jobs.drain(seconds)

    async def close(self) -> None:
        """Take no more connections and drop those there are."""
        self.http.stop()
        await self.services.hub.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await self.http.close_all_connections()


@contextlib.asynccontextmanager
async def running(
    config: Config, surroundings: Surroundings = ALONE, *, bundle: Path = BUNDLE
) -> AsyncIterator[Server]:
    """Start a server, and end it with everything that it started.

    Parameters
    ----------
    config : Config
    surroundings : Surroundings, optional
    bundle : Path, optional
        Folder of the page.

    Raises
    ------
    BadRequest
        If it cannot listen.
    """
    prepare_folders(config)
    certificate = certificate_of(config)
    sockets = listen_in(config, surroundings)
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(_close_sockets, sockets)
        instance = load_instance(config)
        database = Database(database_path(config))
        stack.callback(database.close)
        lock = ServerLock(Path(config.state) / "servers")
        stack.callback(lock.close)
        who = await _start_access(config, surroundings, instance, database, stack)
        meters = Meters()
        meters.start()
        stack.push_async_callback(meters.close)
        shared = await _start_parts(
            config,
            database,
            lock,
            stack,
            meters=meters,
            accounts=who.accounts,
            tokens=who.tokens,
            access=who.access,
            audit=who.audit,
            shares=who.shares,
        )
        hub = Hub(shared)
        hub.start()
        uploads, long_requests = Uploads(shared, hub), LongRequests()
        who.access.follow(long_requests.recheck)
        services = Services(
            shared=shared,
            hub=hub,
            uploads=uploads,
            long_requests=long_requests,
            auth=who.auth,
            entrance=Entrance(
                who.auth,
                who.access,
                who.accounts,
                IdentityStore(database),
                who.audit,
                who.ways,
                Trips(instance.secret),
            ),
            cookies=CookiePolicy(instance.name, config.base_url, https=config.secure),
            signer=Signer(instance.secret),
            metrics=Metrics(shared, hub, who.auth),
            bundle=bundle,
        )
        server = Server(services, instance, sockets, certificate)
        if not surroundings.unix_socket:
            keep_whereabouts(config, server.address, server.local)
        # What is there by now stays: to look through it for rubbish would hold up tiles again and again.
        gc.collect()
        gc.freeze()
        _begin_beside(stack, surroundings, who.ways, who.access, hub)
        uploads.start()
        stack.push_async_callback(uploads.close)
        stack.push_async_callback(server.close)
        yield server


class _Who(NamedTuple):
    """What knows who somebody is and what he may: started, and ended with the server."""

    accounts: AccountStore
    tokens: TokenStore
    audit: Audit
    ways: Ways
    auth: Authenticator
    shares: Shares
    access: Access


async def _start_access(
    config: Config,
    surroundings: Surroundings,
    instance: Instance,
    database: Database,
    stack: contextlib.AsyncExitStack,
) -> _Who:
    """Start what lets people in and follows what they may."""
    accounts, tokens = AccountStore(database), TokenStore(database)
    audit = Audit(database)
    audit.start()
    stack.push_async_callback(audit.close)
    owner = owner_in(surroundings.hub)
    ways = make_ways(config, accounts, tokens, surroundings.hub, owner)
    for visiting in ways.visiting:
        stack.push_async_callback(visiting.close)
    logins, secret = LoginStore(database), surroundings.proxy_secret
    auth = Authenticator(instance, accounts, logins, tokens, audit, ways.by_name, owner, secret)
    await accounts.ensure_admin(auth.user)
    shares = Shares(config)
    access = Access(database, auth, accounts, shares)
    await access.start()
    stack.push_async_callback(access.close)
    return _Who(accounts, tokens, audit, ways, auth, shares, access)


def _begin_beside(
    stack: contextlib.AsyncExitStack, surroundings: Surroundings, ways: Ways, access: Access, hub: Hub
) -> None:
    """Begin what is done beside answering: looking through logins, and reporting to a Hub."""
    works = [review_on(way, access.recheck) for way in ways.visiting if way.period]
    if surroundings.hub is not None and surroundings.hub.activity_url:
        works.append(report_activity(surroundings.hub, hub.last_use))
    for work in works:
        task = asyncio.create_task(work)
        stack.callback(task.cancel)


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
    feed, meters = JobFeed(), stores["meters"]
    feed.follow(lambda job: meters.jobs.update([job.phase.value] if job.phase.final else []))
    jobs = JobManager(
        sessions.forkserver,
        config,
        JobRecords(database, lock),
        feed.publish,
        feed.pass_on,
        declared=manifest.task,
    )
    await jobs.start()
    stack.push_async_callback(jobs.close)
    workspaces = WorkspaceStore(database)
    rooms = Rooms(workspaces.levels)
    stack.callback(rooms.close)
    stores["access"].follow(rooms.recheck_all)
    tiles, memories = TileCache(config.limits.tile_cache), Memories()
    return Shared(
        config=config,
        directory=Directory(manifest, MODULES),
        sessions=sessions,
        jobs=jobs,
        feed=feed,
        settings=SettingStore(database),
        uploads=UploadStore(database),
        quotas=QuotaStore(database),
        outboxes=Budget(),
        workspaces=workspaces,
        links=LinkStore(database),
        rooms=rooms,
        tiles=tiles,
        board=StatusBoard(config, sessions, jobs, tiles, memories),
        memories=memories,
        database=database,
        **stores,
    )


def _close_sockets(sockets: list[socket.socket]) -> None:
    for each in sockets:
        each.close()

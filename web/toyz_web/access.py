"""Who is signed in, and still may: what changes takes effect while windows are open."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from toyz_sessions.jobs import IsActive
from toyz_web.auth import Authenticator, Identity
from toyz_web.shares import ANONYMOUS, Shares
from toyz_web.store.accounts import AccountStore
from toyz_web.store.database import Database
from toyz_web.store.logins import Login
from toyz_web.store.shares import LEVELS, ShareStore

log = structlog.get_logger("toyz.access")
PERIOD = 0.4
"""Seconds between two looks whether another process, such as ``toyz user``, has changed something."""

LEVEL_ORDER = ("", *LEVELS)


class Access:
    """Changes logins and passwords, and has those who have something open for others look again.

    Parameters
    ----------
    database : Database
    auth : Authenticator
    accounts : AccountStore
    shares : Shares
        Kept as the database says.

    Attributes
    ----------
    shares : ShareStore
    """

    def __init__(self, database: Database, auth: Authenticator, accounts: AccountStore, shares: Shares) -> None:
        self._database, self._auth, self._accounts, self._shares = database, auth, accounts, shares
        self.shares = ShareStore(database)
        self._followers: list[Callable[[IsActive], Awaitable[None]]] = []
        self._watch: asyncio.Task[None] | None = None
        self._checking = asyncio.Lock()

    @property
    def owner(self) -> str:
        """Who runs the server."""
        return self._auth.user

    def follow(self, follower: Callable[[IsActive], Awaitable[None]]) -> None:
        """Have `follower` called when somebody may have less than before."""
        self._followers.append(follower)

    async def start(self) -> None:
        """Read who may what, and begin to look for changes that other processes make."""
        await self._read()
        self._watch = asyncio.create_task(self._look(), name="access")

    async def close(self) -> None:
        """Look no more."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait({self._watch})

    async def recheck(self) -> None:
        """Check everybody who is signed in again; what they may not have any more is closed when this returns."""
        async with self._checking:
            self._auth.forget()
            await self._read()
            for follower in self._followers:
                await follower(self._accounts.is_active)

    async def sign_out(self, login: Login) -> None:
        """End a login and close what came with it."""
        await self._auth.sign_out(login)
        await self.recheck()

    async def issue_ticket(self, user: str) -> str:
        """Make a one-time ticket that signs a user in."""
        return await self._auth.logins.issue_ticket(user)

    async def logins(self, user: str) -> list[Login]:
        """Give the logins of a user, the newest first."""
        return await self._auth.logins.list(user)

    async def end_login(self, user: str, login: str) -> None:
        """End a login of a user.

        Raises
        ------
        NotFound
        """
        await self._auth.logins.end_of(user, login)
        await self.recheck()

    async def end_other_logins(self, identity: Identity) -> None:
        """End all logins of a user but the one that asks."""
        await self._auth.end_other_logins(identity.user, identity.login)
        await self.recheck()

    async def change_password(self, identity: Identity, old: str, new: str) -> None:
        """Change a user's own password; all logins but the one that asks end.

        Raises
        ------
        InvalidParameter, TooManyGuesses
        """
        await self._auth.change_password(identity.user, old, new, identity.login)
        await self.recheck()

    async def _read(self) -> None:
        """Read what everybody has been granted, groups resolved."""
        users, granted = await self._accounts.list(), await self.shares.granted()
        names = {ANONYMOUS: {ANONYMOUS}} | {
            user.name: {user.name, *(f"@{group}" for group in user.groups)} for user in users if not user.disabled
        }
        levels: dict[str, dict[str, str]] = {name: {} for name in names}
        for grant in granted:
            for name in (name for name, subjects in names.items() if grant.subject in subjects):
                levels[name][grant.share] = max(levels[name].get(grant.share, ""), grant.level, key=LEVEL_ORDER.index)
        admins = [user.name for user in users if user.admin and not user.disabled]
        # Who runs the server is the same whatever becomes of the database; others may have the name of a former user.
        since = {user.name: user.created for user in users if user.name != self._auth.user}
        self._shares.update(await self.shares.added(), levels, admins, since)

    async def _look(self) -> None:
        seen = await self._database.version()
        while True:
            await asyncio.sleep(PERIOD)
            try:
                now = await self._database.version()
                if now != seen:
                    await self.recheck()
                seen = now
            except Exception:  # a database that is locked for long: it is looked at again
                log.exception("a change of accounts could not be followed")

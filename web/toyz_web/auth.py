"""Who is asking: a bearer of the token, or a browser with the cookie of a login."""

import asyncio
import getpass
import hmac
import time
from typing import NamedTuple

import msgspec

from toyz.errors import Busy, NotAuthenticated
from toyz_web.instance import Instance
from toyz_web.shares import ANONYMOUS
from toyz_web.store.logins import Login, LoginStore, digest
from toyz_web.throttle import Throttle

REMEMBERED = 0.5
"""Seconds for which a looked-up login is believed, so that one ended by another server is dead within a second."""
_REMEMBERED_LOGINS = 10_000


class Shown(NamedTuple):
    """What a request shows to say who asks: two of its headers."""

    authorization: str
    cookie: str


class Identity(msgspec.Struct, frozen=True):
    """Who a request comes from; `login` is None for a bearer."""

    user: str
    login: Login | None = None


class TooManyGuesses(Busy):
    """The address has guessed wrong too often."""

    status = 429

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Too many wrong tokens from your address. Try again in {seconds:.0f} s.")
        self.seconds = seconds


def user_name() -> str:
    """Give the name under which a single-user server knows its user; never that of nobody."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        return "user"
    return "user" if name == ANONYMOUS else name


class Authenticator:
    """Checks tokens and cookies, and keeps the logins.

    Parameters
    ----------
    instance : Instance
        Whose token is right.
    logins : LoginStore
    """

    def __init__(self, instance: Instance, logins: LoginStore) -> None:
        self.user = user_name()
        self._instance = instance
        self._secret = digest(f"{instance.name}:{instance.token}")
        self._logins = logins
        self._throttle = Throttle()
        self._known: dict[str, tuple[float, Login]] = {}
        self._shown: dict[Shown, tuple[float, Identity]] = {}

    def check_token(self, token: str, address: str) -> Identity:
        """Check a token in constant time.

        A token made up by the server cannot be guessed, so the right one always passes; a chosen one is
        throttled also when it is right, or guessing would cost nothing.

        Raises
        ------
        NotAuthenticated
        TooManyGuesses
        """
        right = hmac.compare_digest(digest(token), digest(self._instance.token))
        wait = self._throttle.wait(address)
        if wait and not (right and self._instance.strong):
            raise TooManyGuesses(wait)
        if not right:
            self._throttle.record_failure(address)
            raise NotAuthenticated("This is not the token of this server.")
        return Identity(self.user)

    async def check_cookie(self, value: str) -> Identity | None:
        """Find the login of a cookie; None if it is not one, has ended, or is older than the token."""
        if not value or len(value) > 100:
            return None
        known = self._known.get(value)
        if known is not None and time.monotonic() - known[0] < REMEMBERED and known[1].expires > time.time():
            return Identity(known[1].user, known[1])
        login = await self._logins.find(value)
        if login is None or not hmac.compare_digest(login.secret, self._secret):
            self._known.pop(value, None)
            return None
        if len(self._known) >= _REMEMBERED_LOGINS:
            self._known.clear()
        self._known[value] = (time.monotonic(), login)
        return Identity(login.user, login)

    def remember(self, shown: Shown, identity: Identity) -> None:
        """Keep in mind who showed these headers."""
        if len(self._shown) >= _REMEMBERED_LOGINS:
            self._shown.clear()
        self._shown[shown] = (time.monotonic(), identity)

    def recall(self, shown: Shown) -> Identity | None:
        """Say who showed just these headers a moment ago, or None: then they are to be checked."""
        known = self._shown.get(shown)
        return known[1] if known is not None and time.monotonic() - known[0] < REMEMBERED else None

    async def sign_in(self, token: str, address: str) -> str:
        """Exchange the token for a login; gives the value of its cookie.

        Raises
        ------
        NotAuthenticated, TooManyGuesses
        """
        identity = self.check_token(token, address)
        return await self._logins.create(identity.user, self._secret)

    async def sign_in_with_ticket(self, ticket: str, address: str) -> str:
        """Exchange a one-time ticket for a login.

        Raises
        ------
        NotAuthenticated
            If it was used before, or never issued.
        TooManyGuesses
        """
        wait = self._throttle.wait(address)
        if wait:
            raise TooManyGuesses(wait)
        user = await self._logins.use_ticket(ticket)
        if user is None:
            self._throttle.record_failure(address)
            raise NotAuthenticated("This link was used before or is too old. Paste the token instead.")
        return await self._logins.create(user, self._secret)

    async def issue_ticket(self) -> str:
        """Make a one-time ticket for a link."""
        return await self._logins.issue_ticket(self.user)

    async def sign_out(self, login: Login) -> None:
        """End a login, at once and for good."""
        self._known = {value: entry for value, entry in self._known.items() if entry[1].id != login.id}
        self._shown = {shown: entry for shown, entry in self._shown.items() if entry[1].login is None}
        await asyncio.shield(self._logins.end(login.id))

"""Who is asking: a bearer of a token, or a browser with the cookie of a login."""

import asyncio
import getpass
import hmac
import time
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from toyz.errors import InvalidParameter, NotAuthenticated
from toyz_web.instance import Instance
from toyz_web.passwords import hash_password, is_password
from toyz_web.shares import ANONYMOUS
from toyz_web.store.accounts import NAME, AccountStore, User
from toyz_web.store.audit import Audit
from toyz_web.store.logins import Login, LoginStore, digest
from toyz_web.store.tokens import PREFIX, SCOPES, Token, TokenStore
from toyz_web.throttle import Guesses, TooManyGuesses
from toyz_web.ways.hub_environment import HubEnvironment
from toyz_web.ways.way import Way

REMEMBERED = 0.5
"""Seconds for which a looked-up login is believed, so that one ended by another server is dead within a second."""
_REMEMBERED_LOGINS = 10_000


PROXY = "X-Toyz-Proxy"
"""The header with the secret of a proxy that has signed its user in."""


class Shown(NamedTuple):
    """What a request shows to say who asks: three of its headers."""

    authorization: str
    cookie: str
    proxy: str = ""


class Identity(msgspec.Struct, frozen=True):
    """Who a request comes from.

    Attributes
    ----------
    user : str
    login : Login or None
        None for a bearer.
    admin : bool
        Whether the user is an administrator.
    scope : str
        What may be done in the user's name; of `toyz_web.store.tokens.SCOPES`.
    token : Token or None
        The personal token of a bearer.
    """

    user: str
    login: Login | None = None
    admin: bool = False
    scope: str = "admin"
    token: Token | None = None

    def may(self, scope: str) -> bool:
        """Whether what has this scope may be done."""
        return SCOPES.index(scope) <= SCOPES.index(self.scope)


class Origin(NamedTuple):
    """Where somebody signs in from: an address, and what the browser says it is."""

    address: str
    agent: str = ""


def user_name() -> str:
    """Give the name of who runs the server; never that of nobody."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        return "user"
    return "user" if name == ANONYMOUS else name


def owner_in(hub: HubEnvironment | None) -> str:
    """Give the name of who runs a server: in a JupyterHub, its owner there, if a user here can be called so."""
    if hub is not None and NAME.fullmatch(hub.owner) and hub.owner != ANONYMOUS:
        return hub.owner
    return user_name()


class Authenticator:
    """Checks passwords, tokens and cookies, and keeps the logins.

    Parameters
    ----------
    instance : Instance
        Whose token is that of who runs the server.
    accounts : AccountStore
    logins : LoginStore
    tokens : TokenStore
    audit : Audit
    ways : mapping
        The ways to sign in, by name: a login of another does not stand.
    owner : str
        Who runs the server, if that is not the user of the system.
    proxy_secret : str
        What a proxy shows that has signed the owner in; empty if there is none.

    Attributes
    ----------
    user : str
        Who runs the server.
    logins : LoginStore
    guesses : Guesses
    """

    def __init__(
        self,
        instance: Instance,
        accounts: AccountStore,
        logins: LoginStore,
        tokens: TokenStore,
        audit: Audit,
        ways: Mapping[str, Way],
        owner: str = "",
        proxy_secret: str = "",
    ) -> None:
        self.user = owner or user_name()
        self._instance = instance
        self.logins = logins
        self._accounts, self._tokens, self._audit = accounts, tokens, audit
        self.guesses = Guesses()
        self.sign_ins = 0
        self._ways = ways
        self._proxy_secret = proxy_secret
        self._known: dict[str, tuple[float, Identity]] = {}
        self._shown: dict[Shown, tuple[float, Identity]] = {}

    @property
    def failures(self) -> int:
        """How often somebody could not sign in, or showed a wrong token."""
        return self.guesses.addresses.failures

    # ---- tokens ---------------------------------------------------------------------------

    async def check_token(self, token: str, address: str) -> Identity:
        """Check the server's token, in constant time, or a personal one.

        A token made up by the server cannot be guessed, so the right one always passes; a chosen one is
        throttled also when it is right, or guessing would cost nothing.

        Raises
        ------
        NotAuthenticated
        TooManyGuesses
        """
        right = hmac.compare_digest(digest(token), digest(self._instance.token))
        wait = self.guesses.addresses.wait(address)
        if right and not (wait and not self._instance.strong):
            return Identity(self.user, admin=True)
        personal = await self._personal(token) if token.startswith(PREFIX) and not right else None
        if personal is not None:
            return personal
        if wait:
            raise TooManyGuesses(wait)
        self.guesses.addresses.record_failure(address)
        raise NotAuthenticated("This is not a token of this server, or it has expired.")

    async def _personal(self, value: str) -> Identity | None:
        token = await self._tokens.find(value)
        user = await self._accounts.find(token.user) if token is not None else None
        if token is None or user is None or user.disabled:
            return None
        return Identity(user.name, admin=user.admin, scope=token.scope, token=token)

    def local_identity(self, authorization: str) -> Identity | None:
        """Say who a command on the server's machine is, by the ``Authorization`` that it sends; None for others."""
        right = hmac.compare_digest(digest(authorization), digest(f"Bearer {self._instance.local}"))
        return Identity(self.user, admin=True, scope="read") if right else None

    def check_proxy(self, secret: str) -> Identity:
        """Say who runs the server, to the proxy that has signed them in.

        Raises
        ------
        NotAuthenticated
        """
        if not self._proxy_secret or not hmac.compare_digest(digest(secret), digest(self._proxy_secret)):
            raise NotAuthenticated("This is not the proxy of this server.")
        return Identity(self.user, admin=True)

    # ---- cookies --------------------------------------------------------------------------

    async def check_cookie(self, value: str) -> Identity | None:
        """Find the login of a cookie; None if it is not one, has ended, or is older than the user's secrets."""
        if not value or len(value) > 100:
            return None
        known = self._known.get(value)
        if known is not None and time.monotonic() - known[0] < REMEMBERED:
            return known[1]
        identity = await self._look_up(value)
        if identity is None:
            self._known.pop(value, None)
            return None
        if len(self._known) >= _REMEMBERED_LOGINS:
            self._known.clear()
        self._known[value] = (time.monotonic(), identity)
        return identity

    async def _look_up(self, value: str) -> Identity | None:
        login = await self.logins.find(value)
        user = await self._accounts.find(login.user) if login is not None else None
        if login is None or user is None or user.disabled:
            return None
        way = self._ways.get(login.way)
        if way is None or not hmac.compare_digest(login.secret, self._secret(user)):
            return None
        return Identity(user.name, login, admin=user.admin) if await way.stands(login, user) else None

    def remember(self, shown: Shown, identity: Identity) -> None:
        """Keep in mind who showed these headers."""
        if len(self._shown) >= _REMEMBERED_LOGINS:
            self._shown.clear()
        self._shown[shown] = (time.monotonic(), identity)

    def recall(self, shown: Shown) -> Identity | None:
        """Say who showed just these headers a moment ago, or None: then they are to be checked."""
        known = self._shown.get(shown)
        return known[1] if known is not None and time.monotonic() - known[0] < REMEMBERED else None

    def forget(self) -> None:
        """Have everything that anybody shows be checked anew."""
        self._known.clear()
        self._shown.clear()

    # ---- logins -----------------------------------------------------------------------------

    async def begin(
        self, user: User, origin: Origin, way: str, *, proof: str = "", expires: float | None = None
    ) -> str:
        """Make a login; gives the value of its cookie."""
        self._audit.note(user.name, "sign_in", detail=f"{origin.address} ({way})")
        self.sign_ins += 1
        secret = self._secret(user)
        return await self.logins.create(
            user.name, secret, origin.address, origin.agent, way=way, proof=proof, expires=expires
        )

    async def sign_out(self, login: Login) -> None:
        """End a login, at once and for good."""
        self._audit.note(login.user, "sign_out", detail=login.address)
        await asyncio.shield(self.logins.end(login.id))
        self.forget()

    async def end_other_logins(self, name: str, login: Login | None) -> None:
        """End all logins of a user but one."""
        user = await self._accounts.find(name)
        if user is not None:
            await self.logins.end_others(name, login.id if login is not None else "", self._secret(user))

    async def change_password(self, name: str, old: str, new: str, login: Login | None) -> None:
        """Change one's own password; all one's logins but this one end.

        Parameters
        ----------
        old : str
            The password so far; whatever it is where there is none.

        Raises
        ------
        InvalidParameter
            If the old one is wrong, or the new one too short.
        TooManyGuesses
        """
        user = await self._accounts.find(name)
        if user is None:
            raise NotAuthenticated("The account is gone.")
        self.guesses.refuse_signed_in(name)
        if user.password and not await is_password(old, user.password):
            self.guesses.record_signed_in(name)
            raise InvalidParameter("this is not your password", field="parameters.old")
        hashed = await hash_password(new)
        await self._accounts.acting(name).set_password(name, hashed)
        secret = self._secret(msgspec.structs.replace(user, password=hashed))
        await self.logins.end_others(name, login.id if login is not None else "", secret)
        self.forget()

    def _secret(self, user: User) -> str:
        """Fingerprint of what a login must not outlive: the server's token and the user's password."""
        parts = [self._instance.name, self._instance.token, *([user.password] if user.password else [])]
        return digest(":".join(parts))

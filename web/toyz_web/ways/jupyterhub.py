"""Signing in through a JupyterHub, and asking it whether that still stands."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
import structlog

from toyz.config_sign_in import JupyterHub
from toyz.errors import Forbidden, NotAuthenticated
from toyz_web.store.accounts import User
from toyz_web.store.identities import Person
from toyz_web.store.logins import Login
from toyz_web.ways.elsewhere import Elsewhere, Refused
from toyz_web.ways.groups import ours_of
from toyz_web.ways.hub_environment import HubEnvironment
from toyz_web.ways.pkce import challenge_of
from toyz_web.ways.way import Trip, Unavailable, Vouched

log = structlog.get_logger("toyz.jupyterhub")
WITHOUT = 300.0
"""Seconds for which logins stand while the Hub does not answer."""
_FAILED = "Signing in through JupyterHub did not work out. Begin again."
_AT_ONCE = 8
_KEPT = 10_000


class HubUser(msgspec.Struct, frozen=True):
    """What the Hub says of who shows it a token (``GET /user``)."""

    name: str = ""
    kind: str = "user"
    admin: bool | None = None
    groups: frozenset[str] | None = None
    scopes: frozenset[str] = frozenset()


class _Voucher:
    # A token of the Hub, with what it stood for when the login was made.

    def __init__(self, token: str, user: HubUser) -> None:
        self.token, self.user = token, user
        self.checked = self.asked = time.monotonic()
        self.stands = True
        self.asking = asyncio.Lock()


class JupyterHubWay:
    """Sends browsers to the Hub, and takes its word.

    Parameters
    ----------
    config : JupyterHub
    hub : HubEnvironment
    owner : str
        The user here whose single-user server this is; empty for a service.
    """

    name = "jupyterhub"
    title = "JupyterHub"

    def __init__(self, config: JupyterHub, hub: HubEnvironment, owner: str = "") -> None:
        self.label, self.create_users = config.label, config.create_users
        self.period = config.check
        self._config, self._hub, self._owner = config, hub, owner
        self._elsewhere = Elsewhere("JupyterHub")
        self._arrived: dict[str, HubUser] = {}
        self._vouchers: dict[str, _Voucher] = {}
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def close(self) -> None:
        """Close the connections."""
        await self._elsewhere.close()

    # ---- there and back --------------------------------------------------------------------

    def callback(self, site: str) -> str:
        """Give the redirect URI that the Hub has registered."""
        del site
        return self._hub.callback

    async def depart(self, trip: Trip, site: str) -> str:
        """Give the URL of the Hub's page."""
        parameters = {
            "response_type": "code",
            "client_id": self._hub.client_id,
            "redirect_uri": self.callback(site),
            "state": trip.state,
            "code_challenge": challenge_of(trip.verifier),
            "code_challenge_method": "S256",
        }
        return f"{self._hub.hub}api/oauth2/authorize?{urlencode(parameters)}"

    async def arrive(self, trip: Trip, query: Mapping[str, str], site: str) -> Vouched:
        """Exchange the code for a token, and ask whose it is; raises as `toyz_web.ways.way.Visiting`."""
        if "error" in query:
            log.info("the Hub refused", error=query["error"][:100])
            raise NotAuthenticated("You have not been signed in: the Hub, or you there, refused.")
        token = await self._exchange(query.get("code", ""), trip, site)
        try:
            user = await self._ask(token)
        except Refused:
            raise NotAuthenticated(_FAILED) from None
        if user.kind != "user" or not user.name:
            raise NotAuthenticated(_FAILED)
        if not self._may(user):
            raise Forbidden(f"You may not use this server, {user.name}; the Hub's administrator can change that.")
        self._arrived[token] = user
        person = Person(self.name, "jupyterhub", user.name, user.name, self._groups_of(user), self._admin(user))
        return Vouched(person, 30 * 24.0, user.name, token, self._owner)

    async def _exchange(self, code: str, trip: Trip, site: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "client_id": self._hub.client_id,
            "client_secret": self._hub.api_token,
            "code": code,
            "redirect_uri": self.callback(site),
            "code_verifier": trip.verifier,
        }
        try:
            answer = await self._elsewhere.post(f"{self._hub.api_url}/oauth2/token", form)
        except Refused as error:
            log.warning("the Hub does not take a code", status=error.status)
            raise NotAuthenticated(_FAILED) from None
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token:
            raise NotAuthenticated(_FAILED)
        return token

    async def _ask(self, token: str) -> HubUser:
        answer: Any = await self._elsewhere.get(f"{self._hub.api_url}/user", {"Authorization": f"token {token}"})
        try:
            return msgspec.convert(answer, HubUser)
        except msgspec.ValidationError:
            raise Unavailable("JupyterHub gives no proper answer.") from None

    def _may(self, user: HubUser) -> bool:
        """Whether one of the scopes that let in is held, filtered or not."""
        return any(scope in user.scopes or scope.partition("!")[0] in user.scopes for scope in self._hub.scopes)

    def _groups_of(self, user: HubUser) -> tuple[str, ...] | None:
        return None if user.groups is None else tuple(sorted(ours_of(user.groups, self._config.groups)))

    def _admin(self, user: HubUser) -> bool | None:
        return user.admin if self._config.admins else None

    # ---- whether it still stands -----------------------------------------------------------

    def keep(self, login: str, voucher: str) -> None:
        """Keep the token of a login, in memory alone: after a restart one is led through the Hub again."""
        self._vouchers[login] = _Voucher(voucher, self._arrived.pop(voucher))
        while len(self._vouchers) > _KEPT:
            del self._vouchers[next(iter(self._vouchers))]

    async def stands(self, login: Login, user: User) -> bool:
        """Whether the Hub stands by a login; it is asked once in a while."""
        del user
        return await self._confirm(login.id, self.period)

    async def review(self) -> None:
        """Ask the Hub about all logins that it was not asked about lately."""
        await asyncio.gather(*(self._confirm(login, self.period / 2) for login in tuple(self._vouchers)))

    async def _confirm(self, login: str, age: float) -> bool:
        voucher = self._vouchers.get(login)
        if voucher is None:
            return False
        async with voucher.asking:
            if voucher.stands and time.monotonic() - voucher.asked >= age:
                voucher.asked = time.monotonic()
                async with self._turns:
                    voucher.stands = await self._still(voucher)
        if not voucher.stands:
            self._vouchers.pop(login, None)
        return voucher.stands

    async def _still(self, voucher: _Voucher) -> bool:
        """Whether the Hub says of a token what it said first: who has other groups signs in again, unseen."""
        try:
            now = await self._ask(voucher.token)
        except Refused:
            return False
        except Unavailable:
            return time.monotonic() - voucher.checked < WITHOUT
        voucher.checked = time.monotonic()
        was = voucher.user
        return self._may(now) and (now.name, now.groups, now.admin) == (was.name, was.groups, was.admin)

    async def farewell(self, login: Login, site: str) -> str | None:
        """Give the URL at which the Hub signs out."""
        del site
        self._vouchers.pop(login.id, None)
        return f"{self._hub.hub}logout"

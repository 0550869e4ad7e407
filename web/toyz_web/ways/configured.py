"""The ways to sign in that a configuration asks for."""

import asyncio
import importlib.util
from collections.abc import Awaitable, Callable

from toyz.config import Config
from toyz.errors import BadRequest
from toyz_web.store.accounts import AccountStore
from toyz_web.store.tokens import TokenStore
from toyz_web.ways import Ways
from toyz_web.ways.hub_environment import HubEnvironment
from toyz_web.ways.jupyterhub import JupyterHubWay
from toyz_web.ways.local import LinkWay, PasswordWay, TokenWay
from toyz_web.ways.pam import PamWay
from toyz_web.ways.way import Visiting


def make_ways(
    config: Config, accounts: AccountStore, tokens: TokenStore, hub: HubEnvironment | None, owner: str
) -> Ways:
    """Make the ways to sign in.

    Parameters
    ----------
    config : Config
    accounts : AccountStore
    tokens : TokenStore
    hub : HubEnvironment or None
        The JupyterHub that this server belongs to.
    owner : str
        Who runs the server: all whom the Hub lets in to a single-user server are this user.

    Raises
    ------
    BadRequest
        If one needs a package that is not installed.
    """
    visiting: tuple[Visiting, ...] = ()
    if hub is not None:
        visiting = (JupyterHubWay(config.jupyterhub, hub, owner if hub.owner else ""),)
    if config.pam is not None:
        _need("pam", "pamela")
    if config.oidc is not None:
        _need("oidc", "authlib")
        # It is there only where somebody wants it.
        from toyz_web.ways.oidc import OidcWay  # noqa: PLC0415

        visiting = (OidcWay(config.oidc), *visiting)
    return Ways(
        link=LinkWay(),
        token=TokenWay(tokens),
        password=PasswordWay(accounts) if config.password_sign_in else None,
        pam=PamWay(config.pam) if config.pam is not None else None,
        visiting=visiting,
    )


def _need(extra: str, package: str) -> None:
    if importlib.util.find_spec(package) is None:
        raise BadRequest(f"configuration: [{extra}] needs a package more: pip install 'toyz[{extra}]'")


async def review_on(way: Visiting, recheck: Callable[[], Awaitable[None]]) -> None:
    """Have a way look through its logins once in a while, and what does not stand any more be closed."""
    while True:
        await asyncio.sleep(way.period)
        await way.review()
        await recheck()

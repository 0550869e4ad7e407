"""The ways to sign in that a configuration asks for."""

import importlib.util

from toyz.config import Config
from toyz.errors import BadRequest
from toyz_web.store.accounts import AccountStore
from toyz_web.store.tokens import TokenStore
from toyz_web.ways import Ways
from toyz_web.ways.local import LinkWay, PasswordWay, TokenWay
from toyz_web.ways.pam import PamWay
from toyz_web.ways.way import Visiting


def make_ways(config: Config, accounts: AccountStore, tokens: TokenStore, visiting: tuple[Visiting, ...] = ()) -> Ways:
    """Make the ways to sign in.

    Parameters
    ----------
    config : Config
    accounts : AccountStore
    tokens : TokenStore
    visiting : tuple of Visiting
        Ways that do not come from the configuration.

    Raises
    ------
    BadRequest
        If one needs a package that is not installed.
    """
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

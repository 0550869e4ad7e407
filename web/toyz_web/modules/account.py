"""``account``: one's own password, logins and tokens."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from toyz.errors import Forbidden
from toyz.plugin import Plugin
from toyz_web.context import ServerContext
from toyz_web.store.logins import Login
from toyz_web.store.tokens import Token

plugin = Plugin("account", title="Account")
DAY = 86400.0
Secret = Annotated[str, Meta(max_length=1000)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]


class OwnLogin(msgspec.Struct, frozen=True):
    """A login as its user sees it; `here` is the one that asks."""

    id: str
    created: float
    expires: float
    address: str
    agent: str
    here: bool


class OwnToken(msgspec.Struct, frozen=True):
    """A token as its user sees it; times are seconds since the epoch, `used` is 0 if it never was."""

    name: str
    scope: str
    created: float
    expires: float
    used: float


def _own(context: ServerContext) -> None:
    """Let in who signed in, or shows a token for this.

    Raises
    ------
    Forbidden
    """
    if not context.identity.may("admin"):
        raise Forbidden(f"The scope of this token, {context.identity.scope}, does not allow this.")


@plugin.task
async def show(context: ServerContext) -> dict[str, Any]:
    """Say who one is: name, groups, whether an administrator, whether there is a password.

    `invited` says whether one came by a link that signs in once, and has no way yet to come again.
    """
    user = await context.shared.accounts.find(context.user)
    login = context.identity.login
    password = user is not None and bool(user.password)
    groups = user.groups if user is not None else ()
    return {
        "name": context.user,
        "groups": groups,
        "admin": user is not None and user.admin,
        "password": password,
        "invited": login is not None and login.way == "link" and not password and context.user != context.access.owner,
    }


@plugin.task
async def set_password(context: ServerContext, new: Secret, old: Secret = "") -> None:
    """Change the password; all one's other logins end.

    Raises
    ------
    InvalidParameter, Forbidden
    """
    _own(context)
    await context.access.change_password(context.identity, old, new)


@plugin.task
async def logins(context: ServerContext) -> list[OwnLogin]:
    """List the places where one is signed in, the newest first."""
    _own(context)
    own = context.identity.login.id if context.identity.login is not None else ""
    return [_login(each, own) for each in await context.access.logins(context.user)]


@plugin.task
async def end_login(context: ServerContext, login: Annotated[str, Meta(max_length=64)]) -> None:
    """Sign out somewhere else.

    Raises
    ------
    NotFound, Forbidden
    """
    _own(context)
    await context.access.end_login(context.user, login)


@plugin.task
async def end_other_logins(context: ServerContext) -> None:
    """Sign out everywhere but here."""
    _own(context)
    await context.access.end_other_logins(context.identity)


@plugin.task
async def tokens(context: ServerContext) -> list[OwnToken]:
    """List one's tokens, the newest first; their values are shown once, when they are made."""
    _own(context)
    return [_token(each) for each in await context.shared.tokens.list(context.user)]


@plugin.task
async def create_token(
    context: ServerContext, name: Name, scope: str = "read", days: Annotated[float, Meta(gt=0, le=366)] = 30.0
) -> str:
    """Make a token and give its value, which nobody can find out again.

    Raises
    ------
    InvalidParameter, Conflict, TooLarge, Forbidden
    """
    _own(context)
    value = await context.shared.tokens.create(context.user, name, scope, days * DAY)
    await context.shared.audit.record(context.user, "create_token", name, scope)
    return value


@plugin.task
async def end_token(context: ServerContext, name: Name) -> None:
    """End a token, at once.

    Raises
    ------
    NotFound, Forbidden
    """
    _own(context)
    await context.shared.tokens.end(context.user, name)
    await context.shared.audit.record(context.user, "end_token", name)
    await context.access.recheck()


def _login(login: Login, own: str) -> OwnLogin:
    return OwnLogin(login.id, login.created, login.expires, login.address, login.agent, login.id == own)


def _token(token: Token) -> OwnToken:
    return OwnToken(token.name, token.scope, token.created, token.expires, token.used)

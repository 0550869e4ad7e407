"""``admin``: the accounts of all, and who sees which share; for administrators."""

from typing import Annotated

import msgspec
from msgspec import Meta

from toyz.errors import Forbidden, InvalidParameter, NotFound
from toyz.plugin import Plugin
from toyz_sessions.layers import Layer, layers
from toyz_web.context import ServerContext
from toyz_web.store.audit import Entry
from toyz_web.store.quotas import Quota
from toyz_web.store.shares import Granted

plugin = Plugin("admin", title="Administration")
Name = Annotated[str, Meta(min_length=1, max_length=65)]
_FEW = Meta(max_length=100)


class ShownUser(msgspec.Struct, frozen=True):
    """A user as administrators see it; `created` is in seconds since the epoch."""

    name: str
    admin: bool
    disabled: bool
    password: bool
    created: float
    groups: tuple[str, ...]


class Invited(msgspec.Struct, frozen=True):
    """A user, and the ticket that signs it in once: ``login?token=…``."""

    name: str
    ticket: str


class ShownShare(msgspec.Struct, frozen=True):
    """A share, and who has been granted it."""

    name: str
    write: bool
    granted: tuple[Granted, ...]


class ShownQuotas(msgspec.Struct, frozen=True):
    """What everybody may upload, what single users may instead, and what each has uploaded or is uploading."""

    everybody: Quota
    own: dict[str, Quota]
    used: dict[str, Quota]


async def _administrator(context: ServerContext) -> None:
    """Let in administrators who are signed in, or show a token for this.

    Raises
    ------
    Forbidden
    """
    if not await context.is_administrator():
        raise Forbidden("This is for administrators.")


class ShownSandbox(msgspec.Struct, frozen=True):
    """How sessions are held: the `spawner`, whether the sandbox is on, and each layer."""

    on: bool
    spawner: str
    layers: tuple[Layer, ...]


@plugin.task
async def sandbox(context: ServerContext) -> ShownSandbox:
    """Give the layers that hold sessions, jobs and builders, and what is open where one is missing.

    Raises
    ------
    Forbidden
    """
    await _administrator(context)
    config = context.shared.config
    return ShownSandbox(config.sandbox, config.spawner, layers(config))


@plugin.task
async def users(context: ServerContext) -> list[ShownUser]:
    """List all users, by name."""
    await _administrator(context)
    return [
        ShownUser(user.name, user.admin, user.disabled, bool(user.password), user.created, user.groups)
        for user in await context.shared.accounts.list()
    ]


@plugin.task
async def add_user(
    context: ServerContext,
    name: Name,
    admin: bool = False,
    groups: Annotated[tuple[Name, ...], Meta(max_length=100)] = (),
) -> Invited:
    """Add a user, and give the ticket with which it signs in to set its password.

    Raises
    ------
    Forbidden, InvalidParameter, NotFound, Conflict
    """
    await _administrator(context)
    accounts = context.shared.accounts.acting(context.user)
    user = await accounts.add(name, admin=admin, groups=tuple(dict.fromkeys(groups)))
    return Invited(user.name, await context.access.issue_ticket(user.name))


@plugin.task
async def invite(context: ServerContext, name: Name) -> Invited:
    """Give a ticket that signs a user in once, within the hour: to set a new password.

    Raises
    ------
    Forbidden, NotFound
    """
    await _administrator(context)
    user = await context.shared.accounts.find(name)
    if user is None or user.disabled:
        raise NotFound(f"There is no user {name} who may sign in.", field="parameters.name")
    await context.shared.audit.record(context.user, "invite", name)
    return Invited(name, await context.access.issue_ticket(name))


@plugin.task
async def set_disabled(context: ServerContext, name: Name, disabled: bool) -> None:
    """Shut a user out, or let it in again.

    Raises
    ------
    Forbidden, NotFound, Conflict
    """
    await _administrator(context)
    await context.shared.accounts.acting(context.user).set_disabled(name, disabled)
    await context.access.recheck()


@plugin.task
async def set_admin(context: ServerContext, name: Name, admin: bool) -> None:
    """Make a user an administrator, or an ordinary user.

    Raises
    ------
    Forbidden, NotFound, Conflict
    """
    await _administrator(context)
    await context.shared.accounts.acting(context.user).set_admin(name, admin)
    await context.access.recheck()


@plugin.task
async def delete_user(context: ServerContext, name: Name) -> None:
    """Delete a user with its logins, tokens and settings.

    Raises
    ------
    Forbidden, NotFound, Conflict
    """
    await _administrator(context)
    await context.shared.accounts.acting(context.user).delete(name)
    await context.access.recheck()


@plugin.task
async def quotas(context: ServerContext) -> ShownQuotas:
    """Give what each user may upload, and has uploaded.

    Raises
    ------
    Forbidden
    """
    await _administrator(context)
    shared, limits = context.shared, context.shared.config.limits
    everybody = Quota(limits.uploads_unfinished, limits.uploads_finished)
    return ShownQuotas(everybody, await shared.quotas.all(), await shared.uploads.used_by_all())


@plugin.task
async def set_quota(context: ServerContext, name: Name, quota: Quota | None = None) -> None:
    """Say how much a user may upload; as much as everybody without a quota.

    Raises
    ------
    Forbidden, NotFound
    """
    await _administrator(context)
    await context.shared.quotas.acting(context.user).set(name, quota)


@plugin.task
async def groups(context: ServerContext) -> dict[str, tuple[str, ...]]:
    """Give the members of each group."""
    await _administrator(context)
    return await context.shared.accounts.groups()


@plugin.task
async def add_group(context: ServerContext, name: Name) -> None:
    """Add a group.

    Raises
    ------
    Forbidden, InvalidParameter, Conflict
    """
    await _administrator(context)
    await context.shared.accounts.acting(context.user).add_group(name)


@plugin.task
async def delete_group(context: ServerContext, name: Name) -> None:
    """Delete a group, and what it has been granted; its members stay users.

    Raises
    ------
    Forbidden, NotFound
    """
    await _administrator(context)
    await context.shared.accounts.acting(context.user).delete_group(name)
    await context.access.recheck()


@plugin.task
async def join(context: ServerContext, group: Name, user: Name) -> None:
    """Put a user into a group.

    Raises
    ------
    Forbidden, NotFound
    """
    await _administrator(context)
    await context.shared.accounts.acting(context.user).join(group, user)
    await context.access.recheck()


@plugin.task
async def leave(context: ServerContext, group: Name, user: Name) -> None:
    """Take a user out of a group.

    Raises
    ------
    Forbidden, NotFound
    """
    await _administrator(context)
    await context.shared.accounts.acting(context.user).leave(group, user)
    await context.access.recheck()


@plugin.task
async def shares(context: ServerContext) -> list[ShownShare]:
    """List all shares, and who has been granted which."""
    await _administrator(context)
    granted = await context.access.shares.granted()
    return [
        ShownShare(share.name, share.write, tuple(each for each in granted if each.share == share.name))
        for share in context.shared.grants_for(context.user)
    ]


@plugin.task
async def grant(context: ServerContext, share: Name, who: Name, level: str = "view") -> None:
    """Grant a share to a user, to a ``@group`` or to ``anonymous``, who are all: to view, or to write.

    Raises
    ------
    Forbidden, InvalidParameter, NotFound, Conflict
    """
    await _administrator(context)
    found = {each.name: each for each in context.shared.grants_for(context.user)}.get(share)
    if found is None:
        raise NotFound(f"There is no share {share}.", field="parameters.share")
    if level == "write" and not found.write:
        raise InvalidParameter(f"nobody may write to {share}: it is served to look at", field="parameters.level")
    await context.access.shares.acting(context.user).grant(share, who, level)
    await context.access.recheck()


@plugin.task
async def withdraw(context: ServerContext, share: Name, who: Name) -> None:
    """Take a grant back; what is open of it is closed when this is answered.

    Raises
    ------
    Forbidden, NotFound
    """
    await _administrator(context)
    await context.access.shares.acting(context.user).withdraw(share, who)
    await context.access.recheck()


@plugin.task
async def audit(
    context: ServerContext,
    before: Annotated[int, Meta(ge=1)] | None = None,
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100,
    text: Annotated[str, Meta(max_length=100)] = "",
) -> list[Entry]:
    """Give what was done, the newest first: all, or that in which a text stands.

    Raises
    ------
    Forbidden
    """
    await _administrator(context)
    return await context.shared.audit.read(before=before, limit=limit, text=text)

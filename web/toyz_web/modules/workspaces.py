"""``workspaces``: what is open and how, kept by the server, and shared with others."""

from typing import Annotated

import msgspec
from msgspec import Meta

from toyz.plugin import Plugin
from toyz_web.context import ServerContext
from toyz_web.rooms import Person
from toyz_web.store.workspace_links import NewLink, SharedLink
from toyz_web.store.workspace_rows import LinkLevel, Workspace
from toyz_web.store.workspaces import MAX_NAME, State, WorkspaceStore
from toyz_web.workspace_entries import KEY

plugin = Plugin("workspaces", title="Workspaces")
Id = Annotated[str, Meta(min_length=1, max_length=64)]
Name = Annotated[str, Meta(max_length=MAX_NAME)]
Entries = Annotated[dict[Annotated[str, Meta(pattern=KEY)], msgspec.Raw], Meta(max_length=1000)]
Revision = Annotated[int, Meta(ge=0, le=1 << 53)]


class Opened(msgspec.Struct, frozen=True):
    """A workspace that this window is in now: its entries, who else is there, and the number of who asked."""

    workspace: Workspace
    state: State
    people: list[Person]
    me: int


class Latest(msgspec.Struct, frozen=True):
    """The workspace that one opened last, if no other window of one's own is in it; else `elsewhere`."""

    workspace: Workspace | None = None
    elsewhere: Workspace | None = None


@plugin.task(name="list")
async def list_workspaces(context: ServerContext) -> list[Workspace]:
    """List those one may open, and one's own in the trash; the ones opened last come first."""
    return await _store(context).list()


@plugin.task
async def latest(context: ServerContext) -> Latest:
    """Find what one worked in last."""
    for found in await _store(context).list():
        if found.opened and not found.deleted:
            elsewhere = context.shared.rooms.is_in(context.user, found.id, context.window)
            return Latest(elsewhere=found) if elsewhere else Latest(workspace=found)
    return Latest()


@plugin.task
async def create(
    context: ServerContext,
    name: Name = "",
    entries: Entries = {},  # noqa: B006
    opened: Annotated[bool, Meta(description="Whether it is the one that is worked in from now on")] = False,
) -> Workspace:
    """Make one; it is not opened by that, but may be the one that is found again.

    Raises
    ------
    InvalidParameter, TooLarge
    """
    return await _store(context).create(name, _bytes(entries), opened=opened)


@plugin.task
async def rename(context: ServerContext, workspace: Id, name: Name) -> None:
    """Give it a name.

    Raises
    ------
    NotFound, Forbidden, InvalidParameter
    """
    await _store(context).rename(workspace, name)
    context.shared.rooms.tell(workspace, "renamed", {"name": name})


@plugin.task
async def duplicate(context: ServerContext, workspace: Id, name: Name) -> Workspace:
    """Make one's own of one that may be seen, without its links.

    Raises
    ------
    NotFound, InvalidParameter, TooLarge
    """
    return await _store(context).duplicate(workspace, name)


@plugin.task
async def delete(context: ServerContext, workspace: Id) -> None:
    """Put it into the trash. All who are in it are out when this is answered, and its links open nothing.

    Raises
    ------
    NotFound, Forbidden
    """
    await _store(context).delete(workspace)
    await context.shared.rooms.recheck(workspace)


@plugin.task
async def restore(context: ServerContext, workspace: Id) -> None:
    """Take it out of the trash.

    Raises
    ------
    NotFound
    """
    await _store(context).restore(workspace)


@plugin.task(name="open")
async def open_workspace(context: ServerContext, workspace: Id, since: Revision | None = None) -> Opened:
    """Go into it with this window, out of the one before; who was in it before may ask only for what changed since.

    Raises
    ------
    NotFound, Busy
    """
    store = _store(context)
    await store.show(workspace)
    # First in, then read: no change falls between the two.
    me = await context.shared.rooms.enter(workspace, context.window)
    await store.opened(workspace)
    state = await store.read(workspace, since)
    return Opened(await store.show(workspace), state, context.shared.rooms.people(workspace), me)


@plugin.task
async def open_link(context: ServerContext, link: Annotated[str, Meta(max_length=200)]) -> Opened:
    """Go into the workspace that a link leads to; it is in one's list from now on, while the link is valid.

    Raises
    ------
    NotFound
        One and the same for links that never were, that have expired and that were revoked.
    Busy
    """
    workspace, _ = await context.shared.links.acting(context.user).open(link)
    return await open_workspace(context, workspace)


@plugin.task
async def close(context: ServerContext) -> None:
    """Go out of the workspace that this window is in."""
    context.shared.rooms.leave(context.window)


@plugin.task
async def change(context: ServerContext, workspace: Id, entries: Entries) -> int:
    """Change entries, all or none; null takes one away. What is answered is kept, and has this revision.

    Raises
    ------
    NotFound, Forbidden, InvalidParameter, TooLarge
    """
    revision = await _store(context).change(workspace, _bytes(entries))
    told = {"revision": revision, "entries": entries, "by": context.user}
    context.shared.rooms.tell(workspace, "changed", told, but=context.window)
    return revision


@plugin.task
async def changes(context: ServerContext, workspace: Id, since: Revision) -> State:
    """Give what changed after a revision; all there is, where that is not known any more.

    Raises
    ------
    NotFound
    """
    return await _store(context).read(workspace, since)


@plugin.task
async def share(
    context: ServerContext, workspace: Id, level: LinkLevel = "view", lifetime: Annotated[float, Meta(ge=0)] = 0.0
) -> NewLink:
    """Make a link that lets whoever signs in look, or edit; `lifetime` is in seconds, 0 until it is revoked.

    Raises
    ------
    NotFound, Forbidden, InvalidParameter, TooLarge
    """
    return await context.shared.links.acting(context.user).share(workspace, level, lifetime)


@plugin.task
async def links(context: ServerContext, workspace: Id) -> list[SharedLink]:
    """List the links that are valid, and who has opened each.

    Raises
    ------
    NotFound, Forbidden
    """
    return await context.shared.links.acting(context.user).list(workspace)


@plugin.task
async def revoke(context: ServerContext, workspace: Id, link: Id) -> None:
    """End a link. Who came in by it, and by no other, is out when this is answered.

    Raises
    ------
    NotFound, Forbidden
    """
    await context.shared.links.acting(context.user).revoke(workspace, link)
    await context.shared.rooms.recheck(workspace)


@plugin.task
async def leave(context: ServerContext, workspace: Id) -> None:
    """Give up what links have let one into.

    Raises
    ------
    NotFound
    """
    await context.shared.links.acting(context.user).leave(workspace)
    await context.shared.rooms.recheck(workspace)


def _store(context: ServerContext) -> WorkspaceStore:
    return context.shared.workspaces.acting(context.user)


def _bytes(entries: dict[str, msgspec.Raw]) -> dict[str, bytes | None]:
    """Give the JSON of each entry; None for null."""
    values = {key: bytes(value).strip() for key, value in entries.items()}
    return {key: None if value == b"null" else value for key, value in values.items()}

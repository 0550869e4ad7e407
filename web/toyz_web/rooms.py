"""Who is in which workspace at this moment: what one changes is told to the others, what one does is shown to them."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec
import structlog

from toyz.errors import Busy, NotFound
from toyz.protocol import Event, Presence
from toyz_sessions.jobs import IsActive
from toyz_web.store.workspace_rows import Level, Levels

log = structlog.get_logger("toyz.rooms")
INTERVAL = 0.05
"""Seconds between two showings of one person; of what comes faster, only the newest is shown."""
CROWD = 1200.0
"""Frames a second that a room passes on of those who do not lead: in a class, cursors move less often."""
MAX_PEOPLE = 200
"""In one workspace."""


class Guest(Protocol):
    """A window, as a room needs it."""

    user: str

    @property
    def connection(self) -> object | None:
        """The socket, if there is one."""

    def tell(self, event: str, module: str, data: Any) -> None:
        """Tell of an event, also if the client is away for a moment."""

    def pass_on(self, body: bytes) -> None:
        """Do the same with an event that is encoded already."""

    def show(self, key: str, frame: bytes) -> None:
        """Send a frame if anybody listens; one with the same key that has not left yet is dropped for it."""


class Person(msgspec.Struct, frozen=True):
    """Somebody in a workspace, as the others see them; `id` is unique in the server."""

    id: int
    name: str
    level: Level
    presence: Presence | None = None


class _Member:
    """A window in a room."""

    def __init__(self, number: int, window: Guest, level: Level) -> None:
        self.id = number
        self.window = window
        self.level = level
        self.presence: Presence | None = None
        self.shown = 0.0
        self.later: asyncio.TimerHandle | None = None

    def as_person(self) -> Person:
        return Person(self.id, self.window.user, self.level, self.presence)


class Rooms:
    """The workspaces that somebody is in.

    Parameters
    ----------
    levels : callable
        Says what users may do with a workspace.
    """

    def __init__(self, levels: Callable[[str, set[str]], Awaitable[Levels]]) -> None:
        self._levels = levels
        self._rooms: dict[str, dict[Guest, _Member]] = {}
        self._places: dict[Guest, str] = {}
        self._ends: dict[str, asyncio.TimerHandle] = {}
        self._checks: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)

    # ---- coming and going -----------------------------------------------------------------

    async def enter(self, workspace: str, window: Guest) -> int:
        """Let a window in, out of the workspace that it was in, and give its number.

        Raises
        ------
        Busy
            If too many are in it.
        NotFound
            If it is not for this user.
        """
        found = await self._levels(workspace, {window.user})
        level = found.of[window.user]
        if level is None:
            raise NotFound("There is no such workspace.")
        if self._places.get(window) != workspace:
            self.leave(window)
        room = self._rooms.get(workspace, {})
        if window not in room and len(room) >= MAX_PEOPLE:
            raise Busy(f"There are {MAX_PEOPLE} people in this workspace already.")
        self._rooms[workspace] = room
        member = room.setdefault(window, _Member(next(self._numbers), window, level))
        member.level = level
        self._places[window] = workspace
        self._show_people(workspace)
        self._watch_end(workspace, found.until)
        return member.id

    def leave(self, window: Guest) -> None:
        """Let a window go."""
        workspace = self._places.pop(window, None)
        if workspace is None:
            return
        room = self._rooms[workspace]
        member = room.pop(window)
        if member.later is not None:
            member.later.cancel()
        if not room:
            del self._rooms[workspace]
            if (end := self._ends.pop(workspace, None)) is not None:
                end.cancel()
        self._show_people(workspace)

    def update(self, window: Guest) -> None:
        """Show the others that a window is connected now, or is not."""
        workspace = self._places.get(window)
        if workspace is not None:
            self._show_people(workspace)

    def people(self, workspace: str) -> list[Person]:
        """Give those who are connected."""
        members = self._rooms.get(workspace, {}).values()
        return [member.as_person() for member in members if member.window.connection is not None]

    def is_in(self, user: str, workspace: str, besides: Guest) -> bool:
        """Whether a user is connected to a workspace with another window than this one."""
        return any(
            window.user == user and window is not besides and window.connection is not None
            for window in self._rooms.get(workspace, ())
        )

    def close(self) -> None:
        """Let all go."""
        for window in tuple(self._places):
            self.leave(window)

    # ---- who may ----------------------------------------------------------------------------

    async def recheck(self, workspace: str) -> None:
        """Look again what those in a workspace may; who may nothing any more is out when this returns."""
        room = self._rooms.get(workspace, {})
        found = await self._levels(workspace, {window.user for window in room})
        for window, member in tuple(room.items()):
            level = found.of.get(window.user, member.level)
            if level is None:
                self.leave(window)
                window.tell("closed", "workspaces", {"workspace": workspace})
            elif level != member.level:
                member.level = level
                window.tell("level", "workspaces", {"workspace": workspace, "level": level})
        self._show_people(workspace)
        self._watch_end(workspace, found.until)

    async def recheck_all(self, is_active: IsActive) -> None:
        """Look again everywhere: somebody may have been shut out."""
        del is_active
        for workspace in tuple(self._rooms):
            await self.recheck(workspace)

    def _watch_end(self, workspace: str, until: float) -> None:
        """Look again when the next link ends."""
        if (before := self._ends.pop(workspace, None)) is not None:
            before.cancel()
        if until and workspace in self._rooms:
            pause = max(0.0, until - time.time()) + 0.01
            loop = asyncio.get_running_loop()
            self._ends[workspace] = loop.call_later(min(pause, 86400.0), self._check_later, workspace)

    def _check_later(self, workspace: str) -> None:
        task = asyncio.create_task(self.recheck(workspace))
        self._checks.add(task)
        task.add_done_callback(self._checks.discard)

    # ---- what is told and shown ---------------------------------------------------------------

    def tell(self, workspace: str, event: str, data: dict[str, Any], but: Guest | None = None) -> None:
        """Tell all in a workspace of an event, but the one whose doing it is."""
        body = _frame(event, {"workspace": workspace, **data})
        for window in tuple(self._rooms.get(workspace, ())):
            if window is not but:
                window.pass_on(body)

    def show(self, window: Guest, presence: Presence) -> None:
        """Show the others what somebody does. Who may only look, leads nobody."""
        member = self._find(window)
        if member is None:
            return
        if presence.leading and member.level == "view":
            presence = msgspec.structs.replace(presence, leading=False)
        member.presence = presence
        if member.later is not None:
            return
        room = self._rooms[self._places[window]].values()
        leaders = sum(each.presence is not None and each.presence.leading for each in room)
        interval = INTERVAL * leaders if presence.leading else max(INTERVAL, len(room) ** 2 / CROWD)
        wait = member.shown + interval - time.monotonic()
        if wait <= 0:
            self._relay(member)
        else:
            member.later = asyncio.get_running_loop().call_later(wait, self._relay, member)

    def _relay(self, member: _Member) -> None:
        member.later, member.shown = None, time.monotonic()
        workspace = self._places[member.window]
        frame = _frame("presence", {"workspace": workspace, "person": member.id, "presence": member.presence})
        key = f"presence {member.id}"
        for window in self._rooms[workspace]:
            if window is not member.window:
                window.show(key, frame)

    def _show_people(self, workspace: str) -> None:
        room = self._rooms.get(workspace)
        if not room:
            return
        people = [msgspec.structs.replace(person, presence=None) for person in self.people(workspace)]
        frame = _frame("people", {"workspace": workspace, "people": people})
        for window in room:
            window.show("people", frame)

    def _find(self, window: Guest, workspace: str | None = None) -> _Member | None:
        place = self._places.get(window)
        if place is None or (workspace is not None and place != workspace):
            return None
        return self._rooms[place].get(window)


def _frame(event: str, data: dict[str, Any]) -> bytes:
    """Encode an event once for all who are told: each window holds the same bytes."""
    return msgspec.json.encode(Event(event, "workspaces", data))

"""A user's session without a window: it answers the requests of scripts over HTTP."""

import asyncio
import itertools
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from toyz.errors import Cancelled, NotFound, ToyzError, from_info
from toyz.protocol import TilePlace
from toyz_sessions.image_key import ImageKey
from toyz_sessions.messages import CallUpdate, Changed, Emitted, Grant, LogLine, TileDone
from toyz_web.link import Link
from toyz_web.opened_paths import paths_in
from toyz_web.shared import Shared
from toyz_web.tilecache import EncodedTile

KNOWN_IMAGES = 64
"""Images that the desk keeps open."""
TRUSTED = 2.0
"""Seconds for which a file is taken to be the one that was opened."""


class Reply(NamedTuple):
    """What the session answered: JSON, or binary data with a format and a result beside it."""

    payload: bytes
    format: str
    result: Any


Settle = Callable[[TileDone, bytes], None]


class _Known(NamedTuple):
    info: dict[str, Any]
    since: float
    session: int


class Desk:
    """Calls of one user that belong to no window.

    Parameters
    ----------
    user : str
    shared : Shared
    grants : tuple of Grant, optional
        What its session may see; what the user may by default.
    """

    def __init__(self, user: str, shared: Shared, grants: tuple[Grant, ...] | None = None) -> None:
        self.used = time.monotonic()
        self._user = user
        self._shared = shared
        self._link = Link(self, shared.tiles, shared.config.limits.queue, shared.meters)
        self._grants = shared.grants_for(user) if grants is None else grants
        self._replies: dict[str, asyncio.Future[Any]] = {}
        self._tiles: dict[str, Settle] = {}
        self._numbers = itertools.count()
        self._images: OrderedDict[ImageKey, _Known] = OrderedDict()
        self._cuts: dict[tuple[str, str], tuple[float, float]] = {}

    @property
    def user(self) -> str:
        """Whose it is."""
        return self._user

    @property
    def link(self) -> Link:
        """Its session."""
        return self._link

    async def start(self) -> None:
        """Start the session.

        Raises
        ------
        Busy, SessionLost
        """
        name = secrets.token_hex(8)
        handle = await self._shared.sessions.open(name, self._user, self._grants, self._link)
        self._link.adopt(handle)

    def regrant(self) -> None:
        """Have a session of what the user may see now; nothing happens if that has not changed."""
        grants = self._shared.grants_for(self._user)
        if grants != self._grants:
            self._grants = grants
            self._images.clear()
            self._cuts.clear()
            self._link.regrant(grants)

    async def end(self) -> None:
        """End the session; what waits is given up."""
        await self._link.close()

    @property
    def busy(self) -> bool:
        """Whether anything waits for an answer."""
        return bool(self._replies or self._tiles)

    async def call(self, module: str, task: str, parameters: dict[str, Any], data: bytes | None = None) -> Reply:
        """Call a task of the session, with binary data beside the parameters if there is any.

        Raises
        ------
        ToyzError
            What the task raised.
        """
        id = secrets.token_hex(8)  # noqa: A001
        payload = msgspec.json.encode(parameters)
        reply: Reply = await self._wait(id, lambda: self._link.call(id, module, task, payload, data))
        return reply

    def cached_tile(self, address: TilePlace) -> EncodedTile | None:
        """Give a tile of an open image that was rendered before, or None."""
        return self._link.cached(address)

    def ask_tile(self, address: TilePlace, settle: Settle) -> str:
        """Have a tile rendered: `settle` is called once with the answer, which may be an error, and the picture.

        Returns
        -------
        str
            What `take_back` calls it.

        Raises
        ------
        Busy, SessionLost
        """
        self.used = time.monotonic()
        call = f"tile {next(self._numbers)}"
        self._tiles[call] = settle
        try:
            self._link.render(call, address)
        except ToyzError:
            del self._tiles[call]
            raise
        return call

    def take_back(self, call: str) -> None:
        """Take a tile back that was asked for: nobody waits for it; nothing happens if it is there already."""
        if self._tiles.pop(call, None) is not None:
            self._link.cancel(call)

    async def tile(self, address: TilePlace) -> tuple[TileDone, bytes]:
        """Render a tile.

        Raises
        ------
        ToyzError
        """
        reply: asyncio.Future[tuple[TileDone, bytes]] = asyncio.get_running_loop().create_future()

        def settle(done: TileDone, data: bytes) -> None:
            if reply.done():
                return
            if done.error is None:
                reply.set_result((done, data))
            else:
                reply.set_exception(from_info(done.error))

        call = self.ask_tile(address, settle)
        try:
            return await reply
        finally:
            self.take_back(call)

    def known_image(self, key: ImageKey) -> dict[str, Any] | None:
        """Give the ImageInfo of an image that was opened a moment ago and is open still; else None."""
        known = self._images.get(key)
        if known is None or time.monotonic() - known.since >= TRUSTED or known.session != self._link.number:
            return None
        if not self._link.has_open(known.info["image"]):
            return None
        self._images.move_to_end(key)
        return known.info

    async def image(self, key: ImageKey) -> dict[str, Any]:
        """Give the ImageInfo of an image, which is open afterwards.

        Raises
        ------
        ToyzError
        """
        known = self.known_image(key)
        if known is not None:
            return known
        self._link.check_share(key.path)
        reply = await self.call("images", "open", key._asdict())
        info: dict[str, Any] = msgspec.json.decode(reply.payload)
        self._images[key] = _Known(info, time.monotonic(), self._link.number)
        self._images.move_to_end(key)
        while len(self._images) > KNOWN_IMAGES:
            _, dropped = self._images.popitem(last=False)
            if all(other.info["image"] != dropped.info["image"] for other in self._images.values()):
                await self._close_image(dropped.info["image"])
        return info

    def known_cuts(self, image: str, method: str, percent: float) -> tuple[float, float] | None:
        """Give cuts that were computed before, or None."""
        return self._cuts.get((image, f"{method} {percent}"))

    async def cuts(self, image: str, method: str, percent: float) -> tuple[float, float]:
        """Give cuts of an open image, computed once."""
        key = (image, f"{method} {percent}")
        if self.known_cuts(image, method, percent) is None:
            parameters = {"image": image, "method": method, "percent": percent}
            found = msgspec.json.decode((await self.call("images", "cuts", parameters)).payload)
            if len(self._cuts) >= 4 * KNOWN_IMAGES:
                self._cuts.clear()
            self._cuts[key] = (found["low"], found["high"])
        return self._cuts[key]

    async def _close_image(self, image: str) -> None:
        try:
            await self.call("images", "close", {"image": image})
        except NotFound:
            return

    async def _wait(self, id: str, ask: Any) -> Any:  # noqa: A002
        self.used = time.monotonic()
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._replies[id] = reply
        try:
            ask()
            return await reply
        except asyncio.CancelledError:
            self._link.cancel(id)
            raise
        finally:
            self.used = time.monotonic()
            del self._replies[id]

    # ---- from the session -----------------------------------------------------------------

    @property
    def backlog(self) -> int:
        """Nothing: who asks over HTTP is not listened to while an answer has not left."""
        return 0

    def on_update(self, update: CallUpdate, payload: bytes) -> None:
        """Hand a final answer to who waits."""
        if not update.phase.final:
            return
        if update.error is not None:
            self._settle(update.id, from_info(update.error))
        elif update.phase == "ABORTED":
            self._settle(update.id, Cancelled("The call was taken back."))
        else:
            self._settle(update.id, Reply(payload, update.format, update.result))

    def on_tile(self, answer: TileDone, payload: bytes) -> None:
        """Hand a tile to who waits."""
        self.used = time.monotonic()
        settle = self._tiles.pop(answer.id, None)
        if settle is not None:
            settle(answer, payload)

    def on_event(self, event: Emitted, payload: bytes) -> None:
        """Forget images that may look different now."""
        del payload
        if event.module == "images":
            self._images.clear()
            self._cuts.clear()

    def on_opened(self, parameters: bytes) -> None:
        """Keep in the audit log what was opened."""
        self._shared.audit.note(self._user, "open", ", ".join(paths_in(parameters)))

    def on_changed(self, change: Changed) -> None:
        """Keep in the audit log what was changed."""
        self._shared.on_changed(self._user, change)

    def on_log(self, line: LogLine) -> None:
        """There is no log panel without a window."""

    def on_session_lost(self, reason: str) -> None:
        """Nothing to tell: what waited is answered by the link."""

    def on_session_restored(self, number: int) -> None:
        """Nothing to tell."""

    def on_wanted(self) -> None:
        """A desk that nobody uses ends, and does not rest."""

    def _settle(self, id: str, value: Any) -> None:  # noqa: A002
        reply = self._replies.get(id)
        if reply is None or reply.done():
            return
        if isinstance(value, ToyzError):
            reply.set_exception(value)
        else:
            reply.set_result(value)

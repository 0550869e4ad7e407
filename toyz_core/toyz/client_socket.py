"""The client's websocket: it carries a `Conversation`, and comes back when the connection is lost."""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from toyz.client_address import Address
from toyz.client_conversation import Conversation, Ended, Received
from toyz.client_http import Answer, error_of
from toyz.errors import Busy, NotAuthenticated, NotFound, ToyzError, Unreachable
from toyz.protocol import Event, Hello, Update

_PAUSES = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
_log = logging.getLogger(__name__)
T = TypeVar("T")
OnUpdate = Callable[[Update], None]
OnEvent = Callable[[Event], None]


class CallSocket:
    """Calls tasks over one websocket, opened by the first call.

    Parameters
    ----------
    address : Address
    patience : float
        Seconds without a connection after which waiting calls fail with `Unreachable`.
    on_event : callable, optional
        Given every `Event` of this window.
    """

    def __init__(self, address: Address, patience: float, on_event: OnEvent | None = None) -> None:
        self._address = address
        self._patience = patience
        self._on_event = on_event
        self._conversation = Conversation()
        self._futures: dict[str, asyncio.Future[Any]] = {}
        self._on_update: dict[str, OnUpdate] = {}
        self._connection: ClientConnection | None = None
        self._runner: asyncio.Task[None] | None = None
        self._greeted = False
        self.hello: Hello | None = None

    async def call(self, module: str, task: str, parameters: dict[str, Any], on_update: OnUpdate | None = None) -> Any:
        """Call a task and wait for its end; a cancelled wait cancels the call on the server.

        Raises
        ------
        ToyzError
        """
        name, frames = self._conversation.call(module, task, parameters)
        future = self._futures[name] = asyncio.get_running_loop().create_future()
        if on_update is not None:
            self._on_update[name] = on_update
        if self._runner is None or self._runner.done():
            self._runner = asyncio.create_task(self._run())
        try:
            await self._send(frames)
            return await future
        except asyncio.CancelledError:
            await self._send(self._conversation.cancel(name))
            raise
        finally:
            self._futures.pop(name, None)
            self._on_update.pop(name, None)

    async def close(self) -> None:
        """Close the connection and fail what waits."""
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.gather(self._runner, return_exceptions=True)
        self._end_all(Unreachable("The client was closed."))

    async def drop(self) -> None:
        """Close the connection as a failing network would; it comes back by itself."""
        if self._connection is not None:
            await self._connection.close()

    async def _send(self, frames: list[str]) -> None:
        try:
            for frame in frames:
                if self._connection is not None:
                    await self._connection.send(frame)
        except ConnectionClosed:
            return  # sent again after the reconnection

    async def _run(self) -> None:
        """Connect, and connect again, until the patience is over or the server refuses."""
        try:
            reason = await self._keep_connected()
        except ToyzError as error:
            self._end_all(error)
        except Exception as error:
            _log.exception("the client's websocket failed")
            self._end_all(ToyzError(f"The client failed ({type(error).__name__})."))
        else:
            self._end_all(Unreachable(f"The server cannot be reached ({reason})."))

    async def _keep_connected(self) -> str:
        """Hold connections until none was greeted for as long as the patience; say why the last one failed."""
        clock = asyncio.get_running_loop().time
        attempt, greeted_at, reason = 0, clock(), "no answer"
        while clock() - greeted_at < self._patience:
            await asyncio.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)] * random.uniform(0.75, 1.25))
            attempt += 1
            self._greeted = False
            try:
                reason = await self._converse() or reason
            except InvalidStatus as refusal:
                error = _refusal(refusal)
                if not isinstance(error, Unreachable | Busy):
                    raise error from None
                reason = error.message
            except (OSError, InvalidHandshake, ConnectionClosed, TimeoutError) as failure:
                reason = type(failure).__name__
            if self._greeted:
                attempt, greeted_at = 0, clock()
        return reason

    async def _converse(self) -> str:
        """Hold one connection until it is closed; give the reason that the server had."""
        url = self._address.socket(self._conversation.query)
        opening = connect(
            url,
            additional_headers=self._address.headers,
            compression=None,
            max_size=None,
            proxy=None if self._address.local else True,
        )
        try:
            async with opening as self._connection:
                async for frame in self._connection:
                    received = self._conversation.receive(frame)
                    self._tell(received)
                    await self._send(received.frames)
                return self._connection.close_reason or ""
        finally:
            self._connection = None
            self._conversation.lost()

    def _tell(self, received: Received) -> None:
        for news in received.news:
            if isinstance(news, Ended):
                self._end(news)
            elif isinstance(news, Update):
                _guarded(self._on_update.get(news.id), news)
            elif isinstance(news, Hello):
                self.hello, self._greeted = news, True
            else:
                _guarded(self._on_event, news)

    def _end(self, ended: Ended) -> None:
        future = self._futures.get(ended.id)
        if future is None or future.done():
            return
        if ended.error is not None:
            future.set_exception(ended.error)
        else:
            future.set_result(ended.result)

    def _end_all(self, error: ToyzError) -> None:
        for ended in self._conversation.fail(error):
            self._end(ended)


def _guarded(callback: Callable[[T], None] | None, news: T) -> None:
    """Call a function of the user's; what it raises is logged and harms no other call."""
    if callback is not None:
        try:
            callback(news)
        except Exception:
            _log.exception("a callback of the client failed")


def _refusal(refusal: InvalidStatus) -> ToyzError:
    status, body = refusal.response.status_code, bytes(refusal.response.body or b"")
    if status == 401:
        return NotAuthenticated("The server does not know this token; set TOYZ_TOKEN.")
    if status == 404:
        return NotFound("There is no Toyz at this URL; is its prefix missing?")
    return error_of(Answer(status, "", body))

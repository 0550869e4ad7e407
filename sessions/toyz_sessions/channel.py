"""The server's end of a private ZeroMQ channel to one process.

A PAIR socket over ipc; messages are those of `toyz_sessions.messages`, in two frames. The
socket hangs on the event loop by its raw descriptor. ZeroMQ signals that descriptor on edges:
what is there must be drained, and looked for again after every send.
"""

import asyncio
from collections.abc import Callable

import msgspec
import zmq

from toyz.errors import Busy
from toyz.turn import Turn
from toyz_sessions.messages import FromSession, ToSession, decode_from_session, encode

LARGEST = 96 << 20
"""Bytes of a message from a session; the largest is an answer of ``images.pixels``."""

Receive = Callable[[FromSession, bytes], None]


class ServerChannel:
    """Binds an endpoint and talks to the one process that connects to it.

    Parameters
    ----------
    context : zmq.Context
    endpoint : str
        ``ipc://…`` in a private folder.
    receive : callable
        Called on the loop with each message and its payload.
    broken : callable
        Called with the reason when something arrives that is not a message.
    queue : int
        Messages that may wait to be sent.
    """

    def __init__(
        self,
        context: "zmq.Context[zmq.Socket[bytes]]",
        endpoint: str,
        receive: Receive,
        broken: Callable[[str], None],
        *,
        queue: int,
    ) -> None:
        self.endpoint = endpoint
        self._receive = receive
        self._broken = broken
        self._loop = asyncio.get_running_loop()
        self._socket = context.socket(zmq.PAIR)
        self._socket.set(zmq.LINGER, 0)
        self._socket.set(zmq.SNDHWM, queue)
        self._socket.set(zmq.MAXMSGSIZE, LARGEST)
        self._socket.bind(endpoint)
        self._descriptor = int(self._socket.get(zmq.FD))
        self._closed = False
        self._due = False
        self._loop.add_reader(self._descriptor, self._drain)

    def send(self, message: ToSession, payload: bytes = b"") -> None:
        """Send a message.

        Raises
        ------
        Busy
            If too many wait already.
        """
        try:
            self._socket.send_multipart((encode(message), payload), zmq.NOBLOCK)
        except zmq.Again:
            raise Busy("the session has too much to do; try again in a moment") from None
        self._look_again()

    def close(self) -> None:
        """Let go of the socket; what waits is dropped. A second call does nothing."""
        if not self._closed:
            self._closed = True
            self._loop.remove_reader(self._descriptor)
            self._socket.close(linger=0)

    def _look_again(self) -> None:
        if not self._due and int(self._socket.get(zmq.EVENTS)) & zmq.POLLIN:
            self._due = True
            self._loop.call_soon(self._drain)

    def _drain(self) -> None:
        self._due = False
        turn = Turn()
        while not (self._closed or turn.over()):
            try:
                parts = self._socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            self._deliver(parts)
        if not self._closed:
            self._look_again()

    def _deliver(self, parts: list[bytes]) -> None:
        if len(parts) != 2:
            self._broken("a message has two frames")
            return
        try:
            message = decode_from_session(parts[0])
        except msgspec.MsgspecError:
            self._broken("what came is not a message")
            return
        self._receive(message, parts[1])

"""The process's end of its private ZeroMQ channel: a loop in the main thread.

Worker threads send through a queue and an eventfd, since a ZeroMQ socket belongs to one
thread.
"""

import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable

import zmq

from toyz_sessions.messages import FromSession, ToSession, decode_to_session, encode

_LAST_WORDS = 1000
"""Milliseconds that the last messages may take to leave."""
_CONNECTION = 10_000
"""Milliseconds that the connection may take."""

Handle = Callable[[ToSession, bytes], None]


class SessionChannel:
    """Connects to the server. Make it in the thread that calls `run`, and after the sandbox.

    ZeroMQ's own thread is started here, and the sandbox holds only threads started after it.

    Parameters
    ----------
    endpoint : str
    lifeline : int, optional
        A descriptor that becomes readable when the server is gone; `run` returns then.
    """

    def __init__(self, endpoint: str, lifeline: int = -1) -> None:
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.PAIR)
        self._socket.set(zmq.LINGER, _LAST_WORDS)
        # Nothing can be sent before the connection stands, so that it can be waited for.
        self._socket.set(zmq.IMMEDIATE, 1)
        self._socket.connect(endpoint)
        self._thread = threading.get_ident()
        self._outbound: deque[tuple[bytes, bytes]] = deque()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._woken = False
        self._lifeline = lifeline
        self._running = True
        self._poller = zmq.Poller()
        self._poller.register(self._socket, zmq.POLLIN)
        self._poller.register(self._wake, zmq.POLLIN)
        if lifeline >= 0:
            self._poller.register(lifeline, zmq.POLLIN)

    def connected(self) -> bool:
        """Wait until the connection stands; False if that takes too long."""
        return bool(self._socket.poll(_CONNECTION, zmq.POLLOUT) & zmq.POLLOUT)

    @property
    def waiting(self) -> int:
        """Messages that have not left yet."""
        return len(self._outbound)

    def send(self, message: FromSession, payload: bytes = b"") -> None:
        """Send a message; from any thread, without blocking, in order for each thread."""
        self._outbound.append((encode(message), payload))
        if threading.get_ident() == self._thread:
            self._flush()
        else:
            self._awaken()

    def stop(self) -> None:
        """Have `run` return soon; from any thread or signal handler."""
        self._running = False
        self._awaken(force=True)

    def run(self, handle: Handle, tick: Callable[[], None], *, period: float) -> None:
        """Give messages to `handle` until `stop` is called or the server is gone.

        Parameters
        ----------
        handle : callable
            Must not block.
        tick : callable
            Called about every `period` seconds, and when another thread has sent something.
        period : float
            Seconds.
        """
        while self._running:
            events = dict(self._poller.poll(int(period * 1000)))
            if self._lifeline in events:
                return
            if self._wake in events:
                os.eventfd_read(self._wake)
                # In this order: who finds the flag still set has put its message where `_flush` finds it.
                self._woken = False
            if events.get(self._socket, 0) & zmq.POLLIN:
                self._drain(handle)
            self._flush()
            tick()

    def close(self) -> None:
        """Send what waits, for a second at most, and close."""
        self._socket.set(zmq.SNDTIMEO, _LAST_WORDS)
        with contextlib.suppress(zmq.ZMQError):
            while self._outbound:
                self._socket.send_multipart(self._outbound.popleft())
        self._socket.close()
        self._context.term()
        os.close(self._wake)

    def _drain(self, handle: Handle) -> None:
        while self._running:
            try:
                header, payload = self._socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            handle(decode_to_session(header), payload)
            if self._outbound:
                self._flush()

    def _flush(self) -> None:
        """Send what waits as far as the socket takes it; the rest when it takes more."""
        while self._outbound:
            parts = self._outbound.popleft()
            try:
                self._socket.send_multipart(parts, zmq.NOBLOCK)
            except zmq.Again:
                self._outbound.appendleft(parts)
                self._poller.modify(self._socket, zmq.POLLIN | zmq.POLLOUT)
                return
        self._poller.modify(self._socket, zmq.POLLIN)

    def _awaken(self, *, force: bool = False) -> None:
        if force or not self._woken:
            self._woken = True
            with contextlib.suppress(OSError):
                os.eventfd_write(self._wake, 1)

"""Both ends of the channel, in one process and two threads."""

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import zmq

from tests.sessions.rig import looped
from toyz.errors import Busy
from toyz_sessions.channel import ServerChannel
from toyz_sessions.messages import Alive, CallTask, FromSession, LogLine, Poke, Shutdown, ToSession, encode
from toyz_sessions.session_channel import SessionChannel


class Server:
    """A server's end that keeps what it receives."""

    def __init__(self, folder: Path, *, queue: int = 1000) -> None:
        self.context: zmq.Context[Any] = zmq.Context()
        self.received: list[tuple[FromSession, bytes]] = []
        self.broken: list[str] = []
        self.changed = asyncio.Event()
        endpoint = f"ipc://{folder}/s"
        self.channel = ServerChannel(self.context, endpoint, self.take, self.fail, queue=queue)

    def take(self, message: FromSession, payload: bytes) -> None:
        self.received.append((message, payload))
        self.changed.set()

    def fail(self, reason: str) -> None:
        self.broken.append(reason)
        self.changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self.changed.clear()
            await self.changed.wait()


@contextlib.asynccontextmanager
async def server(folder: Path, **options: Any) -> AsyncIterator[Server]:
    made = Server(folder, **options)
    try:
        yield made
    finally:
        made.channel.close()
        made.channel.close()
        made.context.destroy(linger=0)


class Session(threading.Thread):
    """A session's end in a thread: answers pokes, keeps the rest."""

    def __init__(self, endpoint: str, lifeline: int = -1) -> None:
        super().__init__()
        self.endpoint = endpoint
        self.lifeline = lifeline
        self.received: list[tuple[ToSession, bytes]] = []
        self.ticks = 0
        self.channel: SessionChannel | None = None
        self.up = threading.Event()
        self.start()

    def run(self) -> None:
        self.channel = SessionChannel(self.endpoint, self.lifeline)
        self.up.set()
        self.channel.run(self.handle, self.tick, period=20.0)
        self.channel.close()

    def handle(self, message: ToSession, payload: bytes) -> None:
        assert self.channel is not None
        self.received.append((message, payload))
        if isinstance(message, Poke):
            self.channel.send(Alive(message.number), payload)
        elif isinstance(message, Shutdown):
            self.channel.stop()

    def tick(self) -> None:
        self.ticks += 1

    def sender(self) -> SessionChannel:
        assert self.up.wait(10)
        assert self.channel is not None
        return self.channel


async def connected(at: Server) -> Session:
    """Start a session and wait for its first message: nothing can be sent to it before."""
    session = Session(at.channel.endpoint)
    session.sender().send(Alive())
    await at.until(lambda: len(at.received) == 1)
    at.received.clear()
    return session


@looped
async def test_round_trips_in_order(tmp_path: Path) -> None:
    async with server(tmp_path) as at:
        session = await connected(at)
        for number in range(3000):
            at.channel.send(Poke(number), str(number).encode() * 10)
            if number % 500 == 499:
                await at.until(lambda number=number: len(at.received) == number + 1)  # type: ignore[misc]
        assert at.received == [(Alive(number), str(number).encode() * 10) for number in range(3000)]
        at.channel.send(Shutdown())
        await asyncio.to_thread(session.join)


@looped
async def test_large_payloads(tmp_path: Path) -> None:
    payload = os.urandom(64 << 20)
    async with server(tmp_path) as at:
        session = Session(at.channel.endpoint)
        session.sender().send(LogLine("info", "pixels"), payload)
        await at.until(lambda: len(at.received) == 1)
        assert at.received[0][1] == payload
        at.channel.send(Shutdown())
        await asyncio.to_thread(session.join)


@looped
async def test_a_worker_thread_wakes_the_idle_loop_every_time(tmp_path: Path) -> None:
    """The session's loop looks round by itself every 20 s only: each message must wake it."""
    async with server(tmp_path) as at:
        session = Session(at.channel.endpoint)
        sender = session.sender()
        began = time.monotonic()
        for number in range(2000):
            await asyncio.to_thread(sender.send, LogLine("info", str(number)))
            if number % 3 == 0:
                await at.until(lambda number=number: len(at.received) == number + 1)  # type: ignore[misc]
        await at.until(lambda: len(at.received) == 2000)
        assert time.monotonic() - began < 15
        at.channel.send(Shutdown())
        await asyncio.to_thread(session.join)


@looped
async def test_both_ways_at_once(tmp_path: Path) -> None:
    async with server(tmp_path) as at:
        session = await connected(at)
        sender = session.sender()

        def talk() -> None:
            for number in range(2000):
                sender.send(LogLine("info", str(number)), b"y" * 1000)

        threads = [threading.Thread(target=talk) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(900):
            at.channel.send(Poke(number), b"x" * 1000)
            await asyncio.sleep(0)
        await at.until(lambda: len(at.received) == 6900)
        assert [message.number for message, _ in at.received if isinstance(message, Alive)] == list(range(900))
        at.channel.send(Shutdown())
        await asyncio.to_thread(session.join)


@looped
async def test_a_queue_that_nobody_empties_is_busy(tmp_path: Path) -> None:
    async with server(tmp_path, queue=10) as at:
        with zmq.Context() as context, context.socket(zmq.PAIR) as deaf:
            deaf.set(zmq.RCVHWM, 10)
            deaf.connect(at.channel.endpoint)
            deaf.send_multipart([encode(Alive()), b""])
            await at.until(lambda: len(at.received) == 1)
            sent = 0
            with pytest.raises(Busy):  # noqa: PT012 - some are taken first
                while sent < 100_000:
                    at.channel.send(CallTask("1", "m", "t"), b"x" * 10_000)
                    sent += 1
            assert 10 <= sent < 2000


@pytest.mark.parametrize("frames", [[b"x"], [b"x", b"", b""], [b"\xff\xff", b""], [b"", b""], [encode(Poke(1)), b""]])
def test_what_is_no_message_is_told(tmp_path: Path, frames: list[bytes]) -> None:
    @looped
    async def run() -> None:
        async with server(tmp_path) as at:
            with zmq.Context() as context, context.socket(zmq.PAIR) as other:
                other.connect(at.channel.endpoint)
                other.send_multipart(frames)
                await at.until(lambda: bool(at.broken))
                assert at.received == []

    run()


@looped
async def test_the_session_ends_when_its_lifeline_does(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    async with server(tmp_path) as at:
        session = Session(at.channel.endpoint, lifeline=reading)
        session.sender()
        os.close(writing)
        await asyncio.to_thread(session.join, 5)
        assert not session.is_alive()
    os.close(reading)


@looped
async def test_last_words_arrive(tmp_path: Path) -> None:
    async with server(tmp_path) as at:
        session = Session(at.channel.endpoint)
        sender = session.sender()
        for number in range(200):
            sender.send(LogLine("info", str(number)), b"z" * 50_000)
        sender.stop()
        await at.until(lambda: len(at.received) == 200)
        await asyncio.to_thread(session.join)


@looped
async def test_a_closed_channel_leaves_the_loop_alone(tmp_path: Path) -> None:
    """A descriptor that is used again must not wake a closed channel."""
    for _ in range(20):
        async with server(tmp_path) as at:
            session = Session(at.channel.endpoint)
            session.sender().send(LogLine("info", "x"))
            await at.until(lambda: len(at.received) == 1)
            at.channel.send(Shutdown())
            await asyncio.to_thread(session.join)

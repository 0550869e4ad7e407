"""A real server for the benchmarks, and a bare websocket client that adds as little as it can."""

import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from toyz.protocol import BinaryHeader, decode_binary

TOKEN = "benchmark-token"


class _Socket:
    """A websocket in the thread of who uses it, as `http.client` is: no other thread wakes for each frame."""

    def __init__(self, url: str, query: str = "") -> None:
        parts = urlsplit(url)
        self._protocol = ClientProtocol(parse_uri(f"ws{url[4:]}api/socket{query}"), max_size=None)
        self._connection = socket.create_connection((parts.hostname, parts.port), 60)
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._events: deque[Any] = deque()
        # One thread may send while another receives.
        self._lock = threading.Lock()
        request = self._protocol.connect()
        request.headers["Authorization"] = f"Bearer {TOKEN}"
        self._protocol.send_request(request)
        self._flush()
        self._next(60)  # the answer to the handshake
        if self._protocol.handshake_exc is not None:
            raise self._protocol.handshake_exc

    def send(self, text: str) -> None:
        with self._lock:
            self._protocol.send_text(text.encode())
            self._flush()

    def recv(self, timeout: float) -> str | bytes:
        parts = [self._next(timeout)]
        while not parts[-1].fin:
            parts.append(self._next(timeout))
        data = b"".join(part.data for part in parts)
        return data.decode() if parts[0].opcode is Opcode.TEXT else data

    def cut(self) -> None:
        """End as a network does that is gone: without a word, and what lay in the kernel is lost."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()

    def close(self) -> None:
        self._connection.close()

    def _next(self, timeout: float) -> Any:
        while True:
            while self._events:
                event = self._events.popleft()
                if not isinstance(event, Frame) or event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                    return event
            self._connection.settimeout(timeout)
            data = self._connection.recv(1 << 18)
            if not data:
                raise ConnectionResetError("the server closed the websocket")
            with self._lock:
                self._protocol.receive_data(data)
                self._events += self._protocol.events_received()
                self._flush()  # pongs

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._connection.sendall(data)


class Window:
    """One window of the server."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.socket = _Socket(url)
        self.hello = json.loads(self.socket.recv(60))
        self._number = 0
        self._seq = self.hello["seq"]

    def come_back(self) -> None:
        """Connect again after `_Socket.cut`; what was missed comes first."""
        self.socket = _Socket(self._url, f"?window={self.hello['window']}&seq={self._seq}")
        self.hello = json.loads(self.socket.recv(60))

    @property
    def next_id(self) -> str:
        """The id of what is sent next."""
        return f"b{self._number + 1}"

    def send(self, message: dict[str, Any]) -> str:
        call = self.next_id
        self._number += 1
        self.socket.send(json.dumps({"id": call} | message))
        return call

    def receive(self, timeout: float = 60) -> tuple[BinaryHeader, bytes] | dict[str, Any]:
        frame = self.socket.recv(timeout)
        if isinstance(frame, bytes):
            return decode_binary(frame)
        message: dict[str, Any] = json.loads(frame)
        self._seq = max(self._seq, message.get("seq", 0))
        return message

    def call(self, module: str, task: str, **parameters: Any) -> Any:
        got = self.wait_answer(self.send({"module": module, "task": task, "parameters": parameters}))
        assert got["phase"] == "COMPLETED", got
        return got.get("result")

    def wait_answer(self, call: str) -> dict[str, Any]:
        """Wait for the last update of a call."""
        while True:
            got = self.receive()
            if isinstance(got, dict) and got.get("id") == call and got["phase"] in {"COMPLETED", "ERROR", "ABORTED"}:
                return got

    def wait_event(self, name: str, timeout: float = 300) -> Any:
        while True:
            got = self.receive(timeout)
            if isinstance(got, dict) and got.get("event") == name:
                return got["data"]

    def tile(self, image: str, level: int, x: int, y: int, style: dict[str, Any], priority: float = 0.0) -> str:
        address = {"image": image, "level": level, "x": x, "y": y, "style": style}
        return self.send({"tile": address, "priority": priority})

    def collect(self, wanted: set[str]) -> list[int]:
        """Wait for tiles; give their sizes in bytes."""
        sizes = []
        while wanted:
            got = self.receive()
            if isinstance(got, tuple) and got[0].id in wanted:
                assert got[0].error is None, got[0].error
                wanted.discard(got[0].id)
                sizes.append(len(got[1]))
        return sizes

    def close(self) -> None:
        self.socket.close()


class Server:
    """A running server."""

    def __init__(self, process: "subprocess.Popen[str]", url: str, cache: Path) -> None:
        self.process, self.url, self.cache = process, url, cache

    def window(self) -> Window:
        return Window(self.url)


@contextmanager
def serving(folder: Path, **shares: Path) -> Iterator[Server]:
    """Run ``toyz serve`` over some shares, with its own state and cache below `folder`."""
    arguments = [f"{name}={path}" for name, path in shares.items()]
    command = [sys.executable, "-m", "toyz_web.cli", "serve", *arguments, "--no-browser", "--port", "0"]
    command += ["--state", str(folder / "state"), "--cache", str(folder / "cache")]
    environment = os.environ | {"TOYZ_TOKEN": TOKEN}
    process = subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    lines: list[str] = []
    url, reader = "", threading.Thread(target=lambda: lines.extend(process.stdout or ()), daemon=True)
    try:
        for line in process.stdout:
            lines.append(line)
            found = re.search(r"http://127\.0\.0\.1:\d+/", line)
            if found:
                url = found[0]
                break
        assert url, f"the server did not start: {''.join(lines)}"
        reader.start()
        yield Server(process, url, folder / "cache")
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if reader.ident is not None:
            reader.join()
        process.stdout.close()


def drop_page_cache(path: Path) -> None:
    """Make the next reads of a file cold."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(fd)

"""TLS without a proxy: the certificate, which can be renewed while the server runs."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import structlog

from toyz.config import Config
from toyz.errors import BadRequest

log = structlog.get_logger("toyz.tls")
_HANDSHAKE = 0x16
"""The first byte that a client of TLS sends."""
_LONGEST = 16 << 10


class Certificate:
    """The certificate of a server.

    Parameters
    ----------
    config : Config

    Attributes
    ----------
    context : ssl.SSLContext
        For new connections.

    Raises
    ------
    BadRequest
        If the files are not a certificate and its key.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self.context = _context(config)

    def renew(self) -> None:
        """Read the files again; if they are of no use, go on as before."""
        try:
            self.context = _context(self._config)
        except BadRequest as error:
            log.error("the certificate is not renewed", error=error.message)
        else:
            log.warning("the certificate is renewed")


def certificate_of(config: Config) -> Certificate | None:
    """Give the certificate that a configuration names; None if it names none."""
    return Certificate(config) if config.certificate else None


def _context(config: Config) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_alpn_protocols(["http/1.1"])
    try:
        made.load_cert_chain(config.certificate, config.key)
    except ssl.SSLError as error:
        raise BadRequest(
            f"{config.certificate} and {config.key} are no certificate and its key: {_reason(config, error)}"
        ) from None
    except OSError as error:
        reason = (error.strerror or "they cannot be read").lower()
        raise BadRequest(f"the certificate {config.certificate} or its key {config.key}: {reason}") from None
    return made


def _reason(config: Config, error: ssl.SSLError) -> str:
    """Say what is wrong with the files; OpenSSL often does not."""
    for path, words, what in ((config.certificate, b"CERTIFICATE", "certificate"), (config.key, b"KEY", "key")):
        text = Path(path).read_bytes()
        if not any(line.startswith(b"-----BEGIN ") and words in line for line in text.splitlines()):
            return f"{path} holds no {what} in PEM"
    if error.reason == "KEY_VALUES_MISMATCH":
        return "the key is that of another certificate"
    return (error.reason or "one of them is damaged").lower().replace("_", " ")


class Greeting:
    """Finds out whether who connects speaks TLS, and tells who does not where to go.

    Parameters
    ----------
    connected : socket.socket
    patience : float
        Seconds that it waits for the first byte.
    address : str
        URL of the server.
    proceed : callable
        Is given the socket of who speaks TLS.
    """

    def __init__(
        self, connected: socket.socket, patience: float, address: str, proceed: Callable[[socket.socket], None]
    ) -> None:
        self._socket, self._address, self._proceed = connected, address, proceed
        self._patience = patience
        self._task = asyncio.create_task(self._greet())

    def close(self) -> None:
        """Give it up, if it is not done."""
        self._task.cancel()

    def on_end(self, forget: Callable[[object], None]) -> None:
        """Have `forget` called when it is done."""
        self._task.add_done_callback(lambda _: forget(self))

    async def _greet(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                first = await self._first_byte()
            if first == _HANDSHAKE:
                self._proceed(self._socket)
                return
            if first is not None:
                async with asyncio.timeout(self._patience):
                    await self._show_the_way()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        except asyncio.CancelledError:
            self._socket.close()
            raise
        self._socket.close()

    async def _first_byte(self) -> int | None:
        """Look at the first byte without taking it; None if the connection ends before it."""
        loop = asyncio.get_running_loop()
        there = asyncio.Event()
        loop.add_reader(self._socket, there.set)
        try:
            await there.wait()
        finally:
            loop.remove_reader(self._socket)
        first = self._socket.recv(1, socket.MSG_PEEK)
        return first[0] if first else None

    async def _show_the_way(self) -> None:
        """Answer a request of plain http."""
        reader, writer = await asyncio.open_connection(sock=self._socket, limit=_LONGEST)
        await reader.readuntil(b"\r\n\r\n")
        body = f"This server speaks https: {self._address}\n".encode()
        head = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {self._address}\r\nConnection: close\r\n"
        head += f"Content-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.close()

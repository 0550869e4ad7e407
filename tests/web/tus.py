"""A client of the tus protocol that can stop where a test wants it to."""

import base64
import hashlib
import socket
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.web.harness import BEARER, PATIENCE, Served, client

TUS = {"Tus-Resumable": "1.0.0"}
PATCHING = {**TUS, "Content-Type": "application/offset+octet-stream"}


def metadata(**values: str) -> str:
    """Write Upload-Metadata."""
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


def sha256(data: bytes) -> str:
    """Give a checksum as the metadata have it."""
    return hashlib.sha256(data).hexdigest()


class Tus:
    """Somebody who uploads.

    Parameters
    ----------
    server : Served
    headers : dict, optional
        That say who; the server's own user by default.
    """

    def __init__(self, server: Served, headers: dict[str, str] | None = None) -> None:
        self.server, self.headers = server, BEARER if headers is None else headers

    def send(self, method: str, url: str, headers: dict[str, str], content: Any = None) -> httpx.Response:
        """Send a request to a path of the host."""
        address = httpx.URL(self.server.url).join(url)
        with client(self.server.url, headers=self.headers) as somebody:
            return somebody.request(method, address, headers=headers, content=content)

    def create(self, path: str, length: int, **values: str) -> httpx.Response:
        """Begin an upload."""
        headers = {**TUS, "Upload-Length": str(length), "Upload-Metadata": metadata(path=path, **values)}
        return self.send("POST", f"{urlsplit(self.server.url).path}api/uploads", headers)

    def begin(self, path: str, length: int, **values: str) -> str:
        """Begin an upload and give its address."""
        answer = self.create(path, length, **values)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def patch(self, url: str, offset: int, data: Any, **headers: str) -> httpx.Response:
        """Send some of it."""
        return self.send("PATCH", url, {**PATCHING, "Upload-Offset": str(offset), **headers}, data)

    def offset(self, url: str) -> int:
        """Ask how much has come."""
        answer = self.send("HEAD", url, TUS)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["Upload-Offset"])

    def upload(self, path: str, data: bytes, **values: str) -> httpx.Response:
        """Upload all at once."""
        return self.patch(self.begin(path, len(data), **values), 0, data)

    def half(self, url: str, length: int, data: bytes, offset: int = 0) -> socket.socket:
        """Announce a body and send only some of it; the connection stays open."""
        where = urlsplit(self.server.url)
        assert where.hostname is not None
        connection = socket.create_connection((where.hostname, where.port or 80), timeout=PATIENCE)
        headers = {**self.headers, **PATCHING, "Host": where.netloc}
        headers |= {"Upload-Offset": str(offset), "Content-Length": str(length)}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        connection.sendall(f"PATCH {url} HTTP/1.1\r\n{lines}\r\n".encode() + data)
        return connection

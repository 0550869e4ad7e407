"""Websockets that no browser page of ours would open: rows W1 to W4, W6 and W7."""

import itertools
import json
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.web.harness import BEARER, PATIENCE, TOKEN, Served, Window, served
from toyz.protocol import MAX_MESSAGE


def refusal(server: Served, headers: dict[str, str], query: str = "") -> int:
    """Give the status that an upgrade is refused with."""
    with pytest.raises(InvalidStatus) as refused:
        Window(server.url, headers=headers, query=query)
    body = refused.value.response.body or b"{}"
    assert b"Traceback" not in body
    return refused.value.response.status_code


def cookie_of(browser: httpx.Client) -> str:
    return "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)


def origins(server: Served) -> dict[str, str]:
    port = httpx.URL(server.url).port
    assert port is not None
    return {
        "evil": "https://evil.example",
        "suffix": f"http://127.0.0.1:{port}.evil.example",
        "prefix": f"http://evil127.0.0.1:{port}",
        "null": "null",
        "other port": f"http://127.0.0.1:{port + 1}",
        "no port": "http://127.0.0.1",
        "user": f"http://127.0.0.1:{port}@evil.example",
        "empty": "",
    }


@pytest.mark.parametrize("kind", ["evil", "suffix", "prefix", "null", "other port", "no port", "user", "empty"])
def test_w1_other_origins_are_refused(server: Served, kind: str) -> None:
    cookie = cookie_of(server.sign_in())
    origin = origins(server)[kind]
    assert refusal(server, {"Cookie": cookie, "Origin": origin}) == 403
    for site in ("cross-site", "same-site"):
        assert refusal(server, {"Cookie": cookie, "Origin": origin, "Sec-Fetch-Site": site}) == 403


def test_w1_the_own_origin_is_let_in(server: Served) -> None:
    cookie = cookie_of(server.sign_in())
    with server.window(headers={"Cookie": cookie, "Origin": server.url.rstrip("/")}) as window:
        assert window.call("a", "patience", "count") == 1


def test_w2_without_an_origin_a_cookie_needs_its_xsrf_token(server: Served) -> None:
    browser = server.sign_in()
    cookie = cookie_of(browser)
    token = str(browser.cookies["_xsrf"])
    assert refusal(server, {"Cookie": cookie}) == 403
    assert refusal(server, {"Cookie": cookie, "X-XSRFToken": "wrong"}) == 403
    with server.window(headers={"Cookie": cookie, "X-XSRFToken": token}) as window:
        assert window.call("a", "patience", "count") == 1
    # A bearer beside a cookie is no way around it.
    assert refusal(server, {"Cookie": cookie, **BEARER}) == 403


def test_w2_a_bearer_without_a_cookie_needs_neither(server: Served) -> None:
    with server.window(headers={**BEARER, "Origin": "https://notebook.example"}) as window:
        assert window.call("a", "patience", "count") == 1
    assert refusal(server, {"Authorization": f"Bearer {TOKEN}x", "Origin": "https://notebook.example"}) in (401, 403)


def test_w3_without_a_sign_in_there_is_no_upgrade(server: Served) -> None:
    assert refusal(server, {}) == 403
    assert refusal(server, {"Origin": server.url.rstrip("/")}) == 403
    name = next(each.name for each in server.sign_in().cookies.jar if each.name.startswith("toyz-"))
    assert refusal(server, {"Cookie": f"{name}=guess", "Origin": server.url.rstrip("/")}) == 403
    assert refusal(server, BEARER, query="&seq=x") == 400
    plain = server.http.get("api/socket")
    assert plain.status_code == 400


def test_w3_a_window_has_a_proper_name(server: Served) -> None:
    with pytest.raises(ConnectionClosed) as closed:
        Window(server.url, name="../../etc")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


@contextmanager
def raw(server: Served, window: str = "") -> Iterator[socket.socket]:
    """Open a websocket by hand, for frames that no library would write."""
    address = httpx.URL(server.url)
    with socket.create_connection((address.host, address.port or 80), timeout=PATIENCE) as connection:
        connection.sendall(
            b"GET /api/socket?window="
            + window.encode()
            + b" HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            b"Authorization: Bearer " + TOKEN.encode() + b"\r\n\r\n"
        )
        received = b""
        while b'"version"' not in received:
            part = connection.recv(4096)
            if not part:
                raise ConnectionRefusedError(f"no window: {received[:200]!r}")
            received += part
        assert b" 101 " in received.splitlines()[0]
        yield connection


def rest_of(connection: socket.socket) -> bytes:
    """Read until the server closes."""
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except ConnectionResetError:
        pass
    return received


def frame(first: int, payload: bytes, claimed: int | None = None) -> bytes:
    """Make a masked frame; its mask is zero."""
    length = len(payload) if claimed is None else claimed
    if length < 126:
        head = struct.pack(">BB", first, 0x80 | length)
    elif length < 1 << 16:
        head = struct.pack(">BBH", first, 0x80 | 126, length)
    else:
        head = struct.pack(">BBQ", first, 0x80 | 127, length)
    return head + b"\0\0\0\0" + payload


def test_w4_a_large_message_closes_the_socket(server: Served) -> None:
    with server.window() as window:
        text = json.dumps({"ping": 1}) + " " * (11 << 20)
        try:
            window.send(text)
        except ConnectionClosed:
            pass
        else:
            with pytest.raises(ConnectionClosed):
                window.receive()
    with server.window() as window:
        window.send(json.dumps({"ping": 1}) + " " * (MAX_MESSAGE - 20))
        assert window.receive() == {"pong": 1}
        window.send(json.dumps({"ping": 1}) + " " * MAX_MESSAGE)
        with pytest.raises(ConnectionClosed) as closed:
            window.receive()
        assert closed.value.rcvd is None or closed.value.rcvd.code == 1009


def test_w4_a_frame_that_claims_to_be_huge(server: Served) -> None:
    memory = psutil.Process(server.process.pid).memory_info().rss
    with raw(server) as connection:
        connection.sendall(frame(0x81, b"", claimed=1 << 62))
        assert struct.pack(">H", 1009) in rest_of(connection)
    with raw(server) as connection:
        # Fragments add up.
        connection.sendall(frame(0x01, b"a" * 60_000) + frame(0x00, b"a" * 60_000))
        assert struct.pack(">H", 1009) in rest_of(connection)
    assert psutil.Process(server.process.pid).memory_info().rss < memory + (20 << 20)


def test_w5_compression_is_not_offered(server: Served) -> None:
    with raw(server) as connection:
        connection.sendall(frame(0xC1, b"\x00" * 100))  # RSV1: a compressed frame
        rest_of(connection)
    assert server.http.get("healthz").status_code == 200


def test_w6_a_client_that_does_not_read_is_dropped(server: Served) -> None:
    process = psutil.Process(server.process.pid)
    memory = process.memory_info().rss
    with server.window() as window:
        image = window.call("a", "images", "open", path="sky/ramp.fits")["image"]
        window.tile("t", image, 0, 0, 0, quality=100)
        name = window.name
    with raw(server, name) as connection:
        # From here on nothing is read, while a tile that the server has at hand is asked for without end.
        dropped = threading.Event()

        def flood() -> None:
            address = {"image": image, "level": 0, "x": 0, "y": 0, "style": {"low": 0, "high": 500, "quality": 100}}
            try:
                for number in itertools.count():
                    connection.sendall(frame(0x81, json.dumps({"id": f"t{number}", "tile": address}).encode()))
            except OSError:
                dropped.set()

        flooding = threading.Thread(target=flood, daemon=True)
        flooding.start()
        assert dropped.wait(PATIENCE)
        flooding.join()
    assert process.memory_info().rss < memory + (64 << 20)
    assert server.http.get("healthz").status_code == 200


def test_w7_empty_fragments_and_bad_utf8(server: Served) -> None:
    with raw(server) as connection:
        connection.sendall(frame(0x01, b'{"ping": ') + frame(0x00, b"") * 200_000 + frame(0x80, b"5}"))
        received = b""
        while b'{"pong":5}' not in received:
            part = connection.recv(4096)
            assert part
            received += part
    with raw(server) as connection:
        connection.sendall(frame(0x81, b"\xff\xfe{}"))
        rest_of(connection)
    with raw(server) as connection:
        connection.sendall(frame(0x82, os.urandom(100)))  # binary, which no client sends
        assert b"protocol_error" in connection.recv(4096)
    with raw(server) as connection:
        connection.sendall(frame(0x83, b"reserved opcode"))
        rest_of(connection)
    with server.window() as window:
        assert window.call("a", "patience", "count") == 1


def test_windows_of_one_user_are_bounded(tmp_path: Path) -> None:
    with served(tmp_path, toml="[limits]\nsessions_per_user = 2\n") as running:
        with running.window(), running.window():
            with pytest.raises(ConnectionClosed) as closed:
                Window(running.url)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1013
            assert "windows" in closed.value.rcvd.reason
        assert running.http.get("healthz").status_code == 200

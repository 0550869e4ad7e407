"""Connections that begin and do not go on, and strangers who look for the numbers: rows R2 and A9."""

import selectors
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from tests.web.harness import BEARER, Served, get, served
from toyz.config import Limits

TILE = "api/images/sky/ramp.fits/tiles/2/0/0?cuts=0,500"
PROXY = 'trusted_proxies = ["192.0.2.0/24"]\nmetrics_from = ["192.0.2.7"]\n'
TIME = 1.5
"""Seconds for headers and for bodies, in the place of 15 and 60."""
HALVES = {
    "nothing": b"",
    "a request line": b"GET / HTTP/1.1\r\n",
    "headers without end": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n",
    "a body that does not come": b"POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Authorization: " + BEARER["Authorization"].encode() + b"\r\nContent-Length: 1000\r\n\r\n{",
}


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve with little patience."""
    folder: Path = tmp_path_factory.mktemp("hurried")
    with served(folder, toml=f"{PROXY}[limits]\nheader_time = {TIME}\nbody_time = {TIME}\n") as running:
        yield running


def test_r2_the_times_are_those_of_the_specification() -> None:
    assert (Limits().header_time, Limits().body_time) == (15.0, 60.0)


def test_r2_200_half_open_requests_are_closed_and_nobody_else_notices(hurried: Served) -> None:
    assert hurried.http.get(TILE).status_code == 200
    url = urlsplit(hurried.url)
    process = psutil.Process(hurried.process.pid)
    before = process.memory_info().rss
    selector = selectors.DefaultSelector()
    began = time.monotonic()
    for number in range(200):
        made = socket.create_connection((url.hostname, url.port), 20)
        made.sendall(list(HALVES.values())[number % len(HALVES)])
        selector.register(made, selectors.EVENT_READ)
    slowest = 0.0
    while selector.get_map():
        asked = time.monotonic()
        assert hurried.http.get(TILE).status_code == 200
        slowest = max(slowest, time.monotonic() - asked)
        for key, _ in selector.select(0.02):
            held = key.fileobj
            assert isinstance(held, socket.socket)
            answer = held.recv(4096)
            assert b"Traceback" not in answer
            if not answer:
                selector.unregister(held)
                held.close()
        assert time.monotonic() - began < 20 * TIME, f"{len(selector.get_map())} are still open"
    assert time.monotonic() - began >= TIME * 0.9
    assert slowest < 1.0
    assert process.memory_info().rss - before < 16 << 20
    assert process.num_fds() < 150


def test_r2_one_byte_after_the_other_buys_no_time(hurried: Served) -> None:
    url = urlsplit(hurried.url)
    with socket.create_connection((url.hostname, url.port), 20) as slow:
        slow.settimeout(0.05)
        began = time.monotonic()
        slow.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        try:
            while time.monotonic() - began < 20 * TIME:
                slow.sendall(b"x")
                try:
                    if slow.recv(1) == b"":
                        break
                except TimeoutError:
                    continue
        except ConnectionError:
            pass
        assert time.monotonic() - began < 10 * TIME


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"X-Forwarded-For": "192.0.2.7"},
        {"X-Forwarded-For": "192.0.2.7, 192.0.2.8"},
        {"X-Real-Ip": "192.0.2.7", "Forwarded": "for=192.0.2.7"},
        {"Host": "127.0.0.1", "X-Forwarded-Host": "localhost"},
    ],
)
def test_a9_metrics_are_not_for_strangers_whatever_they_forward(hurried: Served, headers: dict[str, str]) -> None:
    answer = get(f"{hurried.url}metrics", headers=headers)
    assert answer.status_code == 401
    assert "toyz_sessions" not in answer.text

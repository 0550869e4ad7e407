"""The short way of tiles of open images answers as the long way does, and refuses as soon."""

import itertools
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.web.harness import BEARER, Served, get

TILE = "api/images/sky/ramp.fits/tiles/2/0/0?cuts=0,500"
LONG = {"If-None-Match": '"another"'}
"""A question that is answered the long way."""
CHANGING = {"date", "content-length"}


def long_ways(server: Served) -> int:
    """Count the requests for tiles that came to the handler."""
    return sum("/tiles/" in line.get("path", "") for line in server.log if line.get("event") == "request")


def by_the_short_way(server: Served, address: str | Callable[[], str]) -> httpx.Response:
    """Ask until an answer comes the short way: on a busy machine who asks may have been forgotten meanwhile."""
    for _ in range(20):
        before = long_ways(server)
        answer = server.http.get(address if isinstance(address, str) else address())
        if long_ways(server) == before:
            return answer
    raise AssertionError("nothing went the short way")


def headers_of(answer: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in answer.headers.items() if name not in CHANGING}


@pytest.mark.parametrize("cuts", ["0,500", "zscale", "minmax", "99.5%"])
def test_both_ways_answer_alike(server: Served, cuts: str) -> None:
    address = f"api/images/sky/ramp.fits/tiles/2/0/0?cuts={cuts}&colormap=viridis"
    short = by_the_short_way(server, address)
    long = server.http.get(address, headers=LONG)
    assert (short.status_code, short.content) == (long.status_code, long.content)
    assert headers_of(short) == headers_of(long)


def test_a_tile_that_was_not_rendered_takes_the_short_way_too(server: Served) -> None:
    numbers = itertools.count(501)
    answer = by_the_short_way(server, lambda: f"api/images/sky/ramp.fits/tiles/2/1/0?cuts=0,{next(numbers)}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("api/images/sky/ramp.fits/tiles/2/77/0?cuts=0,500", "not_found"),
        ("api/images/sky/ramp.fits/tiles/99/0/0?cuts=0,500", "not_found"),
        ("api/images/sky/ramp.fits/tiles/2/0/0?cuts=0,500&colormap=zork", "invalid_parameter"),
        ("api/images/sky/ramp.fits/tiles/2/0/0?cuts=9,1", "invalid_parameter"),
        ("api/images/sky/ramp.fits/tiles/2/0/0?cuts=0,500&cuts=1,2", "invalid_parameter"),
        ("api/images/sky/../ramp.fits/tiles/2/0/0?cuts=0,500", "not_found"),
        ("api/images/sky/%2e%2e/sky/ramp.fits/tiles/2/0/0?cuts=0,500", "not_found"),
        ("api/images/sky/ramp.fits%00/tiles/2/0/0?cuts=0,500", "not_found"),
    ],
)
def test_what_is_wrong_is_refused_alike(server: Served, address: str, code: str) -> None:
    server.http.get(TILE)
    short = server.http.get(address)
    long = server.http.get(address, headers=LONG)
    assert (short.status_code, short.json()) == (long.status_code, long.json())
    assert short.json()["code"] == code or (code == "not_found" and short.status_code in (400, 404))


def test_nobody_else_takes_it(server: Served) -> None:
    server.http.get(TILE)
    url = server.url + TILE
    assert get(url).status_code == 401
    assert get(url, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert get(url, headers=BEARER).status_code == 200


def test_a_login_that_has_ended_is_dead_there_at_once(server: Served) -> None:
    browser = server.sign_in()
    assert browser.get(TILE).status_code == 200
    assert browser.get(TILE).status_code == 200
    browser.get("/")
    cookies = {"Cookie": "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)}
    assert get(server.url + TILE, headers=cookies).status_code == 200
    browser.post("logout", headers={"X-XSRFToken": browser.cookies["_xsrf"]})
    assert get(server.url + TILE, headers=cookies).status_code == 401


def test_a_client_that_goes_takes_its_tile_with_it(server: Served) -> None:
    server.http.get(TILE)
    url = urlsplit(server.url)
    for number in range(20):
        with socket.create_connection((url.hostname, url.port)) as hasty:
            request = f"GET /{TILE.replace('500', str(600 + number))} HTTP/1.1\r\nHost: {url.netloc}\r\n"
            hasty.sendall(f"{request}Authorization: {BEARER['Authorization']}\r\n\r\n".encode())
    assert server.http.get(TILE).status_code == 200
    assert not [line for line in server.log if line["level"] == "error"]

"""Hostile IIIF addresses: identifiers that climb, numbers that swell, links that are guessed, expired or forged."""

import http.client
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.web.harness import BEARER, PATIENCE, TOKEN, Served, get, served, write_share
from toyz_web.iiif.identifier import Identifier
from toyz_web.signing import Signer

GOOD = "sky~1ramp.fits"
DOUBTS = (400, 401, 403, 404, 415, 501)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a share to everybody beside one that is private."""
    folder: Path = tmp_path_factory.mktemp("shown")
    private = write_share(folder / "private")
    everybody = write_share(folder / "open")
    (everybody / "out.fits").symlink_to(private / "ramp.fits")
    toml = f'[shares]\nopen = {{ path = "{everybody}", anonymous = true }}\n'
    with served(folder, share=private, toml=toml) as running:
        yield running


def ask(server: Served, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Ask for a path just as it is written: no library makes it tidy on the way."""
    address = httpx.URL(server.url)
    connection = http.client.HTTPConnection(address.host, address.port, timeout=PATIENCE)
    try:
        connection.putrequest("GET", path, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def refused(server: Served, path: str, headers: dict[str, str] | None = None) -> int:
    """Ask for what must not be given; what is answered is short, typed, and tells nothing of the server."""
    status, body = ask(server, path, headers)
    assert status in DOUBTS, (path[:100], status)
    assert set(json.loads(body)) <= {"code", "message", "field"}
    text = body.decode()
    assert len(text) < 1000
    assert str(server.folder) not in text
    assert "Traceback" not in text
    return status


CLIMBING = """
open~1..~1private~1ramp.fits open%2F..%2Fsky%2Framp.fits open~1%2e%2e~1sky~1ramp.fits open~1%2E%2E%2Fsky~1ramp.fits
open~1%252e%252e%252fsky~1ramp.fits open~1..%5Csky%5Cramp.fits open~1.~1ramp.fits open~1~1ramp.fits ~1etc~1passwd
%2Fetc%2Fpasswd ..~1..~1etc~1passwd %2e%2e%2f%2e%2e%2fetc%2fpasswd open~1ramp.fits%00.png open%00~1ramp.fits
open~1ramp.fits~1..~1ramp.fits open~1out.fits open~1ramp.fits[1] open~1ramp.fits(out.fits) file:~1~1~1etc~1passwd
http:~1~1127.0.0.1~1a open~1~0~1ramp.fits open~1$HOME open~1- OPEN~1ramp.fits open%20~1ramp.fits open~1%F0%9F%92%A9
open~1%FF%FE open~1%ED%A0%80 ~ ~0 ~2 ; ;;; %3B open~1ramp.fits;hdu=..~1 open~1ramp.fits;hdu=mosaic;plane=1
open~1notes.txt~1 open~1night%201 open. . .. %2e%2e
"""


@pytest.mark.parametrize("identifier", re.split(r"\s+", CLIMBING.strip()))
def test_identifiers_lead_nowhere_else(shown: Served, identifier: str) -> None:
    for form in ("/iiif/3/{}/info.json", "/iiif/3/{}/full/max/0/default.jpg", "/dzi/{}.dzi", "/dzi/{}_files/0/0_0.jpg"):
        refused(shown, form.format(identifier))
        refused(shown, form.format(identifier), BEARER)


@pytest.mark.parametrize(
    "path", ["/iiif/3/../../etc/passwd", "/iiif/3/%2e%2e/%2e%2e/info.json", "/iiif/3//info.json", "/dzi/.dzi"]
)
def test_addresses_that_are_none(shown: Served, path: str) -> None:
    refused(shown, path, BEARER)


def test_a_private_share_is_as_one_that_is_not_there(shown: Served) -> None:
    """X1: who is not signed in cannot tell them apart, nor one file of it from another."""
    answers = {
        ask(shown, f"/iiif/3/{share}~1{name}/{rest}")
        for share in ("sky", "nothing", "Sky", "state")
        for name in ("ramp.fits", "nothing.fits", "..~1toyz.sqlite")
        for rest in ("info.json", "full/max/0/default.jpg", "x/x/x/x.x")
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 401


@pytest.mark.parametrize("rest", [
    "1000000000,0,1,1/max/0/default.jpg",
    "0,0,1000000000,1000000000/1000000000,1000000000/0/default.jpg",
    "full/1000000000,/0/default.jpg",
    "full/,1000000000/0/default.png",
    "full/^1000000000,1000000000/0/default.jpg",
    "full/pct:1000000000/0/default.jpg",
    f"full/{'9' * 5000},1/0/default.jpg",
    f"{'9' * 5000},0,1,1/max/0/default.jpg",
    f"pct:{'9' * 300}.{'9' * 300},0,1,1/max/0/default.jpg",
    f"full/max/{'9' * 400}/default.jpg",
    "full/max/1e999/default.jpg",
    "full/pct:nan/0/default.jpg",
    "pct:inf,0,1,1/max/0/default.jpg",
    "-1,-1,5,5/max/0/default.jpg",
    "full/-5,/0/default.jpg",
    "%00/max/0/default.jpg",
    "full/max/0/%00.jpg",
    "full/max/0/default.jpg%00",
    "full/max/0/default.jpg%0d%0aSet-Cookie:a=b",
    "full%0d%0aX:y/max/0/default.jpg",
    "<script>/max/0/default.jpg",
])  # fmt: skip
def test_numbers_that_swell(shown: Served, rest: str) -> None:
    assert refused(shown, f"/iiif/3/open~1ramp.fits/{rest}") != 401


def test_a_large_region_is_cut_and_a_large_number_of_tiles_is_refused(shown: Served) -> None:
    whole = ask(shown, "/iiif/3/open~1ramp.fits/0,0,1000000000,1000000000/max/0/default.jpg")
    assert whole == ask(shown, "/iiif/3/open~1ramp.fits/full/max/0/default.jpg")
    for tile in ("999/0_0", "10/999999999_0", "10/0_999999999", f"10/{'9' * 50}_0", "-1/0_0", "10/0"):
        refused(shown, f"/dzi/open~1ramp.fits_files/{tile}.jpg")


def test_a10_links_that_were_guessed_forged_or_have_expired(shown: Served) -> None:
    """A10: each is answered as one that never was."""
    secret = (shown.folder / "state" / "secret").read_text()
    which = Identifier("sky/ramp.fits")
    real = Signer(f"{secret}\0{TOKEN}")
    assert get(f"{shown.url}iiif/3/{real.sign(which, 60).quoted}/info.json").status_code == 200
    wrong = {
        "expired": Signer(f"{secret}\0{TOKEN}", lambda: time.time() - 120).sign(which, 60),
        "signed with the token": Signer(TOKEN).sign(which, 60),
        "signed with nothing": Signer("").sign(which, 60),
        "of another token": Signer(f"{secret}\0another").sign(which, 60),
        "of another file": which.replace(
            expires=real.sign(which, 60).options.expires,
            signature=real.sign(Identifier("sky/other.fits"), 60).options.signature,
        ),
        "guessed": which.replace(expires=int(time.time()) + 60, signature="A" * 43),
        "without an end": which.replace(signature=real.sign(which, 60).options.signature),
        "without a signature": which.replace(expires=int(time.time()) + 60),
        "of a share for everybody": Identifier("open/ramp.fits").replace(expires=int(time.time()) + 60, signature="A"),
    }
    answers = {}
    for how, identifier in wrong.items():
        for headers in (None, BEARER):
            answers[how] = ask(shown, f"/iiif/3/{identifier.quoted}/info.json", headers)
            assert answers[how][0] == 404, how
    assert len(set(answers.values())) == 1


def test_a_signature_is_no_login(shown: Served) -> None:
    link = shown.http.post("api/images/sky/ramp.fits/link", json={}).json()["iiif"]
    signature = re.search(r"signature=([\w-]+)", link)
    assert signature is not None
    for headers in ({"Authorization": f"Bearer {signature[1]}"}, {"Cookie": f"toyz={signature[1]}"}):
        assert get(f"{shown.url}api/files", headers=headers).status_code == 401
    assert get(f"{link}/info.json").status_code == 200
    assert signature[1] not in (shown.folder / "log").read_text()
    identifier = link.rpartition("/")[2]
    for path in (f"api/images/{identifier}", f"api/images/sky/ramp.fits?signature={signature[1]}"):
        assert get(shown.url + path).status_code == 401


def test_the_name_that_a_client_gives_the_server_is_a_name(shown: Served) -> None:
    path = "/iiif/3/open~1ramp.fits/info.json"
    for host in ('a"b', "a/b", "a b", "<script>", "a\tb", "x" * 10 + "@evil.example.org", "evil.example.org#"):
        connection = http.client.HTTPConnection(httpx.URL(shown.url).host, httpx.URL(shown.url).port, timeout=PATIENCE)
        connection.putrequest("GET", path, skip_host=True)
        connection.putheader("Host", host)
        connection.endheaders()
        answer = connection.getresponse()
        assert answer.status == 400, host
        assert host.encode() not in answer.read()
        connection.close()


def test_those_who_are_not_signed_in_have_one_session(shown: Served) -> None:
    """However many ask, and whatever for; and those who are signed in have another."""
    assert get(f"{shown.url}iiif/3/open~1ramp.fits/info.json").status_code == 200
    assert shown.http.get("api/files").status_code == 200
    before = shown.pids()
    for number in range(20):
        ask(
            shown,
            f"/iiif/3/open~1ramp.fits;cuts=0,{number + 1}/full/9,/0/default.jpg",
            {"X-Forwarded-For": f"10.0.0.{number}"},
        )
    assert len(shown.pids() - before) == 0

"""Behind a real nginx under a prefix, and TLS without one: cookies, links, websockets, tiles, and who is believed."""

import os
import re
import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import trustme
from tornado.httputil import HTTPHeaders

from tests.web.harness import BEARER, TOKEN, Served, Window, client, form_token, get, post, served, trust
from tests.web.nginx import free_ports, proxied
from tests.web.test_accounts import done
from tests.web.tus import Tus, sha256
from toyz.config import Config
from toyz.errors import BadRequest
from toyz_web.forwarding import Asker, Forwarding, Networks
from toyz_web.instance import find_whereabouts
from toyz_web.tls import Certificate

TILE = "api/images/sky/ramp.fits/tiles/2/0/0?cuts=0,500"
ELSEWHERE = "127.0.0.2"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Make an authority that the clients trust."""
    made = trustme.CA()
    trust(made.cert_pem.bytes())
    return made


@pytest.fixture(scope="module")
def certificate(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate, its key in the same file."""
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(path)
    return path


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, certificate: Path) -> Iterator[tuple[Served, int]]:
    """Serve behind nginx; gives the port of the server itself as well."""
    folder: Path = tmp_path_factory.mktemp("lab")
    upstream, http, https = free_ports(3)
    toml = f'public_url = "https://localhost:{https}/group/toyz/"\ntrusted_proxies = ["127.0.0.1"]\n'
    (folder / "mine").mkdir()
    toml += f'[shares]\nmine = {{path = "{folder}/mine", write = true}}\n'
    with (
        served(folder, "--port", str(upstream), toml=toml) as running,
        proxied(folder, upstream, http, https, certificate, "/group/toyz/"),
    ):
        running.folder.joinpath("ports").write_text(f"{http} {https}")
        yield running, upstream


def _cookies(answer: httpx.Response) -> dict[str, str]:
    """Give the flags of each cookie that an answer sets."""
    lines = answer.headers.get_list("set-cookie")
    return {line.partition("=")[0]: line for line in lines}


def test_a_browser_signs_in_and_looks_through_nginx(lab: tuple[Served, int]) -> None:
    running, _ = lab
    assert re.fullmatch(r"https://localhost:\d+/group/toyz/", running.url)
    link = get(f"{running.url}login", params={"token": running.ticket})
    assert (link.status_code, link.headers["location"]) == (303, "/group/toyz/")
    flags = _cookies(link)
    (name,) = (each for each in flags if each.startswith("__Secure-toyz-"))
    for flag in ("Path=/group/toyz/", "HttpOnly", "Secure", "SameSite=Lax"):
        assert flag in flags[name]
    assert link.headers["strict-transport-security"].startswith("max-age=")
    with client(running.url, cookies=link.cookies) as browser:
        page = browser.get("")
        assert '<base href="/group/toyz/"' in page.text
        for _ in range(2):
            tile = browser.get(TILE)
            assert (tile.status_code, tile.headers["content-type"]) == (200, "image/jpeg")
        cookie = "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)
    origin = running.url.removesuffix("/group/toyz/")
    with running.window(headers={"Cookie": cookie, "Origin": origin}) as window:
        image = window.call("a", "images", "open", path="sky/ramp.fits")["image"]
        assert window.tile("t", image, 0, 0, 0)[0].format == "jpeg"


def test_plain_http_is_sent_to_https(lab: tuple[Served, int]) -> None:
    running, _ = lab
    http, https = (running.folder / "ports").read_text().split()
    answer = get(f"http://localhost:{http}/group/toyz/")
    assert (answer.status_code, answer.headers["location"]) == (308, f"https://localhost:{https}/group/toyz/")


def test_what_is_too_large_is_refused_by_toyz_and_not_by_nginx(lab: tuple[Served, int]) -> None:
    running, _ = lab
    answer = running.http.post("api/jobs", content=b"x" * (3 << 20), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    stranger = post(f"{running.url}api/jobs", json={})
    assert stranger.status_code == 401


def test_an_upload_passes_as_it_comes(lab: tuple[Served, int]) -> None:
    running, _ = lab
    tus, data = Tus(running), os.urandom(1 << 20) * 12
    where = tus.begin("mine/large.fits", len(data), sha256=sha256(data))
    assert where.startswith("/group/toyz/api/uploads/")

    def pieces() -> Iterator[bytes]:
        yield data[: 6 << 20]
        # What nginx kept to itself would not be on the disk yet.
        while sum(part.stat().st_size for part in (running.folder / "mine").glob(".toyz-upload-*")) < 4 << 20:
            pass
        yield data[6 << 20 :]

    assert tus.patch(where, 0, pieces(), **{"Content-Length": str(len(data))}).status_code == 204
    assert (running.folder / "mine" / "large.fits").read_bytes() == data
    part = running.http.get("api/download/mine/large.fits", headers={"Range": "bytes=1000000-1000009"})
    assert (part.status_code, part.content) == (206, data[1_000_000:1_000_010])


def _seen_from(url: str, address: str, headers: dict[str, str], authority: trustme.CA) -> str:
    """Sign in from an address, and give the address that the server took it for."""
    with client(url, transport=httpx.HTTPTransport(local_address=address, verify=_trusting(authority))) as browser:
        form = browser.get("login", headers=headers)
        cookie = "; ".join(f"{each.name}={each.value}" for each in form.cookies.jar)
        data = {"token": TOKEN, "_xsrf": form_token(form.text)}
        answer = browser.post("login", data=data, headers=headers | {"Cookie": cookie})
        assert answer.status_code == 303, answer.text
        found = {each.name: str(each.value) for each in answer.cookies.jar}
    window = Window(url, headers={"Cookie": "; ".join(f"{key}={found[key]}" for key in found)} | _same_site(url))
    logins = window.call("a", "account", "logins")
    window.close()
    return str(logins[0]["address"])


def _same_site(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    return {"Origin": f"{parts.scheme}://{parts.netloc}"}


FORGED = {"X-Forwarded-For": "192.0.2.7", "X-Real-Ip": "192.0.2.7", "X-Forwarded-Proto": "http", "X-Scheme": "http"}


def test_only_the_proxy_is_believed_when_it_says_who_asks(lab: tuple[Served, int], authority: trustme.CA) -> None:
    running, upstream = lab
    assert _seen_from(running.url, ELSEWHERE, FORGED, authority) == ELSEWHERE
    direct = f"http://127.0.0.1:{upstream}/group/toyz/"
    assert _seen_from(direct, ELSEWHERE, FORGED, authority) == ELSEWHERE
    assert _seen_from(direct, "127.0.0.1", FORGED, authority) == "192.0.2.7"


def test_links_of_commands_lead_through_the_proxy(lab: tuple[Served, int]) -> None:
    running, upstream = lab
    assert done(running.folder, "user", "add", "ada", "--link").startswith(f"{running.url}login?token=")
    kept = find_whereabouts(Config(state=str(running.folder / "state")))
    assert kept is not None
    assert (kept.address, kept.local) == (running.url, f"http://127.0.0.1:{upstream}/group/toyz/")


@pytest.mark.parametrize(
    ("peer", "headers", "asker"),
    [
        ("192.0.2.1", {"X-Forwarded-For": "1.1.1.1", "X-Forwarded-Proto": "https"}, Asker("192.0.2.1", "http")),
        ("10.0.0.1", {"X-Forwarded-For": "1.1.1.1", "X-Forwarded-Proto": "https"}, Asker("1.1.1.1", "https")),
        ("10.0.0.1", {"X-Forwarded-For": "6.6.6.6, 1.1.1.1, 10.0.0.9"}, Asker("1.1.1.1", "http")),
        ("10.0.0.1", {"X-Forwarded-For": "1.1.1.1, rubbish"}, Asker("10.0.0.1", "http")),
        ("10.0.0.1", {"X-Forwarded-Proto": "gopher"}, Asker("10.0.0.1", "http")),
        ("::ffff:10.0.0.1", {"X-Forwarded-For": "2001:db8::1"}, Asker("2001:db8::1", "http")),
        ("fe80::1%eth0", {"X-Forwarded-For": "1.1.1.1"}, Asker("fe80::1%eth0", "http")),
        ("", {"X-Forwarded-For": "1.1.1.1"}, Asker("", "http")),
    ],
)
def test_who_asks(peer: str, headers: dict[str, str], asker: Asker) -> None:
    assert Forwarding(Networks(["10.0.0.0/8"]), "http").asker(peer, HTTPHeaders(headers)) == asker


# ---- TLS without a proxy ------------------------------------------------------------------


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory, certificate: Path) -> Iterator[Served]:
    """Serve over TLS."""
    folder: Path = tmp_path_factory.mktemp("secure")
    kept = folder / "kept.pem"
    kept.write_bytes(certificate.read_bytes())
    toml = "[limits]\nheader_time = 0.4\n"
    with served(folder, "--certificate", str(kept), "--key", str(kept), toml=toml) as running:
        yield running


def test_a_browser_signs_in_and_looks_over_tls(secure: Served) -> None:
    assert secure.url.startswith("https://127.0.0.1:")
    link = get(f"{secure.url}login", params={"token": secure.ticket})
    flags = _cookies(link)
    (name,) = (each for each in flags if each.startswith("__Host-toyz-"))
    for flag in ("Path=/;", "HttpOnly", "Secure", "SameSite=Lax"):
        assert flag in flags[name] + ";"
    assert "Domain" not in flags[name]
    assert link.headers["strict-transport-security"].startswith("max-age=")
    for _ in range(2):
        tile = secure.http.get(TILE)
        assert (tile.status_code, tile.headers["content-type"]) == (200, "image/jpeg")
    headers = {"Cookie": "; ".join(f"{each.name}={each.value}" for each in link.cookies.jar)} | _same_site(secure.url)
    with secure.window(headers=headers) as window:
        assert window.call("a", "files", "list", path="")["total"] == 1
    assert done(secure.folder, "user", "add", "eve", "--link").startswith(f"{secure.url}login?token=")


def test_commands_ask_a_server_that_speaks_tls_without_being_told_its_certificate(secure: Served) -> None:
    assert secure.url in done(secure.folder, "status")


def _connected(server: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0), 20)


def test_who_speaks_http_is_shown_the_way(secure: Served) -> None:
    answer = get(secure.url.replace("https:", "http:"))
    assert (answer.status_code, answer.headers["location"]) == (307, secure.url)
    assert "speaks https" in answer.text


def test_old_tls_and_half_a_handshake_are_refused(secure: Served) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with _connected(secure) as plain, pytest.raises((ssl.SSLError, ConnectionError)):
        old.wrap_socket(plain)
    for begun in (b"", b"\x16\x03\x01", b"GET / HT"):
        with _connected(secure) as silent:
            silent.sendall(begun)
            assert silent.recv(100) == b"", "it is closed when its time is over"
    assert secure.http.get("healthz").status_code == 200


def test_a_certificate_is_renewed_without_an_end(secure: Served, authority: trustme.CA) -> None:
    def serial() -> str:
        with _connected(secure) as plain, _trusting(authority).wrap_socket(plain, server_hostname="127.0.0.1") as made:
            found = made.getpeercert()
            assert found is not None
            return str(found["serialNumber"])

    before, kept = serial(), secure.folder / "kept.pem"
    window = Window(secure.url, headers=BEARER)
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(kept)
    secure.process.send_signal(signal.SIGHUP)
    while serial() == before:
        pass
    renewed = serial()
    kept.write_text("nonsense")
    secure.process.send_signal(signal.SIGHUP)
    while not any(line["event"] == "the certificate is not renewed" for line in secure.log):
        secure.http.get("healthz")
    assert serial() == renewed
    assert window.call("a", "files", "list", path="")["total"] == 1
    window.close()


def _trusting(authority: trustme.CA) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(made)
    return made


def test_files_that_are_no_certificate_are_said_in_a_sentence(tmp_path: Path, certificate: Path) -> None:
    (tmp_path / "a.pem").write_text("nonsense")
    good, other = str(certificate), tmp_path / "other.pem"
    trustme.CA().issue_cert("127.0.0.1").private_key_pem.write_to_path(other)
    for chain, key, words in (
        (str(tmp_path / "a.pem"), good, "a.pem holds no certificate"),
        (good, str(tmp_path / "a.pem"), "a.pem holds no key"),
        (good, str(other), "no certificate and its key: the key is that of another certificate"),
        (str(tmp_path / "b.pem"), good, "no such file"),
    ):
        with pytest.raises(BadRequest, match=words):
            Certificate(Config(certificate=chain, key=key))

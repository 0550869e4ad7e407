"""Downloads through the real server: a file in parts, a folder as an archive, and clients that read slowly or leave."""

import io
import os
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import psutil
import pytest

from tests.web.harness import BEARER, TOKEN, Served, get, served
from tests.web.test_shares import eventually
from toyz.client import Client
from toyz.errors import AlreadyExists, Forbidden, NotFound

CONTENT = os.urandom(1 << 20) * 3


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("downloads")
    lab = folder / "lab"
    (lab / "night").mkdir(parents=True)
    (lab / "night" / "big.fits").write_bytes(CONTENT)
    (lab / "night" / "page.html").write_text("<script>alert(1)</script>")
    (folder / "data").mkdir()
    toml = f'[shares]\ndata = {{path = "{folder}/data", write = true}}\n'
    with served(folder, share=lab, toml=toml) as running:
        yield running


def address(server: Served, path: str) -> str:
    return f"{server.url}api/download/{quote(path)}"


def test_a_file_and_its_parts(server: Served) -> None:
    url = address(server, "lab/night/big.fits")
    whole = get(url, headers=BEARER)
    assert (whole.status_code, whole.content == CONTENT) == (200, True)
    assert whole.headers["Content-Length"] == str(len(CONTENT))
    etag = whole.headers["Etag"]
    assert get(url, headers={**BEARER, "If-None-Match": etag}).status_code == 304
    for asked, start, stop in (("0-9", 0, 10), ("5-", 5, len(CONTENT)), ("-7", len(CONTENT) - 7, len(CONTENT))):
        part = get(url, headers={**BEARER, "Range": f"bytes={asked}", "If-Range": etag})
        assert (part.status_code, part.content == CONTENT[start:stop]) == (206, True)
        assert part.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(CONTENT)}"
    outside = get(url, headers={**BEARER, "Range": f"bytes={len(CONTENT)}-"})
    assert (outside.status_code, outside.headers["Content-Range"]) == (416, f"bytes */{len(CONTENT)}")
    for ignored in ("bytes=1-2,4-5", "lines=1-2", "bytes=x"):
        assert get(url, headers={**BEARER, "Range": ignored}).status_code == 200
    assert get(url, headers={**BEARER, "Range": "bytes=0-9", "If-Range": '"other"'}).status_code == 200
    head = server.http.head("api/download/lab/night/big.fits")
    assert (head.headers["Content-Length"], head.content) == (str(len(CONTENT)), b"")


def test_a_folder_as_an_archive(server: Served) -> None:
    answer = get(address(server, "lab/night"), headers=BEARER)
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    assert archive.read("night/big.fits") == CONTENT


def test_names_that_need_care(server: Served) -> None:
    name = 'été "1"; x=\u202ey\r\n%41\\.fits'
    (server.folder / "lab" / name).write_bytes(b"x")
    answer = get(address(server, f"lab/{name}"), headers=BEARER)
    assert answer.content == b"x"
    disposition = answer.headers["Content-Disposition"]
    plain, _, encoded = disposition.partition("; filename*=UTF-8''")
    assert plain.isascii()
    assert plain.count('"') == 2
    assert unquote(encoded) == 'été "1"; x=\ufffdy\ufffd\ufffd%41_.fits'


def test_what_is_not_there(server: Served) -> None:
    (server.folder / "lab" / "out").symlink_to("/etc/passwd")
    os.mkfifo(server.folder / "lab" / "pipe")
    codes = {"lab/nothing": 404, "nothing": 404, "lab/../lab": 404, "lab/out": 404, "lab/pipe": 415}
    for path, code in codes.items():
        answer = get(f"{server.url}api/download/{path.replace('..', '%2e%2e')}", headers=BEARER)
        assert (path, answer.status_code) == (path, code)
    assert get(address(server, "lab/night/big.fits")).status_code == 401


def test_a_slow_reader_holds_up_nobody_and_fills_no_memory(server: Served) -> None:
    sparse = server.folder / "lab" / "sparse"
    sparse.mkdir()
    with (sparse / "huge.fits").open("wb") as file:
        file.truncate(5 << 30)
    process = psutil.Process(server.process.pid)
    where = urlsplit(server.url)
    get(address(server, "lab/night/big.fits"), headers=BEARER)
    before = process.memory_info().rss
    readers = []
    for path in ("lab/sparse/huge.fits", "lab/sparse"):
        reader = socket.create_connection((where.hostname or "", where.port or 80))
        token = BEARER["Authorization"]
        reader.sendall(f"GET /api/download/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n".encode())
        head = reader.recv(100)
        assert head.startswith(b"HTTP/1.1 200")
        readers.append(reader)
    for _ in range(20):
        assert get(f"{server.url}api/files/lab", headers=BEARER).status_code == 200
    assert process.memory_info().rss - before < 12 << 20
    for reader in readers:
        reader.close()
    # Their archives are given up, so that there is room for others: there are eight.
    for _ in range(10):
        part = socket.create_connection((where.hostname or "", where.port or 80))
        part.sendall(f"GET /api/download/lab/sparse HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n".encode())
        assert part.recv(100).startswith(b"HTTP/1.1 200")
        part.close()
    eventually(lambda: get(address(server, "lab/night"), headers=BEARER).status_code == 200)


def test_a_file_that_changes_is_not_sent_as_one(server: Served) -> None:
    changing = server.folder / "lab" / "changing"
    with changing.open("wb") as file:
        file.truncate(200 << 20)
    where = urlsplit(server.url)
    with socket.create_connection((where.hostname or "", where.port or 80), timeout=30) as reader:
        token = BEARER["Authorization"]
        reader.sendall(f"GET /api/download/lab/changing HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n".encode())
        came = len(reader.recv(1000))
        changing.write_bytes(b"other")
        while more := reader.recv(1 << 20):
            came += len(more)
    assert came < 200 << 20


def kill_sessions(server: Served) -> None:
    """Kill what serves windows and scripts: every process without children of its own."""
    for process in server.children():
        if not process.children():
            process.kill()


def test_the_client_goes_on_after_losses(server: Served, tmp_path: Path) -> None:
    source = tmp_path / "source.fits"
    source.write_bytes(CONTENT * 10)
    killed: list[int] = []

    def kill_once(done: int, total: int) -> None:
        if not killed and done > total // 2:
            killed.append(done)
            kill_sessions(server)

    with Client(server.url, token=TOKEN) as client:
        path = client.upload(source, "data/up/", parents=True, on_progress=kill_once)
        assert path == "data/up/source.fits"
        assert (server.folder / "data" / "up" / "source.fits").read_bytes() == CONTENT * 10
        with pytest.raises(AlreadyExists):
            client.upload(source, path)
        with pytest.raises(Forbidden):
            client.upload(source, "lab/x")
        killed.clear()
        came = client.download(path, tmp_path / "came.fits", on_progress=kill_once)
        assert killed
        assert came.read_bytes() == CONTENT * 10
        assert client.download("data/up", tmp_path) == tmp_path / "up.zip"
        assert zipfile.ZipFile(tmp_path / "up.zip").read("up/source.fits") == CONTENT * 10
        with pytest.raises(AlreadyExists):
            client.download("data/up", tmp_path)
        with pytest.raises(NotFound):
            client.download("data/nothing", tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["came.fits", "source.fits", "up.zip"]

"""Resumable uploads through the real server: what is acknowledged is on the disk, whole or not at all."""

import base64
import contextlib
import hashlib
import os
import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from tests.web.harness import PATIENCE, Served, client, served
from tests.web.test_accounts import PASSWORD, cookie_of, done
from tests.web.test_shares import eventually, wait_for_names
from tests.web.tus import PATCHING, TUS, Tus, sha256
from toyz_web.auth import user_name

CONTENT = os.urandom(1 << 20) * 3
LIMITS = "[limits]\nuploads_finished = 100_000_000\nuploads_unfinished = 20_000_000\nupload = 50_000_000\n"


def with_shares(folder: Path) -> str:
    """Make two shares to write and one to look at."""
    for name in ("lab", "archive", "fixed"):
        (folder / name).mkdir()
    written = "".join(f'{name} = {{path = "{folder}/{name}", write = true}}\n' for name in ("lab", "archive"))
    return f'{LIMITS}[shares]\n{written}fixed = "{folder}/fixed"\n'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("uploads")
    toml = with_shares(folder)
    with served(folder, "--base-url", "/toyz/", toml=toml) as running:
        yield running


@pytest.fixture
def lab(server: Served) -> Path:
    return server.folder / "lab"


@pytest.fixture
def tus(server: Served) -> Tus:
    return Tus(server)


def hidden(folder: Path) -> list[str]:
    """Parts of uploads that lie in a folder."""
    return [name for name in os.listdir(folder) if name.startswith(".toyz-upload-")]


def test_what_the_server_can_do(tus: Tus) -> None:
    answer = tus.send("OPTIONS", "/toyz/api/uploads", {})
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Max-Size"] == "50000000"
    assert "creation" in answer.headers["Tus-Extension"]
    refused = tus.send("POST", "/toyz/api/uploads", {"Tus-Resumable": "0.2.2"})
    assert (refused.status_code, refused.headers["Tus-Version"]) == (412, "1.0.0")


def test_an_upload_in_pieces(tus: Tus, lab: Path) -> None:
    url = tus.begin("lab/new/deep/a (1).fits", len(CONTENT), sha256=sha256(CONTENT), parents="1")
    assert url.startswith("/toyz/api/uploads/")
    assert tus.offset(url) == 0
    (listed,) = tus.send("GET", "/toyz/api/uploads", {}).json()
    assert (listed["url"], listed["path"], listed["length"]) == (url, "lab/new/deep/a (1).fits", len(CONTENT))
    first = tus.patch(url, 0, CONTENT[:1_000_000])
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "1000000")
    assert tus.patch(url, 0, b"again").status_code == 409
    assert len(hidden(lab / "new" / "deep")) == 1
    # Without a length, in chunks.
    rest = (CONTENT[at : at + 700_000] for at in range(1_000_000, len(CONTENT), 700_000))
    assert tus.patch(url, 1_000_000, rest).headers["Upload-Offset"] == str(len(CONTENT))
    assert os.listdir(lab / "new" / "deep") == ["a (1).fits"]
    assert (lab / "new" / "deep" / "a (1).fits").read_bytes() == CONTENT
    # Its answer was lost, the client asks again; and nobody else can.
    assert tus.offset(url) == len(CONTENT)
    assert tus.send("DELETE", url, TUS).status_code == 409
    assert tus.send("GET", "/toyz/api/uploads", {}).json() == []


def test_an_empty_file(tus: Tus, lab: Path) -> None:
    assert tus.create("lab/empty", 0, sha256=sha256(b"")).status_code == 201
    assert (lab / "empty").read_bytes() == b""


def test_wrong_checksums(tus: Tus, lab: Path) -> None:
    wrong = tus.upload("lab/spoiled.fits", CONTENT, sha256=sha256(b"other"))
    assert (wrong.status_code, wrong.json()["code"]) == (460, "wrong_checksum")
    assert not (lab / "spoiled.fits").exists()
    assert hidden(lab) == []
    url = tus.begin("lab/spoiled.fits", len(CONTENT))
    right = base64.b64encode(hashlib.sha1(CONTENT, usedforsecurity=False).digest()).decode()
    spoiled = tus.patch(url, 0, CONTENT[:-1] + b"?", **{"Upload-Checksum": f"sha1 {right}"})
    assert spoiled.status_code == 460
    assert tus.offset(url) == 0
    assert tus.patch(url, 0, CONTENT, **{"Upload-Checksum": f"sha1 {right}"}).status_code == 204
    assert (lab / "spoiled.fits").read_bytes() == CONTENT


def test_of_two_with_one_name_the_first_stays(tus: Tus, lab: Path) -> None:
    first, second = (tus.begin("lab/twice", 5) for _ in range(2))
    assert tus.patch(first, 0, b"first").status_code == 204
    refused = tus.patch(second, 0, b"other")
    assert (refused.status_code, refused.json()["code"]) == (409, "already_exists")
    assert tus.send("HEAD", second, TUS).status_code == 404
    assert tus.create("lab/twice", 5).status_code == 409
    assert (lab / "twice").read_bytes() == b"first"
    assert tus.upload("lab/twice", b"third", overwrite="1").status_code == 204
    assert (lab / "twice").read_bytes() == b"third"
    assert hidden(lab) == []
    with tus.server.window() as window:
        (kept,) = window.call("t", "files", "trash", share="lab")
        assert kept["path"] == "lab/twice"
        assert window.call("r", "files", "restore", share="lab", id=kept["id"], to="lab/first") == "lab/first"
    assert (lab / "first").read_bytes() == b"first"


def test_what_was_whole_when_all_was_killed_is_finished_by_whoever_asks(tus: Tus, lab: Path) -> None:
    before = set(hidden(lab))
    url = tus.begin("lab/whole", 6, sha256=sha256(b"abcdef"))
    (part,) = set(hidden(lab)) - before
    # As if the last piece had been written, and nobody had lived to do the rest.
    (lab / part).write_bytes(b"abcdef")
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(tus.offset, [url] * 4)) == [6] * 4
    assert (lab / "whole").read_bytes() == b"abcdef"


def test_where_nothing_may_be_uploaded(tus: Tus) -> None:
    codes = {
        "fixed/a": 403,
        "nothing/a": 404,
        "lab/../a": 404,
        "lab/no folder/a": 404,
        "lab": 400,
        "lab/a\u202eb": 400,
        "lab/.toyz-x": 404,
    }
    for path, code in codes.items():
        answer = tus.create(path, 10)
        assert (path, answer.status_code) == (path, code)
        assert str(tus.server.folder) not in answer.text
    assert hidden(tus.server.folder / "fixed") == []


def test_requests_that_make_no_sense(tus: Tus) -> None:
    url = tus.begin("lab/sense", 10)
    for headers, code in (
        ({"Upload-Offset": "-1"}, 400),
        ({"Upload-Offset": "x"}, 400),
        ({"Upload-Checksum": "md5 x"}, 400),
        ({"Content-Type": "text/plain"}, 415),
        ({"Tus-Resumable": "2"}, 412),
        ({"Upload-Offset": "3"}, 409),
    ):
        answer = tus.patch(url, 0, b"x" * 3, **headers)
        assert (headers, answer.status_code) == (headers, code)
    for length in ("-1", "1e3", "9" * 19, ""):
        headers = {**TUS, "Upload-Length": length, "Upload-Metadata": "path bGFiL3g="}
        assert tus.send("POST", "/toyz/api/uploads", headers).status_code == 400
    headers = {**TUS, "Upload-Length": "5"}
    for given in ("", "path", "path !", "path /w=="):
        assert tus.send("POST", "/toyz/api/uploads", {**headers, "Upload-Metadata": given}).status_code == 400
    assert tus.offset(url) == 0
    assert tus.send("DELETE", url, TUS).status_code == 204
    assert tus.send("HEAD", url, TUS).status_code == 404


def test_a_session_that_is_killed_costs_only_what_was_on_its_way(tus: Tus, lab: Path) -> None:
    url = tus.begin("lab/killed.fits", len(CONTENT), sha256=sha256(CONTENT))
    assert tus.patch(url, 0, CONTENT[:1_000_000]).status_code == 204
    with tus.half(url, len(CONTENT) - 1_000_000, CONTENT[1_000_000:2_000_000], 1_000_000):
        eventually(lambda: (lab / hidden(lab)[0]).stat().st_size > 1_000_000)
        for process in tus.server.children():
            if "fork server" not in " ".join(process.cmdline()) and process.children() == []:
                process.kill()
        offset = 0

        def resumed() -> bool:
            nonlocal offset
            answer = tus.send("HEAD", url, TUS)
            offset = int(answer.headers.get("Upload-Offset", 0))
            return answer.status_code == 200

        eventually(resumed)
    assert 1_000_000 < offset <= 2_000_000
    assert tus.patch(url, offset, CONTENT[offset:]).status_code == 204
    assert (lab / "killed.fits").read_bytes() == CONTENT


def test_a_client_that_comes_back_cuts_its_old_connection_off(tus: Tus, lab: Path) -> None:
    url = tus.begin("lab/back.fits", len(CONTENT))
    with tus.half(url, len(CONTENT), CONTENT[:1_500_000]) as old:
        eventually(lambda: (lab / hidden(lab)[0]).stat().st_size > 1_000_000)
        offset = tus.offset(url)
        assert 1_000_000 < offset <= 1_500_000
        with contextlib.suppress(ConnectionResetError):  # what had not been read by then is thrown away
            assert old.recv(1000) == b""
    assert tus.patch(url, offset, CONTENT[offset:]).status_code == 204
    assert (lab / "back.fits").read_bytes() == CONTENT


def test_uploads_follow_a_folder_that_is_moved(tus: Tus, lab: Path) -> None:
    (lab / "before").mkdir()
    url = tus.begin("lab/before/a", 6)
    assert tus.patch(url, 0, b"abc").status_code == 204
    with tus.server.window() as window:
        window.call("m", "files", "rename", path="lab/before", name="after")
    eventually(lambda: tus.send("HEAD", url, TUS).headers.get("Upload-Offset") == "3")
    assert tus.patch(url, 3, b"def").status_code == 204
    assert (lab / "after" / "a").read_bytes() == b"abcdef"


def signed_in(server: Served, name: str) -> tuple[Tus, Tus]:
    """Add a user who may write, and give it as a page's cookie and as a token for scripts."""
    done(server.folder, "user", "add", name, "--password-stdin", given=PASSWORD + "\n")
    done(server.folder, "share", "grant", "lab", name, "--write")
    where = urlsplit(server.url)
    cookie = {**cookie_of(server, name), "Origin": f"{where.scheme}://{where.netloc}"}
    with server.window(headers=cookie) as window:
        tokens = {
            scope: window.call(scope, "account", "create_token", name=scope, scope=scope) for scope in ("read", "write")
        }
    refused = Tus(server, {"Authorization": f"Bearer {tokens['read']}"}).create("lab/x", 1)
    assert refused.status_code == 403
    return Tus(server, cookie), Tus(server, {"Authorization": f"Bearer {tokens['write']}"})


def test_an_upload_is_its_users_own_and_ends_with_the_grant(server: Served, tus: Tus, lab: Path) -> None:
    page, ada = signed_in(server, "ada")
    _, bob = signed_in(server, "bob")
    eventually(lambda: ada.create("lab/ada first", 1).status_code == 201)
    # A cookie alone is not enough for what changes anything.
    assert page.create("lab/ada", 10).status_code == 403
    url = ada.begin("lab/ada.fits", len(CONTENT))
    assert bob.send("HEAD", url, TUS).status_code == 404
    assert bob.patch(url, 0, b"x").status_code == tus.send("DELETE", url, TUS).status_code == 404
    with ada.half(url, len(CONTENT), CONTENT[:1_000_000]) as connection:
        eventually(lambda: any((lab / name).stat().st_size > 500_000 for name in hidden(lab)))
        done(server.folder, "share", "withdraw", "lab", "ada")
        connection.sendall(CONTENT[1_000_000:2_000_000])
        eventually(lambda: ada.send("HEAD", url, TUS).status_code == 403)
        assert ada.patch(url, 0, b"x").status_code == 403
    assert ada.create("lab/more", 1).status_code == 404
    assert not (lab / "ada.fits").exists()


def test_quotas(server: Served, tus: Tus, lab: Path) -> None:
    _, eve = signed_in(server, "eve")
    eventually(lambda: eve.create("lab/eve first", 1).status_code == 201)
    answer = eve.create("lab/too large", 50_000_001)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    url = eve.begin("lab/half", 12_000_000)
    answer = eve.create("lab/more", 12_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "over_quota")
    assert eve.send("DELETE", url, TUS).status_code == 204
    done(server.folder, "user", "quota", "eve", "--unfinished", "4M", "--finished", "6M")
    assert eve.upload("lab/eve 1", CONTENT).status_code == 204
    assert eve.create("lab/eve 2", len(CONTENT)).status_code == 413
    # What is in the trash counts, what is gone for good does not; wherever it was moved to.
    with server.window(headers=eve.headers) as window:
        window.call("1", "files", "rename", path="lab/eve 1", name="eve renamed")
        lies = window.call("2", "files", "delete", path="lab/eve renamed")
        assert eve.create("lab/eve 2", len(CONTENT)).status_code == 413
        window.call("3", "files", "empty_trash", share="lab", ids=[lies])
    eventually(lambda: eve.create("lab/eve 2", len(CONTENT)).status_code == 201)
    done(server.folder, "user", "quota", "eve", "--default")
    assert eve.upload("lab/eve 3", CONTENT).status_code == 204
    # Somebody on the machine removed it: it is looked for when it matters.
    done(server.folder, "user", "quota", "eve", "--unfinished", "90M", "--finished", "7M")
    (lab / "eve 3").unlink()
    assert eve.upload("lab/eve 4", CONTENT).status_code == 204


def test_what_is_moved_to_another_share_still_counts(server: Served, tus: Tus, lab: Path) -> None:
    assert tus.upload("lab/for the archive", CONTENT).status_code == 204
    with server.window() as window:
        window.call("move", "files", "move", path="lab/for the archive", to="archive/kept")
        assert window.error("look", "files", "move", path="archive/kept", to="fixed/kept")["code"] == "forbidden"
        used = window.call("used", "admin", "quotas")["used"][user_name()]
        window.call("delete", "files", "delete", path="archive/kept")
        window.call("empty", "files", "empty_trash", share="archive")
        eventually(
            lambda: (
                window.call(f"{time.monotonic()}", "admin", "quotas")["used"][user_name()]["finished"]
                == used["finished"] - len(CONTENT)
            )
        )
    assert not (lab / "for the archive").exists()


def test_no_other_way_to_a_file_hides_it_from_the_quota(server: Served, tus: Tus, lab: Path) -> None:
    """U2: neither another spelling of its name nor a link to its folder."""
    (lab / "link").symlink_to("real")
    (lab / "real").mkdir()

    def used() -> int:
        with server.window() as window:
            total: int = window.call("used", "admin", "quotas")["used"][user_name()]["finished"]
            return total

    before = used()
    assert tus.upload("lab/link/é 1", CONTENT).status_code == 204
    escaped = "".join(chr(0x10FE00 + byte) if byte > 127 else chr(byte) for byte in "é 1".encode())
    with server.window() as window:
        assert window.error("spelt", "files", "move", path=f"lab/real/{escaped}", to="lab/gone")["code"] == "not_found"
        window.call("linked", "files", "move", path="lab/link/é 1", to="lab/link/é 2")
        window.call("real", "files", "move", path="lab/real/é 2", to="lab/é 3")
        lies = window.call("delete", "files", "delete", path="lab/é 3")
        assert used() == before + len(CONTENT)
        window.call("gone", "files", "empty_trash", share="lab", ids=[lies])
    eventually(lambda: used() == before)


def test_more_than_was_announced_gives_the_upload_up(tus: Tus, lab: Path) -> None:
    before = hidden(lab)
    for number, data in enumerate((CONTENT, iter([CONTENT[:500_000], CONTENT]))):
        url = tus.begin(f"lab/excess {number}", 600_000)
        answer = tus.patch(url, 0, data)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert tus.send("HEAD", url, TUS).status_code == 404
    assert hidden(lab) == before
    assert not list(lab.glob("excess*"))


def test_who_has_the_name_of_a_former_user_has_nothing_of_that_trash(server: Served, lab: Path) -> None:
    (lab / "former").write_text("x")
    for times in range(2):
        done(server.folder, "user", "add", "gone", "--password-stdin", given=PASSWORD + "\n")
        done(server.folder, "share", "grant", "lab", "gone", "--write")
        headers = cookie_of(server, "gone")
        wait_for_names(server, headers, ["lab"])
        with server.window(headers=headers) as window:
            assert window.call("t", "files", "trash", share="lab") == []
            if not times:
                window.call("d", "files", "delete", path="lab/former")
                assert len(window.call("own", "files", "trash", share="lab")) == 1
        done(server.folder, "user", "delete", "gone", "--yes")


def test_who_has_the_name_of_a_former_user_has_nothing_of_those_uploads(server: Served, lab: Path) -> None:
    _, former = signed_in(server, "dora")
    eventually(lambda: former.create("lab/dora first", 1).status_code == 201)
    url = former.begin("lab/private.fits", 10)
    assert former.patch(url, 0, b"12345").status_code == 204
    done(server.folder, "user", "delete", "dora", "--yes")
    _, other = signed_in(server, "dora")
    eventually(lambda: other.create("lab/dora's own", 1).status_code == 201)
    listed = other.send("GET", f"{urlsplit(server.url).path}api/uploads", TUS).json()
    assert [each["path"] for each in listed] == ["lab/dora's own"]
    assert other.send("HEAD", url, TUS).status_code == 404
    assert other.patch(url, 5, b"67890").status_code == 404
    assert not (lab / "private.fits").exists()


@pytest.mark.row("A2")
@pytest.mark.parametrize("end", ["sign out elsewhere", "password", "token"])
def test_what_is_on_its_way_ends_with_what_let_it_in(server: Served, lab: Path, end: str) -> None:
    name = f"ona{end[0]}"
    page, script = signed_in(server, name)
    eventually(lambda: script.create(f"lab/{name} first", 1).status_code == 201)
    (lab / f"large {name}").write_bytes(os.urandom(1 << 20) * 64)
    url = script.begin(f"lab/{name}.fits", len(CONTENT))
    where = urlsplit(server.url)
    assert where.hostname is not None
    with (
        script.half(url, len(CONTENT), CONTENT[:1_000_000]) as upload,
        socket.create_connection((where.hostname, where.port or 80), timeout=PATIENCE) as download,
    ):
        headers = {**(script if end == "token" else page).headers, "Host": where.netloc}
        lines = "".join(f"{header}: {value}\r\n" for header, value in headers.items())
        download.sendall(f"GET {where.path}api/download/lab/large%20{name} HTTP/1.1\r\n{lines}\r\n".encode())
        assert download.recv(15).startswith(b"HTTP/1.1 200")
        eventually(lambda: any((lab / part).stat().st_size > 500_000 for part in hidden(lab)))
        if end == "password":
            done(server.folder, "user", "passwd", name, "--password-stdin", given="another long one\n")
        else:
            with server.window(headers=cookie_of(server, name)) as window:
                if end == "token":
                    window.call("t", "account", "end_token", name="write")
                else:
                    window.call("o", "account", "end_other_logins")
        assert _is_cut(download)
        if end == "token":
            assert _is_cut(upload)
            assert not (lab / f"{name}.fits").exists()


def _is_cut(connection: socket.socket) -> bool:
    """Read what there is still; whether the server closes before all has come."""
    read = 0
    try:
        while piece := connection.recv(1 << 20):
            read += len(piece)
    except ConnectionResetError:
        return True
    return read < 60 << 20


def test_a_link_is_not_replaced_and_is_refused_at_once(tus: Tus, lab: Path) -> None:
    (lab / "link.fits").symlink_to("/etc/hostname")
    for length in (0, 5):
        assert tus.create("lab/link.fits", length, overwrite="1").status_code == 415
    # It came meanwhile.
    url = tus.begin("lab/late.fits", 5, overwrite="1")
    (lab / "late.fits").symlink_to("/etc/hostname")
    assert tus.patch(url, 0, b"12345").status_code == 415
    assert tus.send("HEAD", url, TUS).status_code == 404, "it is given up"
    assert (lab / "late.fits").is_symlink()


def test_an_upload_whose_folder_is_in_the_trash_says_so_and_goes_on_when_it_is_back(tus: Tus, lab: Path) -> None:
    (lab / "thrown").mkdir()
    url = tus.begin("lab/thrown/a.fits", 6)
    assert tus.patch(url, 0, b"abc").status_code == 204
    with tus.server.window() as window:
        trashed = window.call("d", "files", "delete", path="lab/thrown")
        eventually(lambda: tus.send("HEAD", url, TUS).status_code == 409)
        refused = tus.patch(url, 3, b"def")
        assert (refused.status_code, "in the trash" in refused.text) == (409, True)
        window.call("r", "files", "restore", share="lab", id=trashed)
    eventually(lambda: tus.send("HEAD", url, TUS).status_code == 200)
    assert tus.patch(url, 3, b"def").status_code == 204
    assert (lab / "thrown" / "a.fits").read_bytes() == b"abcdef"


def test_a_connection_that_goes_no_further_is_told_to_be_closed(tus: Tus) -> None:
    url = tus.begin("lab/refused", 5)
    with client(tus.server.url, headers=tus.headers) as somebody:
        address = httpx.URL(tus.server.url).join(url)
        refused = somebody.patch(address, headers={**PATCHING, "Upload-Offset": "3"}, content=b"x")
        assert (refused.status_code, refused.headers["connection"]) == (409, "close")
        # Over a new connection, as the client was told.
        assert somebody.head(address, headers=TUS).headers["Upload-Offset"] == "0"


def test_what_was_done_is_in_the_audit_log(tus: Tus) -> None:
    tus.upload("lab/audited", b"abc")
    with tus.server.window() as window:
        window.call("d", "files", "delete", path="lab/audited")
        assert tus.send("GET", "/toyz/api/download/lab/twice", {}).status_code == 200

        def actions() -> set[tuple[str, str]]:
            entries = window.call(f"a{len(window.seen)}", "admin", "audit", limit=50)
            return {(entry["action"], entry["subject"]) for entry in entries}

        wanted = {("upload", "lab/audited"), ("delete", "lab/audited"), ("download", "lab/twice")}
        eventually(lambda: wanted <= actions())


def test_the_server_stays_as_it_is_while_much_comes(tus: Tus, lab: Path) -> None:
    server = psutil.Process(tus.server.process.pid)
    url = tus.begin("lab/much", 19_000_000)
    assert tus.patch(url, 0, CONTENT).status_code == 204
    before = server.memory_info().rss
    most = 0

    def pieces() -> Iterator[bytes]:
        nonlocal most
        for _ in range(5):
            yield CONTENT
            most = max(most, server.memory_info().rss)

    assert tus.patch(url, len(CONTENT), pieces()).status_code == 204
    assert most - before < 8 << 20
    tus.send("DELETE", url, TUS)


def test_a_killed_server_resumes_and_what_expired_is_swept(tmp_path: Path) -> None:
    lab, sky = tmp_path / "lab", tmp_path / "sky"
    sky.mkdir()
    toml = with_shares(tmp_path)
    with served(tmp_path, share=sky, toml=toml) as running:
        tus = Tus(running)
        left = tus.begin("lab/left", 100)
        (part,) = hidden(lab)
        url = tus.begin("lab/a.fits", len(CONTENT), sha256=sha256(CONTENT))
        (other,) = set(hidden(lab)) - {part}
        assert tus.patch(url, 0, CONTENT[:1_000_000]).status_code == 204
        with tus.half(url, len(CONTENT) - 1_000_000, CONTENT[1_000_000:2_000_000], 1_000_000):
            eventually(lambda: (lab / other).stat().st_size > 1_000_000)
            running.process.send_signal(signal.SIGKILL)
            running.process.wait()
        assert not (lab / "a.fits").exists()
    with sqlite3.connect(tmp_path / "state" / "toyz.sqlite") as database:
        database.execute("update uploads set expires = 1 where path = 'lab/left'")
    database.close()
    with served(tmp_path, share=sky, toml=toml.replace("[limits]", "[limits]\nupload_expiry = 1.0")) as running:
        tus = Tus(running)
        offset = tus.offset(url)
        assert 1_000_000 < offset <= 2_000_000
        assert tus.patch(url, offset, CONTENT[offset:]).status_code == 204
        assert (lab / "a.fits").read_bytes() == CONTENT
        eventually(lambda: hidden(lab) == [])
        assert tus.send("HEAD", left, TUS).status_code == 404
        tus.begin("lab/short", 100)
        assert len(hidden(lab)) == 1
        eventually(lambda: hidden(lab) == [])
    assert os.listdir(lab) == ["a.fits"]

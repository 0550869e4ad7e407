"""Hostile uploads and downloads through a real server: rows F13, P3, P5, P9, P12, M1, U1, U2, X1 and X4."""

import io
import os
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.web.harness import BEARER, Served, get, served
from tests.web.test_shares import eventually
from tests.web.tus import TUS, Tus
from toyz_web.auth import user_name
from toyz_web.store.uploads import MOST

LIMITS = """[limits]
body_time = 1.0
upload_expiry = 3.0
uploads_unfinished = 1_000_000
uploads_finished = 9_000_000
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a share that may be written, with little patience and room."""
    folder: Path = tmp_path_factory.mktemp("uploads")
    (folder / "lab").mkdir()
    with served(folder, toml=f'{LIMITS}[shares]\nlab = {{path = "{folder}/lab", write = true}}\n') as running:
        yield running


@pytest.fixture
def tus(lab: Served) -> Tus:
    return Tus(lab)


NAMES = ["a.fits(out.fits)", "a[1].fits", "!a.fits", "a b'c\"d.fits", "-rf", "a;rm x", "$(id)", "%2e%2e", "CON", "a\\b"]


@pytest.mark.parametrize("name", NAMES)
def test_p3_an_uploads_name_is_just_a_name(lab: Served, tus: Tus, name: str) -> None:
    before = set(os.listdir(lab.folder / "lab"))
    assert tus.upload(f"lab/{name}", b"not a picture").status_code == 204
    assert set(os.listdir(lab.folder / "lab")) - before == {name}
    assert (lab.folder / "lab" / name).read_bytes() == b"not a picture"
    opened = get(f"{lab.url}api/images/lab/{quote(name)}", headers=BEARER)
    assert opened.status_code in (415, 422)
    assert get(f"{lab.url}api/download/lab/{quote(name)}", headers=BEARER).content == b"not a picture"
    assert set(os.listdir(lab.folder / "lab")) - before == {name}


WAYS = ["lab/../x", "../x", "/etc/x", "lab//x", "lab/./x", "lab/sub/../../x", "lab/a\0b", "lab/", "http://x/y", "~/x"]
ODD = ["lab/" + "x" * 5000, "lab/" + "x" * 256, "lab/a\u202egnp.fits", "lab/\u2066x", "lab/a\r\nb", "lab/\U0010fe80"]
ODD += ["lab/k\x07\u202e\n/f", "lab/new/\u2066x/f", "lab/new/" + "x" * 256 + "/f", "lab/" + "y/" * 2000 + "f"]


@pytest.mark.parametrize("path", [*WAYS, *ODD])
def test_p5_p12_no_upload_leads_elsewhere(lab: Served, tus: Tus, path: str) -> None:
    before = sorted(str(each) for each in lab.folder.rglob("*") if not {"state", "cache"} & {*each.parts})
    answer = tus.create(path, 1, overwrite="1", parents="1")
    assert answer.status_code in (400, 404)
    assert str(lab.folder) not in answer.text
    assert sorted(str(each) for each in lab.folder.rglob("*") if not {"state", "cache"} & {*each.parts}) == before


def test_p9_nothing_is_put_in_the_place_of_devices_and_links(lab: Served, tus: Tus) -> None:
    folder = lab.folder / "lab"
    os.mkfifo(folder / "pipe")
    (folder / "out").symlink_to(lab.folder / "secret")
    (lab.folder / "secret").write_text("s")
    for name in ("pipe", "out"):
        assert tus.create(f"lab/{name}", 1, overwrite="1").status_code == 415
        late = tus.begin(f"lab/late {name}", 1, overwrite="1")
        (folder / name).rename(folder / f"late {name}")
        assert tus.patch(late, 0, b"x").status_code == 415
        (folder / f"late {name}").rename(folder / name)
    assert (lab.folder / "secret").read_text() == "s"
    assert tus.create("lab/out/x", 1).status_code == 404


def test_m1_the_pieces_of_transfers_are_nobodys_to_call(lab: Served) -> None:
    with lab.window() as window:
        for task in ("read", "write", "commit", "pack"):
            assert window.error(task, "transfers", task, path="lab/x")["code"] == "unknown_task"


def test_u1_nothing_in_an_archive_leads_out_of_it(lab: Served) -> None:
    folder = lab.folder / "lab" / "slip"
    folder.mkdir()
    for name in ("..\\..\\evil", "C:\\evil", "a\u202eb", " .. "):
        (folder / name).write_text("x")
    (folder / "etc").symlink_to("/etc")
    answer = get(f"{lab.url}api/download/lab/slip", headers=BEARER)
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert len(names) == 6
    for name in names:
        assert name.startswith("slip/")
        assert not {"..", "", "."} & set(name.rstrip("/").split("/"))
        assert not set(name) & set("\\:\u202e")
    # What is uploaded is never unpacked.
    evil = io.BytesIO()
    with zipfile.ZipFile(evil, "w") as archive:
        archive.writestr("../../evil", "x")
    assert Tus(lab).upload("lab/slip/evil.zip", evil.getvalue()).status_code == 204
    assert not list(lab.folder.rglob("evil"))


def test_u2_many_small_ones(lab: Served, tus: Tus) -> None:
    database = sqlite3.connect(lab.folder / "state" / "toyz.sqlite")
    columns = "id, user, path, length, sha256, overwrite, created, expires, state, inode"
    rows = [(f"{number:032}", user_name(), "lab/x", 0, "", 0, 0.0, 1e12, "open", "") for number in range(MOST)]
    with database:
        database.executemany(f"insert into uploads ({columns}) values ({', '.join('?' * 10)})", rows)
    try:
        refused = tus.create("lab/one more", 1)
        assert (refused.status_code, refused.json()["code"]) == (413, "over_quota")
    finally:
        with database:
            database.execute("delete from uploads where path = 'lab/x'")
        database.close()
    assert tus.send("DELETE", tus.begin("lab/one more", 1), TUS).status_code == 204


def test_u2_over_quota_lying_lengths_and_stopping_midway(lab: Served, tus: Tus) -> None:
    folder = lab.folder / "lab"

    def parts() -> list[str]:
        return [name for name in os.listdir(folder) if name.startswith(".toyz-upload-")]

    eventually(lambda: parts() == [])
    assert tus.create("lab/u2", 1_000_001).json()["code"] == "over_quota"
    assert parts() == []
    url = tus.begin("lab/u2", 600_000)
    # More than was announced: by the header, and without one.
    assert tus.patch(url, 0, b"x" * 700_000).status_code == 413
    assert parts() == []
    url = tus.begin("lab/u2", 600_000)
    assert tus.patch(url, 0, iter([b"x" * 700_000])).status_code == 413
    assert parts() == []
    # A header that promises what does not come: the connection is closed, and nobody goes on.
    url = tus.begin("lab/u2", 600_000)
    with tus.half(url, 600_000, b"x" * 100_000) as connection:
        assert connection.recv(100) == b""
    assert tus.send("HEAD", url, TUS).headers["Upload-Offset"] == "100000"
    eventually(lambda: parts() == [])
    assert tus.send("HEAD", url, TUS).status_code == 404
    assert not (folder / "u2").exists()
    with lab.window() as window:
        assert window.call("well", "files", "list", path="lab")["writable"]


PAGES = {"page.html": b"<script>alert(1)</script>", "drawing.svg": b"<svg onload='alert(1)'/>", "page.xht": b"<html/>"}


@pytest.mark.parametrize("name", PAGES)
def test_x4_pages_of_users_are_saved_and_never_shown(lab: Served, tus: Tus, name: str) -> None:
    assert tus.upload(f"lab/{name}", PAGES[name]).status_code == 204
    answer = get(f"{lab.url}api/download/lab/{name}", headers=BEARER)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(ps.log) (w) file (ran) writestring\nshowpage\n"


@pytest.mark.parametrize("name", ["a.eps", "a.ps", "a.png", "a.jpg", "a.tiff"])
def test_f13_postscript_is_a_file_and_no_picture(lab: Served, tus: Tus, name: str) -> None:
    assert tus.upload(f"lab/{name}", EPS).status_code == 204
    answer = get(f"{lab.url}api/images/lab/{name}", headers=BEARER)
    assert answer.status_code in (415, 422)
    assert not any(process.name() == "gs" or "ghostscript" in process.name() for process in lab.children())
    assert not list(lab.folder.rglob("ps.log"))

"""Hostile paths, rows P1 to P13 of the abuse corpus: each a typed error that names no path of the server."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from toyz.errors import NotFound, ToyzError, UnsupportedFile
from toyz_sessions import folder as folders
from toyz_sessions.files import Shares
from toyz_sessions.messages import Grant


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "f.fits").write_bytes(b"f" * 2880)
    (tmp_path / "data-secret").mkdir()
    (tmp_path / "data-secret" / "s").write_text("secret")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "toyz.sqlite").write_text("secret")
    return folder


@pytest.fixture
def shares(data: Path) -> Iterator[Shares]:
    cache = data.parent / "cache"
    cache.mkdir()
    made = Shares([Grant("data", str(data), str(cache))])
    yield made
    made.close()


def refused(shares: Shares, path: str, kind: type[ToyzError] = NotFound) -> None:
    """Every way in is refused, with an error that tells nothing of the server."""
    root = str(shares.grants["data"].path)
    for way in (shares.open, shares.list, shares.stat):
        with pytest.raises(kind) as caught:
            way(path)
        assert root not in caught.value.message
        assert len(caught.value.message) < 300


BRACKETS = ["f.fits[b100]", "f.fits[1]", "f.fits[col @f]", "f.fits[0][1:10,1:10]", "f.fits+1"]


@pytest.mark.parametrize("name", BRACKETS)
def test_p1_bracket_syntax_is_just_a_name(shares: Shares, data: Path, name: str) -> None:
    refused(shares, f"data/{name}")
    (data / name).write_text("it")
    opened = shares.open(f"data/{name}")
    assert opened.pread(9, 0) == b"it"
    opened.close()


def test_p2_output_syntax_writes_nothing(shares: Shares, data: Path) -> None:
    before = sorted(os.listdir(data))
    for name in ("f.fits(out.fits)", "!f.fits", f"f.fits({data}/out.fits)"):
        with pytest.raises(NotFound):
            shares.open(f"data/{name}")
    assert sorted(os.listdir(data)) == before


@pytest.mark.parametrize("name", ["a.fits(out.fits)", "a[1].fits", "!a.fits", "a b'c\"d.fits", "-rf", "a;rm x", "a\\b"])
def test_p3_punctuation_in_names_is_harmless(shares: Shares, data: Path, name: str) -> None:
    (data / name).write_text("it")
    assert f"data/{name}" in [entry.path for entry in shares.list("data").entries]
    shares.open(f"data/{name}").close()
    assert not (data / "out.fits").exists()


WORDS = ["http://example.org/a.fits", "ftp://example.org/a", "shmem://h1", "file:///etc/passwd", "-", "~", "$HOME"]


@pytest.mark.parametrize("path", [*WORDS, *(f"data/{word}" for word in WORDS), "~root", "data/stdin://"])
def test_p4_urls_and_shell_words_mean_nothing(shares: Shares, path: str) -> None:
    refused(shares, path)


WAYS_UP = """
..|../etc/passwd|data/..|data/../data-secret/s|data/../../etc/passwd|data/f.fits/..|data/./f.fits|./data/f.fits|.
/etc/passwd|//etc/passwd|/|data/|data//f.fits|data/f.fits/|data/%2e%2e/data-secret/s|data/%252e%252e/data-secret/s
%2e%2e|data/..\\data-secret\\s|data\\f.fits|data/f.fits\0.png|\0|data/\0|data/\ud800
"""


@pytest.mark.parametrize("path", re.split(r"[|\n]", WAYS_UP.strip()))
def test_p5_no_way_up(shares: Shares, path: str) -> None:
    refused(shares, path)


@pytest.mark.parametrize("path", ["data-secret/s", "data-secret", "dat", "DATA/f.fits", "data /f.fits"])
def test_p6_sibling_folders_are_no_shares(shares: Shares, path: str) -> None:
    refused(shares, path)


@pytest.mark.parametrize("target", ["../data-secret/s", "/etc/passwd", "../../../../../../../../etc/passwd", "/"])
def test_p7_links_that_lead_out(shares: Shares, data: Path, target: str) -> None:
    (data / "link").symlink_to(target)
    refused(shares, "data/link")
    refused(shares, "data/link/x")
    (data / "sub").mkdir()
    (data / "sub" / "link").symlink_to("../link")
    refused(shares, "data/sub/link")
    kinds = {entry.name: entry.kind for entry in shares.list("data").entries}
    assert kinds["link"] == "other"


def test_p7_loops_of_links_end(shares: Shares, data: Path) -> None:
    (data / "one").symlink_to("two")
    (data / "two").symlink_to("one")
    refused(shares, "data/one")


SWAPPER = """
import os, sys
data, secret = sys.argv[1:]
os.chdir(data)
print("ready", flush=True)
while True:
    for target in ("real", secret):
        os.symlink(target, "next")
        os.replace("next", "a")
"""


def swap_race(shares: Shares, data: Path, tries: int) -> tuple[int, int]:
    """Open ``a/s`` while another process makes `a` a link to a folder inside and to one outside by turns.

    Goes on until both have been met fifty times and `tries` opens were made.
    """
    secret = data.parent / "data-secret"
    (data / "real").mkdir()
    (data / "real" / "s").write_text("inside")
    (data / "a").symlink_to("real")
    inside = refusals = 0
    with subprocess.Popen([sys.executable, "-c", SWAPPER, data, secret], stdout=subprocess.PIPE) as swapper:
        try:
            assert swapper.stdout is not None
            swapper.stdout.readline()
            while inside + refusals < tries or min(inside, refusals) < 50:
                try:
                    opened = shares.open("data/a/s")
                except NotFound:
                    refusals += 1
                    continue
                inside += 1
                assert opened.pread(10, 0) == b"inside"
                opened.close()
        finally:
            swapper.kill()
    return inside, refusals


def test_p8_swapped_links_never_lead_out(shares: Shares, data: Path) -> None:
    inside, refusals = swap_race(shares, data, 3000)
    assert inside + refusals >= 3000


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_p8_swapped_links_never_lead_out_at_length(shares: Shares, data: Path) -> None:
    inside, refusals = swap_race(shares, data, 100_000)
    assert inside + refusals >= 100_000


def test_p9_pipes_and_sockets_never_hang(shares: Shares, data: Path) -> None:
    os.mkfifo(data / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(data / "socket"))
        for name in ("pipe", "socket"):
            with pytest.raises(UnsupportedFile, match="a pipe or a device"):
                shares.open(f"data/{name}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser makes devices")
def test_p9_devices_are_refused(shares: Shares, data: Path) -> None:
    try:
        os.mknod(data / "zero", 0o20600, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("devices cannot be made here")
    with pytest.raises(UnsupportedFile):
        shares.open("data/zero")


@pytest.mark.parametrize("target", ["/proc/self/root", "/proc/self/cwd", "/proc/{process}/root"])
def test_p10_magic_links_are_not_followed(shares: Shares, data: Path, target: str) -> None:
    (data / "link").symlink_to(target.format(process=os.getpid()))
    refused(shares, "data/link")
    refused(shares, "data/link/etc/passwd")


def test_p10_a_share_of_proc_shows_no_root() -> None:
    shares = Shares([Grant("data", "/proc/self", "/nowhere")])
    refused(shares, "data/root/etc/passwd")
    refused(shares, "data/cwd/pyproject.toml")
    refused(shares, "data/fd/0")
    shares.close()


def test_p11_the_database_is_not_in_a_share(shares: Shares, data: Path) -> None:
    (data / "db").symlink_to(data.parent / "state" / "toyz.sqlite")
    (data / "relative").symlink_to("../state/toyz.sqlite")
    for path in ("state/toyz.sqlite", "data/../state/toyz.sqlite", "data/db", "data/relative"):
        refused(shares, path)


@pytest.mark.parametrize(
    "name",
    ["x" * 4096, "x" * 256, "/".join("y" * 2000), "\u202egnp.exe", "\ufeff", "\u0000", "é" * 300, "\U0010fe80" * 200],
)
def test_p12_odd_names_are_not_found(shares: Shares, name: str) -> None:
    refused(shares, f"data/{name}")


def test_p12_odd_names_that_exist_open(shares: Shares, data: Path) -> None:
    for raw in (b"\xff\xfe\xfd", "\u202egnp.exe".encode(), "é".encode(), b"\x01\x02", b"x" * 255):
        with open(os.path.join(os.fsencode(data), raw), "wb") as file:
            file.write(raw)
    listing = shares.list("data")
    assert listing.total == 6
    for entry in listing.entries:
        if entry.name != "f.fits":
            opened = shares.open(entry.path)
            assert opened.size > 0
            opened.close()


def test_p13_a_huge_folder_is_cut_and_paged(shares: Shares, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the bound lowered; the `soak` test below has the real one."""
    monkeypatch.setattr(folders, "MOST", 1000)
    for number in range(1200):
        (data / f"g{number}").touch()
    listing = shares.list("data", offset=990, limit=1000)
    assert listing.truncated
    assert (listing.total, len(listing.entries)) == (1000, 10)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_p13_a_million_entries(shares: Shares, data: Path) -> None:
    descriptor = os.open(data, os.O_RDONLY)
    for number in range(1_000_000):
        os.close(os.open(f"{number:07}", os.O_CREAT | os.O_WRONLY, dir_fd=descriptor))
    os.close(descriptor)
    listing = shares.list("data", offset=999_000, limit=1000)
    assert listing.truncated
    assert len(listing.entries) == 1000

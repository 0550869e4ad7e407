"""Shares: opening, listing, paging, odd names."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, strategies

from tests.sessions.rig import make_config
from toyz.errors import Forbidden, InvalidParameter, NotFound, UnsupportedFile
from toyz_sessions import folder as folders
from toyz_sessions import paths
from toyz_sessions.files import Shares, grants_of
from toyz_sessions.messages import Grant

NAMES = ["b.fits", "A.fits", "c.txt", ".hidden", "a10.fits.fz"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def shares(data: Path) -> Iterator[Shares]:
    cache = data.parent / "cache"
    cache.mkdir()
    made = Shares([Grant("data", str(data), str(cache)), Grant("open", str(data), str(cache), write=True)])
    yield made
    made.close()


def names(shares: Shares, path: str = "data", **query: object) -> list[str]:
    return [entry.name for entry in shares.list(path, **query).entries]  # type: ignore[arg-type]


def test_open_reads_the_file(shares: Shares, data: Path) -> None:
    (data / "sub").mkdir()
    (data / "sub" / "a.fits").write_bytes(b"SIMPLE")
    file = shares.open("data/sub/a.fits")
    assert file.pread(10, 0) == b"SIMPLE"
    assert file.name == "data/sub/a.fits"
    file.close()


def test_folders_are_not_files(shares: Shares, data: Path) -> None:
    (data / "sub").mkdir()
    for path in ("data/sub", "data"):
        with pytest.raises(UnsupportedFile):
            shares.open(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_unreadable_files_are_forbidden(shares: Shares, data: Path) -> None:
    (data / "a").touch(mode=0)
    with pytest.raises(Forbidden):
        shares.open("data/a")


def test_cache_files_open_by_name_only(shares: Shares, data: Path) -> None:
    cache = data.parent / "cache"
    (cache / "k.pyramid").write_bytes(b"levels")
    (data.parent / "secret").touch()
    descriptor = shares.open_cache("data", "k.pyramid")
    assert descriptor is not None
    assert os.pread(descriptor, 10, 0) == b"levels"
    os.close(descriptor)
    for name in ("missing", "../secret", "..", "/etc/passwd"):
        assert shares.open_cache("data", name) is None
    assert shares.open_cache("nothing", "k.pyramid") is None


def test_listing_of_shares(shares: Shares) -> None:
    listing = shares.list("")
    assert (listing.path, listing.parent, listing.total) == ("", None, 2)
    assert [(entry.path, entry.kind, entry.writable) for entry in listing.entries] == [
        ("data", "share", False),
        ("open", "share", True),
    ]
    assert names(shares, "", filter="PEN") == ["open"]


def test_listing_describes_entries(shares: Shares, data: Path) -> None:
    (data / "sub").mkdir()
    (data / "a.fits").write_bytes(b"x" * 2880)
    os.utime(data / "a.fits", (1e9, 1e9))
    listing = shares.list("data", reader_of=lambda name: "FITS" if name.endswith(".fits") else "")
    assert (listing.parent, listing.total, listing.writable) == ("", 2, False)
    sub, file = listing.entries
    assert (sub.name, sub.path, sub.kind, sub.size) == ("sub", "data/sub", "folder", 0)
    assert (file.path, file.kind, file.size, file.modified) == ("data/a.fits", "file", 2880, 1e9)
    assert file.reader == "FITS"
    assert shares.list("data/sub").parent == "data"
    assert shares.list("open").writable
    assert shares.stat("data/a.fits") == msgspec.structs.replace(file, reader="")
    assert shares.stat("data").kind == "folder"


def test_sorting(shares: Shares, data: Path) -> None:
    for size, name in enumerate(NAMES):
        (data / name).write_bytes(b"x" * size)
        os.utime(data / name, (1000 - size, 1000 - size))
    (data / "zdir").mkdir()
    assert names(shares) == ["zdir", "A.fits", "a10.fits.fz", "b.fits", "c.txt"]
    assert names(shares, descending=True) == ["zdir", "c.txt", "b.fits", "a10.fits.fz", "A.fits"]
    assert names(shares, sort="size") == ["zdir", "b.fits", "A.fits", "c.txt", "a10.fits.fz"]
    assert names(shares, sort="modified") == ["zdir", "a10.fits.fz", "c.txt", "A.fits", "b.fits"]
    assert names(shares, sort="kind") == ["zdir", "A.fits", "b.fits", "a10.fits.fz", "c.txt"]
    assert names(shares, hidden=True)[1] == ".hidden"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("FITS", ["A.fits", "a10.fits.fz", "b.fits"]),
        ("*.fits", ["A.fits", "b.fits"]),
        ("?.FITS", ["A.fits", "b.fits"]),
        ("[ab]", []),
        ("(a+)+$", []),
        ("*" * 250, ["A.fits", "a10.fits.fz", "b.fits", "c.txt"]),
    ],
)
def test_filter(shares: Shares, data: Path, pattern: str, found: list[str]) -> None:
    for name in NAMES:
        (data / name).touch()
    assert names(shares, filter=pattern) == found


def test_filter_that_would_take_for_ever_does_not(shares: Shares, data: Path) -> None:
    (data / ("a" * 250)).touch()
    began = time.monotonic()
    assert names(shares, filter="*a" * 120 + "*b") == []
    assert time.monotonic() - began < 1.0
    with pytest.raises(InvalidParameter):
        shares.list("data", filter="a" * 300)


def test_pages_are_the_whole(shares: Shares, data: Path) -> None:
    for number in range(25):
        (data / f"f{number:02}").touch()
        (data / f"d{number:02}").mkdir()
    whole = names(shares, limit=1000)
    assert len(whole) == 50
    for descending in (False, True):
        pages = [names(shares, offset=offset, limit=7, descending=descending) for offset in range(0, 56, 7)]
        assert [name for page in pages for name in page] == names(shares, limit=1000, descending=descending)
    assert names(shares, offset=60) == []
    assert shares.list("data", offset=48, limit=7).total == 50
    assert names(shares, offset=-5, limit=2) == ["d00", "d01"]


def test_new_entries_are_seen(shares: Shares, data: Path) -> None:
    for number in range(20):
        (data / f"f{number}").touch()
        assert shares.list("data").total == number + 1
    (data / "f3").unlink()
    assert shares.list("data").total == 19


def test_folder_is_scanned_once_while_it_stands(shares: Shares, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        (data / f"f{number}").touch()
    os.utime(data, (1e9, 1e9))
    scans: list[int] = []
    real: Callable[..., object] = folders.scan

    def counted(*arguments: object) -> object:
        scans.append(1)
        return real(*arguments)

    monkeypatch.setattr("toyz_sessions.page.scan", counted)
    for offset in range(0, 30, 5):
        assert len(names(shares, offset=offset, limit=5)) == 5
    assert len(scans) == 1
    (data / "new").touch()
    assert shares.list("data").total == 31
    assert len(scans) == 2


def test_sizes_of_growing_files_are_fresh(shares: Shares, data: Path) -> None:
    (data / "a").write_bytes(b"x")
    os.utime(data, (1e9, 1e9))
    assert shares.list("data").entries[0].size == 1
    with (data / "a").open("ab") as file:
        file.write(b"yyy")
    assert shares.list("data").entries[0].size == 4


def test_more_entries_than_are_looked_at(shares: Shares, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MOST", 10)
    for number in range(12):
        (data / f"f{number}").touch()
    listing = shares.list("data")
    assert listing.truncated
    assert listing.total == 10


def test_links_inside_a_share(shares: Shares, data: Path) -> None:
    (data / "raw").mkdir()
    (data / "raw" / "a.fits").write_bytes(b"12345")
    (data / "link.fits").symlink_to("raw/a.fits")
    (data / "folder").symlink_to("raw")
    (data / "up").symlink_to("../data/raw/a.fits")
    (data / "absolute").symlink_to(data / "folder")
    (data / "out").symlink_to("/etc/passwd")
    (data / "dangling").symlink_to("nowhere")
    os.mkfifo(data / "pipe")
    found = {entry.name: entry for entry in shares.list("data").entries}
    assert (found["link.fits"].kind, found["link.fits"].size) == ("file", 5)
    assert found["folder"].kind == "folder"
    assert (found["up"].kind, found["up"].size) == ("file", 5)
    assert found["absolute"].kind == "folder"
    assert [entry.path for entry in shares.list("data/absolute").entries] == ["data/absolute/a.fits"]
    shares.open("data/absolute/a.fits").close()
    for name in ("out", "dangling", "pipe"):
        assert (found[name].kind, found[name].size) == ("other", 0)
    shares.open("data/folder/a.fits").close()
    with pytest.raises(NotFound):
        shares.stat("data/out")


def test_missing_and_mistaken_folders(shares: Shares, data: Path) -> None:
    (data / "file").touch()
    for path in ("nothing", "data/nothing", "data/file", "data/file/x"):
        with pytest.raises(NotFound):
            shares.list(path)


@pytest.mark.parametrize("raw", [b"caf\xe9.fits", b"\xff\xfe", "é.fits".encode(), "\U0010fe85x".encode(), b"a\x80\xc3"])
def test_names_that_are_not_utf8_come_back(shares: Shares, data: Path, raw: bytes) -> None:
    with open(os.path.join(os.fsencode(data), raw), "wb") as file:
        file.write(raw)
    (entry,) = msgspec.json.decode(msgspec.json.encode(shares.list("data")))["entries"]
    opened = shares.open(entry["path"])
    assert opened.pread(100, 0) == raw
    opened.close()
    assert "\udc80" not in entry["name"]


@given(strategies.binary(min_size=1, max_size=40).filter(lambda raw: b"/" not in raw and b"\0" not in raw))
def test_every_name_travels(raw: bytes) -> None:
    travels = paths.decode(os.fsdecode(raw))
    travels.encode("utf-8")
    assert paths.encode(travels) == raw


def test_names_that_hide_are_shown_plainly(shares: Shares, data: Path) -> None:
    name = "gpj\u202e.stif\x1b[31m\nx"
    (data / name).touch()
    (entry,) = shares.list("data").entries
    assert entry.name == "gpj\ufffd.stif\ufffd[31m\ufffdx"
    assert entry.path == f"data/{name}"
    shares.open(entry.path).close()


def test_grants_of_a_configuration(tmp_path: Path) -> None:
    config = make_config(tmp_path, write=True)
    (grant,) = grants_of(config)
    assert grant == Grant("data", str(tmp_path / "data"), str(tmp_path / "cache" / "data"), True)


def test_hundred_thousand_entries_page_quickly(shares: Shares, data: Path) -> None:
    """A page of a folder that was listed before costs far less than the first one."""
    descriptor = os.open(data, os.O_RDONLY)
    for number in range(100_000):
        os.mknod(f"f{number:06}", dir_fd=descriptor)
    os.close(descriptor)
    os.utime(data, (1e9, 1e9))
    began = time.perf_counter()
    assert shares.list("data").total == 100_000
    first = time.perf_counter() - began
    began = time.perf_counter()
    for offset in (0, 50_000, 99_900):
        assert shares.list("data", offset=offset, limit=100).entries[-1].name == f"f{offset + 99:06}"
    assert (time.perf_counter() - began) / 3 < max(first / 2, 0.05)
    assert shares.list("data", filter="f0999").total == 100


def test_a_file_is_not_a_folder_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.fits").touch()
    shares = Shares([Grant("data", str(tmp_path), str(tmp_path / "none"))])
    try:
        with pytest.raises(NotFound, match=r"^data/a\.fits is a file, not a folder$"):
            shares.list("data/a.fits")
        with pytest.raises(NotFound, match=r"^there is no data/a\.fits/b$"):
            shares.list("data/a.fits/b")
        with pytest.raises(NotFound, match=r"^there is no data/b$"):
            shares.list("data/b")
    finally:
        shares.close()

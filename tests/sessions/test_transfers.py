"""The pieces of uploads and downloads, as a session takes and gives them."""

import base64
import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from toyz.errors import AlreadyExists, Conflict, Forbidden, NoSpace, NotFound, TooLarge, WrongChecksum
from toyz_sessions import packed_folder
from toyz_sessions.changes import Changes
from toyz_sessions.files import Shares
from toyz_sessions.messages import Grant
from toyz_sessions.packed_folder import PackedFolder
from toyz_sessions.upload_part import UploadPart

ID = "0123456789abcdef" * 2
CONTENT = os.urandom(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def shares(data: Path) -> Iterator[Shares]:
    cache = data.parent / "cache"
    cache.mkdir()
    made = Shares([Grant("data", str(data), str(cache), write=True), Grant("fixed", str(cache), str(cache))])
    yield made
    made.close()


@pytest.fixture
def changes(shares: Shares) -> Changes:
    return Changes(shares, "ada", lambda *_: None)


def part(
    shares: Shares, path: str = "data/new.fits", upload: str = ID, running: dict[str, Any] | None = None
) -> UploadPart:
    return UploadPart(shares, path, upload, {} if running is None else running)


def sent(shares: Shares, upload: str = ID, path: str = "data/new.fits") -> UploadPart:
    """Send all of the content, in two pieces to sessions that know nothing of each other."""
    part(shares, path, upload).begin(len(CONTENT), overwrite=False, parents=False)
    assert part(shares, path, upload).write(0, CONTENT[:100_000]) == 100_000
    whole = part(shares, path, upload)
    assert whole.write(100_000, CONTENT[100_000:]) == len(CONTENT)
    return whole


def test_a_whole_upload_gets_its_name_at_the_end(shares: Shares, changes: Changes, data: Path) -> None:
    whole = sent(shares)
    assert shares.list("data", hidden=True).entries == []
    assert whole.settle(0) == whole.size() == len(CONTENT)
    inode = whole.verify(len(CONTENT), SHA256)
    whole.commit(changes, inode, overwrite=False)
    assert os.listdir(data) == ["new.fits"]
    assert (data / "new.fits").read_bytes() == CONTENT
    # The answer was lost, and it is asked for again.
    whole.commit(changes, inode, overwrite=False)
    assert os.listdir(data) == ["new.fits"]


def test_pieces_that_do_not_follow_are_refused(shares: Shares) -> None:
    whole = sent(shares)
    for offset in (0, 100_000, len(CONTENT) + 1):
        with pytest.raises(Conflict):
            whole.write(offset, b"x")
    with pytest.raises(Conflict):
        whole.verify(len(CONTENT) + 1)
    assert whole.size() == len(CONTENT)


def test_a_wrong_checksum_of_a_piece_cuts_it_off(shares: Shares) -> None:
    whole = part(shares)
    whole.begin(len(CONTENT), overwrite=False, parents=False)
    whole.write(0, CONTENT[:1000])
    whole.write(1000, b"spoiled")
    right = base64.b64encode(hashlib.sha1(CONTENT[1000:], usedforsecurity=False).digest()).decode()
    with pytest.raises(WrongChecksum):
        whole.settle(1000, "sha1", right)
    assert whole.size() == 1000
    whole.write(1000, CONTENT[1000:])
    assert whole.settle(1000, "sha1", right) == len(CONTENT)
    whole.verify(len(CONTENT), SHA256)


def test_a_wrong_checksum_of_the_whole(shares: Shares) -> None:
    with pytest.raises(WrongChecksum):
        sent(shares).verify(len(CONTENT), "0" * 64)


def test_the_second_of_one_name_is_refused_unless_it_may_replace(shares: Shares, changes: Changes, data: Path) -> None:
    first, second = sent(shares), sent(shares, "f" * 32)
    first.commit(changes, first.verify(len(CONTENT)), overwrite=False)
    inode = second.verify(len(CONTENT))
    with pytest.raises(AlreadyExists):
        second.commit(changes, inode, overwrite=False)
    with pytest.raises(AlreadyExists):
        part(shares, upload="e" * 32).begin(1, overwrite=False, parents=False)
    second.commit(changes, inode, overwrite=True)
    assert (data / "new.fits").stat().st_ino == int(inode.partition("-")[2])
    assert [each.path for each in changes.trash.entries("data")] == ["data/new.fits"]


def test_a_kill_between_the_two_steps_of_replacing_loses_nothing(
    shares: Shares, changes: Changes, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data / "new.fits").write_text("old")
    whole = part(shares)
    whole.begin(3, overwrite=True, parents=False)
    whole.write(0, b"new")
    inode = whole.verify(3)
    with monkeypatch.context() as broken:
        broken.setattr(Changes, "throw_away", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            whole.commit(changes, inode, overwrite=True)
    whole.commit(changes, inode, overwrite=True)
    assert (data / "new.fits").read_text() == "new"
    (old,) = changes.trash.entries("data")
    changes.restore("data", old.id, "data/old.fits")
    assert (data / "old.fits").read_text() == "old"
    assert sorted(os.listdir(data)) == [".toyz-trash", "new.fits", "old.fits"]


def test_no_room_is_told_before_and_nothing_is_torn_after(
    shares: Shares, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NoSpace):
        part(shares).begin(1 << 60, overwrite=False, parents=False)
    assert os.listdir(data) == []
    whole = part(shares)
    whole.begin(10, overwrite=False, parents=False)
    whole.write(0, b"abc")
    real = os.pwrite

    def full(descriptor: int, piece: Any, offset: int) -> int:
        if offset > 3:
            raise OSError(28, "No space left on device")
        return real(descriptor, bytes(piece)[:2], offset)

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(NoSpace):
        whole.write(3, b"defghij")
    monkeypatch.undo()
    assert whole.size() == 3


def test_where_uploads_may_go(shares: Shares, data: Path) -> None:
    with pytest.raises(Forbidden):
        part(shares, "fixed/new.fits").begin(1, overwrite=False, parents=False)
    with pytest.raises(NotFound):
        part(shares, "data/sub/new.fits").begin(1, overwrite=False, parents=False)
    part(shares, "data/sub/deep/new.fits").begin(1, overwrite=False, parents=True)
    assert (data / "sub" / "deep").is_dir()
    part(shares, "data/sub/deep/new.fits").discard()
    part(shares, "data/sub/deep/new.fits").discard()
    assert os.listdir(data / "sub" / "deep") == []
    # What somebody on the machine put in the place of a part is not written.
    (data / "secret").write_text("s")
    (data / f".toyz-upload-{ID}").symlink_to("secret")
    with pytest.raises(NotFound):
        part(shares).write(0, b"x")
    assert (data / "secret").read_text() == "s"


def unpacked(packed: PackedFolder) -> zipfile.ZipFile:
    pieces, number = [], 0
    while piece := packed.next(number):
        pieces.append(piece)
        number += 1
    data = b"".join(pieces)
    assert len(data) == packed.size
    return zipfile.ZipFile(io.BytesIO(data))


def test_a_folder_is_one_archive(shares: Shares, data: Path) -> None:
    night = data / "night"
    (night / "empty").mkdir(parents=True)
    (night / "big.fits").write_bytes(CONTENT * 8)
    (night / "link.fits").symlink_to("big.fits")
    (night / "out").symlink_to("/etc/passwd")
    (night / "round").symlink_to("..")
    os.mkfifo(night / "pipe")
    (night / ".toyz-upload-x").write_text("part")
    (night / "a\\..\\b").write_text("1")
    Path(os.fsdecode(os.fsencode(night) + b"/\xff")).write_text("2")
    Path(os.fsdecode(os.fsencode(night) + b"/\xfe")).write_text("3")
    archive = unpacked(PackedFolder(shares, "data/night"))
    assert archive.testzip() is None
    names = archive.namelist()
    assert archive.read("night/big.fits") == archive.read("night/link.fits") == CONTENT * 8
    assert {"night/", "night/empty/", "night/a_.._b", "night/\ufffd", "night/\ufffd (2)"} <= set(names)
    left_out = archive.read("night/NOT INCLUDED.txt").decode().splitlines()
    assert sorted(line.partition(":")[0] for line in left_out) == ["night/out", "night/pipe", "night/round"]
    assert len(names) == len(set(names)) == 8


def test_a_file_that_shrinks_breaks_the_archive_off(shares: Shares, data: Path) -> None:
    (data / "a").write_bytes(CONTENT)
    packed = PackedFolder(shares, "data")
    os.truncate(data / "a", 10)
    with pytest.raises(Conflict):
        unpacked(packed)


def test_an_archive_has_bounds(shares: Shares, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed_folder, "MOST", 5)
    for number in range(6):
        (data / str(number)).touch()
    with pytest.raises(TooLarge):
        PackedFolder(shares, "data")

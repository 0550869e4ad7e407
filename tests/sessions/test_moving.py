"""Moves to another disk: a copy that is whole before it has its name, and an original that is never gone too early."""

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from toyz.errors import AlreadyExists, Cancelled, Conflict, InvalidParameter, NoSpace
from toyz_sessions.changes import Changes
from toyz_sessions.files import Shares
from toyz_sessions.messages import Grant

pytestmark = pytest.mark.skipif(not os.path.ismount("/dev/shm"), reason="there is no second file system")


@pytest.fixture
def near(tmp_path: Path) -> Path:
    folder = tmp_path / "near"
    (folder / "night" / "raw").mkdir(parents=True)
    (folder / "night" / "raw" / "a.fits").write_bytes(b"a" * 100_000)
    (folder / "night" / "log.txt").write_text("clear")
    (folder / "night" / ".toyz-upload-1").write_text("on its way")
    os.utime(folder / "night" / "log.txt", (1e9, 1e9))
    (folder / "b.fits").write_text("b")
    return folder


@pytest.fixture
def far() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.fixture
def noted() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def changes(tmp_path: Path, near: Path, far: Path, noted: list[tuple[str, str]]) -> Iterator[Changes]:
    cache = tmp_path / "cache"
    cache.mkdir()
    shares = Shares([Grant("near", str(near), str(cache), write=True), Grant("far", str(far), str(cache), write=True)])
    yield Changes(shares, "ada", lambda what, path, _: noted.append((what, path)))
    shares.close()


def seen(folder: Path) -> dict[str, str]:
    """Give what people find in a folder, and how each file begins."""
    return {
        str(path.relative_to(folder)): path.read_text()[:5]
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.relative_to(folder).parts[0].startswith(".toyz-trash")
    }


def test_a_folder_is_moved_and_its_original_lies_in_the_trash(
    changes: Changes, near: Path, far: Path, noted: list[tuple[str, str]]
) -> None:
    far.chmod(0o770)
    told: list[float] = []
    changes.move("near/night", "far/first", progress=told.append)
    assert seen(far) == {"first/log.txt": "clear", "first/raw/a.fits": "aaaaa"}
    assert seen(near) == {"b.fits": "b"}
    assert (far / "first" / "log.txt").stat().st_mtime == 1e9
    assert [(far / "first" / name).stat().st_mode & 0o777 for name in ("", "raw", "log.txt")] == [0o770, 0o770, 0o660]
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert noted == [("move", "near/night"), ("delete", "near/night")]
    (trashed,) = changes.trash.entries("near")
    assert changes.restore("near", trashed.id) == "near/night"
    assert seen(near)["night/raw/a.fits"] == "aaaaa"


def test_nothing_is_replaced_unasked_and_what_is_goes_to_the_trash(changes: Changes, near: Path, far: Path) -> None:
    (far / "b.fits").write_text("other")
    with pytest.raises(AlreadyExists):
        changes.move("near/b.fits", "far/b.fits")
    assert (seen(near)["b.fits"], seen(far)) == ("b", {"b.fits": "other"})
    changes.move("near/b.fits", "far/b.fits", overwrite=True)
    assert seen(far) == {"b.fits": "b"}
    (trashed,) = changes.trash.entries("far")
    assert changes.restore("far", trashed.id, "far/c.fits") == "far/c.fits"
    assert seen(far)["c.fits"] == "other"


@pytest.mark.parametrize("odd", ["link", "pipe"])
def test_what_is_no_file_is_refused_before_anything_is_copied(
    changes: Changes, near: Path, far: Path, odd: str
) -> None:
    before = seen(near)
    if odd == "link":
        (near / "night" / "raw" / "odd").symlink_to("/etc/passwd")
    else:
        os.mkfifo(near / "night" / "raw" / "odd")
    with pytest.raises(Conflict, match="odd is a link or a device"):
        changes.move("near/night", "far/night")
    (near / "night" / "raw" / "odd").unlink()
    assert (seen(near), list(far.iterdir())) == (before, [])


def test_one_that_is_taken_back_leaves_nothing(changes: Changes, near: Path, far: Path) -> None:
    before = seen(near)

    def progress(fraction: float) -> None:
        assert list(far.iterdir())
        raise Cancelled("The call was taken back.")

    with pytest.raises(Cancelled):
        changes.move("near/night", "far/night", progress=progress)
    assert (seen(near), list(far.iterdir())) == (before, [])


def test_a_file_that_changes_meanwhile_stays_where_it_is(changes: Changes, near: Path, far: Path) -> None:
    def progress(fraction: float) -> None:
        with (near / "night" / "raw" / "a.fits").open("ab") as file:
            file.write(b"more")

    with pytest.raises(Conflict, match=r"a\.fits was changed"):
        changes.move("near/night/raw", "far/raw", progress=progress)
    assert (list(far.iterdir()), seen(near)["night/raw/a.fits"]) == ([], "aaaaa")


def test_a_disk_without_room_is_said_before(changes: Changes, near: Path, far: Path) -> None:
    with (near / "b.fits").open("wb") as file:
        file.truncate(shutil.disk_usage(far).free + (1 << 30))
    with pytest.raises(NoSpace, match="no room for near/b"):
        changes.move("near/b.fits", "far/b.fits")
    assert list(far.iterdir()) == []


def test_a_disk_that_fills_up_loses_nothing(
    changes: Changes, near: Path, far: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = seen(near)
    monkeypatch.setattr("toyz_sessions.moving.os.sendfile", full)
    with pytest.raises(NoSpace):
        changes.move("near/night", "far/night")
    assert (seen(near), list(far.iterdir())) == (before, [])


def test_no_folder_is_moved_into_itself(
    changes: Changes, near: Path, far: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is mounted here: renaming says what it says where another disk lies in the folder that is moved."""

    def other_disk(*_: object) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr("toyz_sessions.changes.rename_new", other_disk)
    with pytest.raises(InvalidParameter, match="into itself"):
        changes.move("near/night", "near/night/raw/night")
    assert seen(near)["night/log.txt"] == "clear"


def test_what_a_session_left_that_died_goes_with_the_next_move_and_no_other_does(
    changes: Changes, near: Path, far: Path
) -> None:
    left, held = far / ".toyz-moving-1", far / ".toyz-moving-2"
    for folder in (left, held):
        (folder / "deep").mkdir(parents=True)
        (folder / "deep" / "part").write_text("p")
    (far / ".toyz-moving-3").write_text("p")
    holder = os.open(held, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    try:
        changes.move("near/b.fits", "far/b.fits")
    finally:
        os.close(holder)
    assert {path.name for path in far.iterdir()} == {".toyz-moving-2", "b.fits"}

"""New folders, renaming, moving, the trash: what a user may write changes by one renaming, and nothing is lost."""

import errno
import inspect
import os
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from toyz.errors import AlreadyExists, Conflict, Forbidden, InvalidParameter, NoSpace, NotFound, UnsupportedFile
from toyz_sessions import renaming, trash
from toyz_sessions.changes import Changes
from toyz_sessions.files import Shares
from toyz_sessions.messages import Grant
from toyz_sessions.places import Place, error_of_change
from toyz_sessions.renaming import Name
from toyz_sessions.trash import FOLDER
from toyz_sessions.upload_part import UploadPart


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o750)
    (folder / "a.fits").write_text("a")
    (folder / "b.fits").write_text("b")
    (folder / "night").mkdir()
    (folder / "night" / "c.fits").write_text("c")
    return folder


@pytest.fixture
def shares(data: Path) -> Iterator[Shares]:
    for name in ("cache", "fixed", "other"):
        (data.parent / name).mkdir()
    cache = str(data.parent / "cache")
    fixed = data.parent / "fixed"
    (fixed / "a.fits").write_text("a")
    grants = [Grant("data", str(data), cache, write=True), Grant("fixed", str(fixed), cache)]
    made = Shares([*grants, Grant("other", str(data.parent / "other"), cache, write=True)])
    yield made
    made.close()


@pytest.fixture
def noted() -> list[tuple[str, str, str]]:
    return []


@pytest.fixture
def changes(shares: Shares, noted: list[tuple[str, str, str]]) -> Changes:
    return Changes(shares, "ada", lambda *change: noted.append(change))


def tree(folder: Path) -> dict[str, str]:
    """What lies in a folder, with the contents of files."""
    return {
        str(path.relative_to(folder)): path.read_text() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
        if FOLDER not in path.parts
    }


def test_a_new_folder_is_for_those_who_have_the_one_around_it(changes: Changes, data: Path) -> None:
    data.chmod(0o2770)
    before = os.umask(0o077)
    try:
        changes.create_folder("data/new one")
    finally:
        os.umask(before)
    assert stat.S_IMODE((data / "new one").stat().st_mode) & 0o777 == 0o770
    with pytest.raises(AlreadyExists):
        changes.create_folder("data/new one")
    with pytest.raises(AlreadyExists):
        changes.create_folder("data/a.fits")
    with pytest.raises(NotFound):
        changes.create_folder("data/nothing/new")


def test_moving_keeps_the_file_and_replaces_nothing(
    changes: Changes, data: Path, noted: list[tuple[str, str, str]]
) -> None:
    inode = (data / "a.fits").stat().st_ino
    changes.move("data/a.fits", "data/night/a (1)[2]!.fits")
    assert (data / "night" / "a (1)[2]!.fits").stat().st_ino == inode
    assert noted == [("move", "data/a.fits", "data/night/a (1)[2]!.fits")]
    for source, target in (("data/b.fits", "data/night/c.fits"), ("data/night", "data/b.fits"), ("data/b.fits",) * 2):
        before = tree(data)
        with pytest.raises(AlreadyExists):
            changes.move(source, target)
        assert tree(data) == before
    changes.move("data/night", "data/day")
    assert (data / "day" / "c.fits").read_text() == "c"
    with pytest.raises(InvalidParameter):
        changes.move("data/day", "data/day/inner")


@pytest.mark.parametrize("able", [True, False])
def test_what_is_replaced_is_in_the_trash(
    changes: Changes, data: Path, able: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On file systems that cannot rename so (NFS) as well."""
    if not able:

        def refuse(*_: object) -> None:
            raise OSError(errno.EINVAL, "")

        monkeypatch.setattr(renaming, "_renameat2", refuse)
    changes.move("data/a.fits", "data/b.fits", overwrite=True)
    assert tree(data) == {"b.fits": "a", "night": "", "night/c.fits": "c"}
    (kept,) = changes.trash.entries("data")
    assert (kept.path, kept.size) == ("data/b.fits", 1)
    with pytest.raises(AlreadyExists):
        changes.restore("data", kept.id)
    assert changes.restore("data", kept.id, "data/b old.fits") == "data/b old.fits"
    assert (data / "b old.fits").read_text() == "b"
    changes.move("data/night", "data/b.fits", overwrite=True)
    assert (data / "b.fits" / "c.fits").read_text() == "c"
    with pytest.raises(InvalidParameter):
        changes.move("data/b.fits/c.fits", "data/b.fits", overwrite=True)
    with pytest.raises(InvalidParameter):
        changes.move("data/b.fits", "data/b.fits", overwrite=True)


def test_deleted_things_come_back_with_the_folders_they_were_in(changes: Changes, data: Path) -> None:
    first = changes.delete("data/night/c.fits")
    second = changes.delete("data/night")
    assert tree(data) == {"a.fits": "a", "b.fits": "b"}
    assert [(each.id, each.path, each.kind) for each in changes.trash.entries("data")] == [
        (second, "data/night", "folder"),
        (first, "data/night/c.fits", "file"),
    ]
    assert changes.restore("data", first) == "data/night/c.fits"
    assert (data / "night" / "c.fits").read_text() == "c"
    with pytest.raises(AlreadyExists):
        changes.restore("data", second)
    assert changes.empty_trash("data") == 1
    assert list((data / FOLDER).iterdir()) == []
    with pytest.raises(NotFound):
        changes.restore("data", second)


def test_a_trash_is_its_users_own(changes: Changes, shares: Shares, data: Path) -> None:
    mine = changes.delete("data/a.fits")
    other = Changes(shares, "bob", lambda *_: None)
    assert other.trash.entries("data") == []
    for wrong in (lambda: other.restore("data", mine), lambda: other.empty_trash("data", [mine])):
        with pytest.raises(NotFound):
            wrong()
    theirs = other.delete("data/b.fits")
    assert changes.empty_trash("data") == 1
    assert other.restore("data", theirs) == "data/b.fits"
    for path in (f"data/{FOLDER}", f"data/{FOLDER}/{mine}/content", f"data/night/{FOLDER}"):
        with pytest.raises(NotFound):
            shares.list(path)
        with pytest.raises(NotFound):
            changes.move(path, "data/out")
        with pytest.raises(NotFound):
            changes.create_folder(f"{path}/x")
    assert FOLDER not in [entry.name for entry in shares.list("data", hidden=True).entries]
    with pytest.raises(NotFound):
        changes.create_folder(f"data/{FOLDER}x")


def test_records_that_others_wrote_lead_nowhere(changes: Changes, data: Path) -> None:
    changes.delete("data/a.fits")
    for number, record in enumerate(
        ["{", '{"path":"other/x","user":"ada","deleted":1}', '{"path":"data/../x","user":"ada","deleted":1}']
    ):
        slot = data / FOLDER / f"{number:x}-0"
        slot.mkdir()
        (slot / "record.json").write_text(record)
        (slot / "content").write_text("x")
        with pytest.raises(NotFound):
            changes.restore("data", slot.name)
    for name in ("..", "../..", "", "/", "a/b"):
        with pytest.raises(NotFound):
            changes.empty_trash("data", [name])
    assert len(changes.trash.entries("data")) == 1


def test_what_is_granted_for_viewing_stays_as_it_is(changes: Changes, data: Path) -> None:
    fixed = data.parent / "fixed"
    for change in (
        lambda: changes.create_folder("fixed/new"),
        lambda: changes.move("fixed/a.fits", "fixed/b.fits"),
        lambda: changes.move("fixed/a.fits", "data/x.fits"),
        lambda: changes.move("data/a.fits", "fixed/x.fits"),
        lambda: changes.delete("fixed/a.fits"),
        lambda: changes.empty_trash("fixed", ["1-1"]),
    ):
        with pytest.raises(Forbidden):
            change()
    assert tree(fixed) == {"a.fits": "a"}


def test_what_moves_to_another_share_is_there_and_what_it_replaces_in_the_trash_of_that(
    changes: Changes, data: Path
) -> None:
    before, other = (data / "a.fits").read_text(), data.parent / "other"
    changes.move("data/a.fits", "other/a.fits")
    assert not (data / "a.fits").exists()
    assert (other / "a.fits").read_text() == before
    (data / "b.fits").write_text("b")
    with pytest.raises(AlreadyExists):
        changes.move("data/b.fits", "other/a.fits")
    changes.move("data/b.fits", "other/a.fits", overwrite=True)
    assert (other / "a.fits").read_text() == "b"
    assert changes.trash.entries("data") == []
    (lies,) = changes.trash.entries("other")
    changes.restore("other", lies.id, "other/c.fits")
    assert (other / "c.fits").read_text() == before


BAD_NAMES = ["", ".", "..", "a\nb", "a\x00b", "a\u202eb", "a\u2066b", "\udcff", "\U0010fe85", "x" * 256, ".toyz-x"]
BAD_NAMES += [f"a{each}.fits" for each in "\u200b\u2060\xad\ufeff\u115f\u3164\U000e0041\u180e\u034f\ufe0f\u200d\uffa0"]
BAD_NAMES += [" ", "\u200b", " a", "a ", "\u3000", "a\u200c\u0633"]
GOOD_NAMES = [
    "a b.fits",
    "é.fits",
    "наука",
    "星 表",
    "🙂.fits",
    "می\u200cخواهم.fits",
    "क्\u200dष",
    ".hidden",
    "a'()[]!&;",
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_nothing_may_get(changes: Changes, data: Path, name: str) -> None:
    before = tree(data)
    with pytest.raises((InvalidParameter, NotFound)):
        changes.create_folder(f"data/{name}")
    with pytest.raises((InvalidParameter, NotFound)):
        changes.move("data/a.fits", f"data/{name}")
    assert tree(data) == before


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_names_that_something_new_may_get(changes: Changes, data: Path, name: str) -> None:
    changes.create_folder(f"data/{name}")
    assert (data / name).is_dir()


@pytest.mark.row("P12")
@pytest.mark.parametrize("name", [each for each in BAD_NAMES if each])
def test_folders_on_the_way_have_names_that_something_new_may_have(changes: Changes, data: Path, name: str) -> None:
    kept = changes.delete("data/a.fits")
    before = tree(data)
    for path in (f"data/new/{name}/a.fits", f"data/new/new/{name}"):
        with pytest.raises((InvalidParameter, NotFound)):
            changes.restore("data", kept, path)
        part = UploadPart(changes.trash._shares, path, "0" * 32, {})
        with pytest.raises((InvalidParameter, NotFound)):
            part.begin(1, overwrite=False, parents=True)
    assert tree(data) == before
    # Folders that others have made are gone through as they are.
    odd = data / "o\nd\u202ed"
    odd.mkdir()
    changes.restore("data", kept, f"data/{odd.name}/new/a.fits")
    assert (odd / "new" / "a.fits").read_text() == "a"


def test_what_is_refused_leaves_no_folders(changes: Changes, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = changes.delete("data/a.fits")
    (data / FOLDER / kept / "content").rename(data / "taken out")
    before = tree(data)
    with pytest.raises(NotFound, match="no such thing in your trash"):
        changes.restore("data", kept, "data/new/newer/a.fits")
    kept = changes.delete("data/b.fits")
    with monkeypatch.context() as patch:
        patch.setattr(trash, "rename_new", _full)
        with pytest.raises(NoSpace):
            changes.restore("data", kept, "data/new/newer/b.fits")
    assert tree(data) == {name: what for name, what in before.items() if name != "b.fits"}


def _full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "")


@pytest.mark.row("P12")
def test_what_lies_too_deep_is_refused_in_a_sentence(changes: Changes, data: Path) -> None:
    deep = "data/" + "/".join(["x"] * 2000)
    kept = changes.delete("data/a.fits")
    for change in (
        lambda: changes.restore("data", kept, deep),
        lambda: changes.create_folder(deep),
        lambda: changes.move("data/b.fits", deep),
        lambda: UploadPart(changes.trash._shares, deep, "0" * 32, {}).begin(1, overwrite=False, parents=True),
    ):
        with pytest.raises(InvalidParameter, match="at most 100 folders"):
            change()
    assert not (data / "x").exists()
    changes.restore("data", kept, "data/" + "x/" * 100 + "a.fits")


def test_a_trash_is_emptied_however_deep_it_is(changes: Changes, data: Path) -> None:
    """Folders that are moved into each other lie as deep as one likes: deeper than calls may be nested."""
    inner = os.open(data / "night", os.O_RDONLY)
    for _ in range(300):
        os.mkdir("x", dir_fd=inner)
        os.symlink("../../b.fits", "link", dir_fd=inner)
        deeper = os.open("x", os.O_RDONLY, dir_fd=inner)
        os.close(inner)
        inner = deeper
    os.close(inner)
    changes.delete("data/night")
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 100)
    try:
        assert changes.empty_trash("data") == 1
    finally:
        sys.setrecursionlimit(before)
    assert list((data / FOLDER).iterdir()) == []
    assert (data / "b.fits").read_text() == "b"


def test_nothing_is_replaced_by_itself_by_whichever_links_it_is_named(changes: Changes, data: Path) -> None:
    (data / "night" / "deep").mkdir()
    (data / "night" / "deep" / "c.fits").write_text("deep")
    (data / "alias").symlink_to("night")
    (data / "hard.fits").hardlink_to(data / "a.fits")
    before = tree(data)
    for path, to in (
        ("data/night/c.fits", "data/alias/c.fits"),
        ("data/alias/deep", "data/night/deep"),
        ("data/alias/deep/c.fits", "data/night/deep"),
        ("data/alias/deep", "data/night"),
        ("data/night", "data/alias/deep"),
        ("data/hard.fits", "data/a.fits"),
    ):
        with pytest.raises(InvalidParameter, match="cannot be replaced"):
            changes.move(path, to, overwrite=True)
        assert tree(data) == before
    changes.move("data/alias/deep/c.fits", "data/night/c.fits", overwrite=True)
    assert (data / "night" / "c.fits").read_text() == "deep"


def test_who_has_the_name_of_a_former_user_sees_nothing_of_that_trash(shares: Shares, data: Path) -> None:
    former = Changes(shares, "ada", lambda *_: None)
    kept = former.delete("data/a.fits")
    grant = msgspec.structs.replace(shares.grants["data"], since=time.time())
    later = Changes(Shares([grant]), "ada", lambda *_: None)
    own = later.delete("data/b.fits")
    assert [each.id for each in later.trash.entries("data")] == [own]
    for change in (lambda: later.restore("data", kept), lambda: later.empty_trash("data", [kept])):
        with pytest.raises(NotFound):
            change()
    assert later.empty_trash("data") == 1
    assert former.restore("data", kept) == "data/a.fits"


def test_errors_of_a_trash_name_what_the_user_named(changes: Changes, data: Path) -> None:
    (data / FOLDER).write_text("")
    with pytest.raises(Conflict, match=r"^data can have no trash"):
        changes.delete("data/a.fits")
    assert changes.trash.entries("data") == []
    with pytest.raises(NotFound, match=r"^there is no such thing in your trash$"):
        changes.restore("data", "18ebce69-0")
    (data / FOLDER).unlink()
    kept = changes.delete("data/a.fits")
    folder = os.open(data, os.O_RDONLY)
    with pytest.raises(NotFound, match=r"^there is no data/gone\.fits$"):
        changes.trash.put(Place("data/gone.fits", Name(folder, b"gone.fits")), "data/gone.fits")
    os.close(folder)
    assert changes.trash.entries("nothing") == []
    assert changes.restore("data", kept) == "data/a.fits"


def test_a_name_that_is_no_text_can_be_mended(changes: Changes, shares: Shares, data: Path) -> None:
    Path(os.fsdecode(os.fsencode(data) + b"/r\xe9gion\n")).write_text("r")
    (odd,) = [entry.path for entry in shares.list("data").entries if entry.name.startswith("r")]
    changes.move(odd, "data/région")
    assert (data / "région").read_text() == "r"


def test_links_and_devices_are_left_alone(changes: Changes, data: Path) -> None:
    (data / "link").symlink_to("a.fits")
    (data / "out").symlink_to("/etc")
    os.mkfifo(data / "pipe")
    for name in ("link", "out", "pipe"):
        with pytest.raises(UnsupportedFile):
            changes.delete(f"data/{name}")
        with pytest.raises(UnsupportedFile):
            changes.move(f"data/{name}", "data/x")
        with pytest.raises(UnsupportedFile):
            changes.move("data/a.fits", f"data/{name}", overwrite=True)
    with pytest.raises(NotFound):
        changes.create_folder("data/out/new")
    # A folder goes with what is in it, and emptying follows no link.
    (data / "night" / "up").symlink_to("../b.fits")
    changes.delete("data/night")
    changes.empty_trash("data")
    assert (data / "b.fits").read_text() == "b"


def test_a_share_itself_stays(changes: Changes) -> None:
    for change in (lambda: changes.delete("data"), lambda: changes.move("data", "data/x")):
        with pytest.raises(InvalidParameter):
            change()


def test_errors_of_the_disk_have_kinds() -> None:
    kinds = {errno.ENOSPC: NoSpace, errno.EDQUOT: NoSpace, errno.EROFS: Forbidden, errno.EXDEV: Conflict}
    for code, kind in kinds.items():
        error = error_of_change(OSError(code, "x", "/secret"), "data/a")
        assert type(error) is kind
        assert "secret" not in error.message


SWAP = """
import os, sys
sys.path[:0] = sys.argv[3:]
from toyz_sessions.renaming import Name, exchange
folder, outside = os.open(sys.argv[1], os.O_RDONLY), sys.argv[2]
os.symlink(outside, "link", dir_fd=folder)
while True:
    exchange(Name(folder, b"folder"), Name(folder, b"link"))
"""


@pytest.mark.parametrize("tries", [2000, pytest.param(100_000, marks=pytest.mark.soak)])
def test_a_folder_that_is_swapped_for_a_link_lets_nothing_out(
    changes: Changes, data: Path, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody on the machine turns a folder into a link that leads out, again and again (as row P8)."""
    outside = data.parent / "outside"
    outside.mkdir()
    (outside / "a.fits").write_text("secret")
    (data / "folder").mkdir()
    monkeypatch.setattr(os, "fsync", lambda _: None)
    swapper = subprocess.Popen([sys.executable, "-c", SWAP, str(data), str(outside), *sys.path])
    inside = "data/a.fits"
    moved = 0
    try:
        while not (data / "link").is_symlink():
            pass
        for _ in range(tries):
            target = "data/folder/a.fits" if inside == "data/a.fits" else "data/a.fits"
            try:
                changes.move(inside, target)
            except (NotFound, AlreadyExists, UnsupportedFile, Forbidden):
                continue
            inside = target
            moved += 1
    finally:
        swapper.kill()
        swapper.wait()
    assert moved > tries / 100
    assert tree(outside) == {"a.fits": "secret"}
    found = [path for path in data.rglob("a.fits") if path.read_text() == "a"]
    assert len(found) == 1


@pytest.mark.skipif(not os.path.ismount("/dev/shm"), reason="there is no second file system")
def test_what_lies_on_another_disk_stays_there(tmp_path: Path) -> None:
    """Nothing is mounted here: a folder of another file system is given in the place of one that would be."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        shares = Shares([Grant("data", str(tmp_path), str(tmp_path), write=True)])
        (Path(other) / "a").write_text("a")
        changes = Changes(shares, "ada", lambda *_: None)
        folder = os.open(other, os.O_RDONLY)
        try:
            with pytest.raises(Conflict, match="no trash"):
                changes.trash.put(Place("data/a", Name(folder, b"a")), "data/a")
        finally:
            os.close(folder)
            shares.close()
        assert (Path(other) / "a").read_text() == "a"

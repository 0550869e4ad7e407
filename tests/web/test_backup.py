"""Backups: written while others write, whole or not at all; put back only where nothing runs."""

import json
import os
import random
import sqlite3
import stat
import tempfile
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.web.harness import BEARER, get, served
from tests.web.test_accounts import PASSWORD, cookie_of, done, toyz
from toyz.config import Config
from toyz.errors import Conflict
from toyz_web.backup import back_up, last_backup, restore
from toyz_web.backup_archive import BadBackup, unpack
from toyz_web.instance import load_instance
from toyz_web.store.database import Database
from toyz_web.store.migrations import STEPS
from toyz_web.store.opened import OpenLock


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Make a state with something in it."""
    made = Config(state=str(tmp_path / "state"), cache=str(tmp_path / "cache"))
    (tmp_path / "state").mkdir()
    load_instance(made)
    Database(tmp_path / "state" / "toyz.sqlite").close()
    _count_up(made, 0, 100)
    return made


def _count_up(config: Config, first: int, last: int) -> None:
    with closing(sqlite3.connect(Path(config.state) / "toyz.sqlite", timeout=20)) as connection:
        for number in range(first, last):
            with connection:
                row = ("u", f"{number:06d}", json.dumps("x" * 2000))
                connection.execute("INSERT INTO settings VALUES (?, ?, ?)", row)


def _numbers(config: Config) -> list[int]:
    with closing(sqlite3.connect(Path(config.state) / "toyz.sqlite")) as connection:
        return [int(key) for (key,) in connection.execute("SELECT key FROM settings ORDER BY key")]


def test_a_backup_holds_one_moment_while_others_write(config: Config, tmp_path: Path) -> None:
    halfway, enough = threading.Event(), threading.Event()

    def write() -> None:
        for number in range(100, 5000):
            _count_up(config, number, number + 1)
            if number == 150:
                halfway.set()
            if enough.is_set():
                return

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert halfway.wait(30)
        for number in range(5):
            back_up(config, tmp_path / f"{number}.zip")
    finally:
        enough.set()
        writer.join()
    written = len(_numbers(config))
    found = []
    for number in range(5):
        target = Config(state=str(tmp_path / f"restored {number}"), cache=str(tmp_path / "cache"))
        restore(target, tmp_path / f"{number}.zip")
        found.append(len(_numbers(target)))
        # What is in it was committed one after the other, so there are no holes.
        assert _numbers(target) == list(range(found[-1]))
    assert 150 <= found[0] <= found[-1] <= written
    assert found[0] < written


def test_a_server_goes_on_where_its_backup_was_made(tmp_path: Path) -> None:
    with served(tmp_path) as running:
        done(tmp_path, "user", "add", "ada", "--password-stdin", given=PASSWORD + "\n")
        headers = cookie_of(running, "ada")
        printed = done(tmp_path, "backup", str(tmp_path / "kept.zip"))
        assert f"schema {len(STEPS)}" in printed
        assert stat.S_IMODE((tmp_path / "kept.zip").stat().st_mode) == 0o600
        done(tmp_path, "user", "delete", "ada", "--yes")
        refused = toyz(tmp_path, "restore", str(tmp_path / "kept.zip"))
        assert (refused.returncode, "end it first" in refused.stderr) == (2, True)
        assert get(f"{running.url}api/files", headers=BEARER).status_code == 200
    before = {path.name: path.read_bytes() for path in (tmp_path / "state").iterdir() if path.is_file()}
    said = done(tmp_path, "restore", str(tmp_path / "kept.zip"))
    aside = Path(said.splitlines()[1].removeprefix("What was there before is in ").rstrip("."))
    assert (aside / "token").exists() is ("token" in before)
    assert (aside / "secret").read_bytes() == before["secret"]
    with served(tmp_path, share=tmp_path / "sky") as again:
        # A login of before the backup still is one, by the secrets that the backup holds.
        assert get(f"{again.url}api/colormaps", headers=headers).status_code == 200
        assert last_backup(Config(state=str(tmp_path / "state"))) is not None
        dated = done(tmp_path, "backup", str(tmp_path))
        assert Path(dated.partition(": ")[0]).name.startswith("toyz-20")


def _rewritten(source: Path, target: Path, change: Callable[[str, bytes], bytes]) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return target


def _manifest(**changes: object) -> Callable[[str, bytes], bytes]:
    def change(name: str, data: bytes) -> bytes:
        return json.dumps(json.loads(data) | changes).encode() if name == "manifest.json" else data

    return change


def _no_database(name: str, data: bytes) -> bytes:
    return b"x" * len(data) if name == "toyz.sqlite" else data


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_no_database, "not what its manifest says"),
        (_manifest(schema=len(STEPS) + 1), "Use a later Toyz"),
        (_manifest(schema=1), "not the one that the backup's manifest tells of"),
        (_manifest(format=2), "format 2"),
        (_manifest(created=1e300), "no moment"),
        (_manifest(created=-1.0), "no moment"),
        (_manifest(files={}), "does not hold the files"),
        (
            _manifest(files={"toyz.sqlite": {"size": 1, "sha256": ""}, "../evil": {"size": 1, "sha256": ""}}),
            "the files",
        ),
        (lambda name, data: b"{" if name == "manifest.json" else data, "cannot be read"),
    ],
)
def test_a_backup_that_is_not_whole_changes_nothing(
    config: Config, tmp_path: Path, change: Callable[[str, bytes], bytes], words: str
) -> None:
    back_up(config, tmp_path / "good.zip")
    bad = _rewritten(tmp_path / "good.zip", tmp_path / "bad.zip", change)
    _count_up(config, 100, 101)
    with pytest.raises(BadBackup, match=words):
        restore(config, bad)
    assert len(_numbers(config)) == 101
    assert not [path for path in (tmp_path / "state").iterdir() if "restore" in path.name]


def test_a_backup_with_bits_that_are_others_is_refused_in_a_sentence(config: Config, tmp_path: Path) -> None:
    back_up(config, tmp_path / "good.zip")
    good, bits = (tmp_path / "good.zip").read_bytes(), random.Random(3)
    (tmp_path / "there").mkdir()
    refused = 0
    for _ in range(300):
        bad = bytearray(good)
        for _ in range(bits.choice([1, 8, 200])):
            place = bits.choice([bits.randrange(len(bad)), bits.randrange(3000), len(bad) - 1 - bits.randrange(900)])
            bad[place] ^= 1 << bits.randrange(8)
        (tmp_path / "bad.zip").write_bytes(bad)
        with tempfile.TemporaryDirectory(dir=tmp_path / "there") as folder:
            try:
                unpack(tmp_path / "bad.zip", Path(folder))
            except BadBackup:
                refused += 1
    assert refused > 200


def test_what_is_no_backup_is_said_in_a_sentence(config: Config, tmp_path: Path) -> None:
    back_up(config, tmp_path / "good.zip")
    (tmp_path / "short.zip").write_bytes((tmp_path / "good.zip").read_bytes()[:-3000])
    (tmp_path / "notes.txt").write_text("clear sky")
    for path, words in (("short.zip", "no backup"), ("notes.txt", "no backup"), ("none.zip", "no file")):
        answer = toyz(tmp_path, "restore", str(tmp_path / path))
        assert (answer.returncode, words in answer.stderr, answer.stderr.count("\n")) == (2, True, 1)
    answer = toyz(tmp_path, "backup", str(tmp_path / "nowhere" / "a.zip"))
    assert (answer.returncode, "cannot be written" in answer.stderr) == (2, True)
    assert len(_numbers(config)) == 100


def test_a_backup_that_fails_leaves_the_one_before(config: Config, tmp_path: Path) -> None:
    back_up(config, tmp_path / "kept.zip")
    before = (tmp_path / "kept.zip").read_bytes()
    database = tmp_path / "state" / "toyz.sqlite"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    with database.open("r+b") as file:
        file.seek(3 * 4096 + 5)
        file.write(os.urandom(60_000))
    with pytest.raises(BadBackup, match="damaged"):
        back_up(config, tmp_path / "kept.zip")
    assert (tmp_path / "kept.zip").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    # A damaged database is no reason not to restore.
    _, aside = restore(config, tmp_path / "kept.zip")
    assert aside is not None
    assert (aside / "toyz.sqlite").exists()
    assert len(_numbers(config)) == 100


def test_nothing_opens_the_database_while_it_is_replaced(config: Config, tmp_path: Path) -> None:
    path = tmp_path / "state" / "toyz.sqlite"
    restoring = OpenLock(path, alone=True)
    with pytest.raises(Conflict, match="being restored"):
        Database(path)
    restoring.close()
    opened, another = Database(path), Database(path)
    with pytest.raises(Conflict, match="end it first"):
        OpenLock(path, alone=True)
    opened.close()
    another.close()
    OpenLock(path, alone=True).close()

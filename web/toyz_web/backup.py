"""Backups: the database as it was at one moment, and the secrets without which it is of no use, in one file."""

import contextlib
import os
import secrets
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from toyz import __version__
from toyz.config import Config
from toyz.errors import BadRequest, NotFound
from toyz_web.backup_archive import FORMAT, BackupManifest, BadBackup, measured, pack, unpack
from toyz_web.instance import SECRETS, database_path, prepare_folders
from toyz_web.store.migrations import STEPS, schema_of
from toyz_web.store.opened import OpenLock

_LAST = "last_backup"


class LastBackup(msgspec.Struct, frozen=True):
    """When a backup was last written, in seconds since the epoch, and how many bytes it has."""

    created: float
    size: int


def back_up(config: Config, target: Path) -> BackupManifest:
    """Write a backup of a server's state, whether the server runs or not.

    Parameters
    ----------
    config : Config
    target : Path
        The file, of mode 0600; it is there whole or not at all. One that is there is replaced.

    Raises
    ------
    NotFound
        If there is no database.
    BadRequest
        If it cannot be written, or the database is damaged.
    """
    database = database_path(config)
    if not database.is_file():
        raise NotFound(f"There is no database in {config.state}; start a server with `toyz serve`.")
    try:
        with tempfile.TemporaryDirectory(prefix=".toyz-backup-", dir=target.absolute().parent) as made:
            folder = Path(made)
            schema = _copy_database(database, folder / database.name)
            for name in SECRETS:
                with contextlib.suppress(FileNotFoundError):
                    shutil.copyfile(Path(config.state) / name, folder / name)
            files = {path.name: measured(path) for path in sorted(folder.iterdir())}
            manifest = BackupManifest(FORMAT, __version__, schema, time.time(), files)
            archive = folder / "backup.zip"
            pack(archive, folder, manifest)
            archive.replace(target)
            _sync(target.absolute().parent)
            _note(config, LastBackup(manifest.created, target.stat().st_size))
    except OSError as error:
        raise BadRequest(f"the backup cannot be written: {(error.strerror or str(error)).lower()}") from None
    return manifest


def restore(config: Config, source: Path) -> tuple[BackupManifest, Path | None]:
    """Put a backup in the place of a server's state.

    Parameters
    ----------
    config : Config
    source : Path

    Returns
    -------
    manifest : BackupManifest
    aside : Path or None
        The folder where what was there is kept; None if nothing was.

    Raises
    ------
    BadBackup
        If the file is no whole backup, or of a later version; nothing is changed.
    Conflict
        If a server or a command has the database open.
    """
    prepare_folders(config)
    state, database = Path(config.state), database_path(config)
    lock = OpenLock(database, alone=True)
    try:
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=state) as made:
            manifest = unpack(source, Path(made))
            _check_database(Path(made) / database.name, manifest.schema)
            names = (database.name, *SECRETS)
            aside = _set_aside(state, database, names)
            for name in names:
                if name in manifest.files:
                    (Path(made) / name).replace(state / name)
                else:
                    (state / name).unlink(missing_ok=True)
            _sync(state)
    except OSError as error:
        raise BadRequest(f"the backup cannot be restored: {(error.strerror or str(error)).lower()}") from None
    finally:
        lock.close()
    return manifest, aside


def last_backup(config: Config) -> LastBackup | None:
    """Give when a backup of this state was last written; None if none ever was."""
    try:
        return msgspec.json.decode((Path(config.state) / _LAST).read_bytes(), type=LastBackup)
    except (OSError, msgspec.MsgspecError):
        return None


# ---- the database -------------------------------------------------------------------------


def _copy_database(source: Path, copy: Path) -> int:
    """Copy a database as it is at this moment, while others read and write it; gives its schema."""
    copy.touch(mode=0o600)
    with _connected(f"{source.absolute().as_uri()}?mode=rw") as opened, _connected(copy.absolute().as_uri()) as made:
        # In one step, which is one read transaction: it sees one moment, and keeps no writer waiting.
        opened.backup(made, pages=-1)
        made.execute("PRAGMA journal_mode = DELETE")
        schema = schema_of(made)
    _check_database(copy, schema)
    return schema


def _check_database(path: Path, schema: int) -> None:
    """Refuse a database that is damaged, or not of the schema that is said.

    Raises
    ------
    BadBackup
    """
    if schema > len(STEPS):
        raise BadBackup(f"The backup has schema {schema}, this version knows {len(STEPS)}. Use a later Toyz.")
    try:
        with _connected(f"{path.absolute().as_uri()}?mode=ro") as opened:
            words = opened.execute("PRAGMA integrity_check").fetchone()[0]
            broken = opened.execute("PRAGMA foreign_key_check").fetchone()
            found = schema_of(opened)
    except sqlite3.DatabaseError as error:
        raise BadBackup(f"The database is damaged: {error}.") from None
    if words != "ok" or broken is not None:
        raise BadBackup(f"The database is damaged: {str(words)[:200]}.")
    if found != schema:
        raise BadBackup("The database is not the one that the backup's manifest tells of.")


@contextlib.contextmanager
def _connected(uri: str) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=10.0)) as connection:
        yield connection


def _set_aside(state: Path, database: Path, names: tuple[str, ...]) -> Path | None:
    """Keep what is there under other names; until it is replaced it is there under its own as well."""
    if not any((state / name).exists() for name in names):
        return None
    # What is in the write-ahead log belongs into the database: beside another one it would be its ruin.
    with contextlib.suppress(sqlite3.DatabaseError), _connected(database.absolute().as_uri()) as opened:
        opened.execute("PRAGMA journal_mode = DELETE")
    moment = time.strftime("%Y-%m-%dT%H%M%S")
    aside = state / f"before-restore-{moment}-{secrets.token_hex(2)}"
    aside.mkdir(mode=0o700)
    for name in names:
        if (state / name).exists():
            os.link(state / name, aside / name)
    for end in ("-wal", "-shm"):
        # They are there still if the database was too damaged to take them in.
        with contextlib.suppress(FileNotFoundError):
            (state / f"{database.name}{end}").replace(aside / f"{database.name}{end}")
    _sync(aside)
    return aside


def _note(config: Config, last: LastBackup) -> None:
    draft = Path(config.state) / f".{_LAST}.{secrets.token_hex(4)}"
    draft.write_bytes(msgspec.json.encode(last))
    draft.replace(Path(config.state) / _LAST)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

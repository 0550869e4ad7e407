"""The server's own folders, and the database."""

import contextlib
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

from toyz.config import Config
from toyz_sessions.bounds import size_text
from toyz_web.doctor.finding import Finding, Level, judged
from toyz_web.store.migrations import STEPS, schema_of

_NETWORKED = ("nfs", "cifs", "smb", "fuse.sshfs", "lustre", "gpfs", "beegfs", "ceph", "9p", "afs")
_LEAST = 1 << 30


def examine(config: Config) -> Iterator[Finding]:
    """Look at state, cache and database."""
    for name, folder in (("state", Path(config.state)), ("cache", Path(config.cache))):
        yield _folder(name, folder)
        yield _free(name, folder, config.limits.pyramids if name == "cache" else _LEAST)
        yield _file_system(name, folder)
    yield _mode(Path(config.state))
    yield from _secrets(Path(config.state))
    yield from _database(Path(config.state) / "toyz.sqlite")


def _folder(name: str, folder: Path) -> Finding:
    existing = _existing(folder)
    return judged(
        f"{name} folder",
        str(folder) if existing == folder else f"{folder}, which is made at the first start",
        good=os.access(existing, os.W_OK | os.X_OK),
        means=f"the server cannot write into {existing}",
        advice=f"Give it to the server's account, or name another with --{name}.",
        worst=Level.BAD,
    )


def _free(name: str, folder: Path, wanted: int) -> Finding:
    free = shutil.disk_usage(_existing(folder)).free
    return judged(
        f"{name}: free",
        size_text(free),
        good=free >= min(wanted, _LEAST * 4),
        means=f"there is not room for what may come ({size_text(wanted)})",
        advice="Make room, or lower limits.pyramids and limits.spool." if name == "cache" else "Make room.",
        worst=Level.BAD if free < _LEAST // 10 else Level.WARN,
    )


def _file_system(name: str, folder: Path) -> Finding:
    kind = file_system_of(_existing(folder))
    return judged(
        f"{name}: file system",
        kind,
        good=not kind.startswith(_NETWORKED),
        means="SQLite is not safe on a network file system" if name == "state" else "tiles wait for the network",
        advice=f"Name a folder on a local disk with --{name}.",
        worst=Level.BAD if name == "state" else Level.WARN,
    )


def _mode(state: Path) -> Finding:
    if not state.is_dir():
        return Finding("state: mode", Level.OK, "made closed to others")
    mode = stat.S_IMODE(state.stat().st_mode)
    return judged(
        "state: mode",
        f"{mode:04o}",
        good=not mode & 0o077,
        means="other accounts may read the database and the secrets",
        advice=f"chmod 700 {state}",
        worst=Level.BAD,
    )


def _secrets(state: Path) -> Iterator[Finding]:
    for name in ("token", "secret", "toyz.sqlite"):
        path = state / name
        with contextlib.suppress(FileNotFoundError):
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & 0o077:
                yield Finding(
                    f"state: {name}", Level.BAD, f"mode {mode:04o}", "other accounts may read it", f"chmod 600 {path}"
                )


def _database(path: Path) -> Iterator[Finding]:
    if not path.is_file():
        yield Finding("database", Level.OK, "none yet")
        return
    try:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            schema = schema_of(connection)
    except sqlite3.Error as error:
        yield Finding("database", Level.BAD, str(error), "it cannot be read", "Put a backup back: toyz restore.")
        return
    yield judged(
        "database",
        f"{size_text(path.stat().st_size)}, {'intact' if answer == 'ok' else answer}",
        good=answer == "ok",
        means="it is damaged",
        advice="Put a backup back: toyz restore.",
        worst=Level.BAD,
    )
    known = len(STEPS)
    newer = schema > known
    yield judged(
        "database: schema",
        f"{schema} of {known}",
        good=schema == known,
        means="it is of a newer Toyz" if newer else "it is upgraded at the next start",
        advice="Install that version." if newer else "Make a backup first: toyz backup.",
        worst=Level.BAD if newer else Level.WARN,
    )


def file_system_of(folder: Path) -> str:
    """Give the kind of the file system that a folder lies in."""
    found, longest = "unknown", 0
    resolved = folder.resolve()
    for line in Path("/proc/mounts").read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        place, kind = line.split()[1:3]
        point = Path(place.encode("utf-8", "surrogateescape").decode("unicode_escape"))
        if (point == resolved or point in resolved.parents) and len(str(point)) >= longest:
            found, longest = kind, len(str(point))
    return found


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.absolute().parents) if each.exists())

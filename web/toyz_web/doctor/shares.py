"""The shares: those of the configuration, and those of the database."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from toyz.config import Config, Share, check_own_folders, check_shares
from toyz.errors import BadRequest
from toyz_web.doctor.finding import Finding, Level, judged


def examine(config: Config) -> Iterator[Finding]:
    """Look whether each is there, and is what it is granted for."""
    shares = (*config.shares, *_added(config))
    if not shares:
        yield Finding("shares", Level.OK, "none in the configuration or the database; `toyz serve DIR` names some")
    for index, share in enumerate(shares):
        yield _one(share)
        try:
            check_shares((*shares[:index], share))
            check_own_folders((share,), config.state, config.cache)
        except BadRequest as error:
            yield Finding(f"{share.name}: place", Level.BAD, share.path, error.message, "Name another directory.")


def _one(share: Share) -> Finding:
    path, name = Path(share.path), f"{share.name}"
    if not path.is_dir():
        return Finding(name, Level.BAD, share.path, "it is not there", "Make it, mount it, or remove the share.")
    if not os.access(path, os.R_OK | os.X_OK):
        return Finding(name, Level.BAD, share.path, "the server cannot read it", "Give its account the right to.")
    return judged(
        name,
        f"{share.path}, {'writable' if share.write else 'to look at'}{', for everybody' if share.anonymous else ''}",
        good=not share.write or os.access(path, os.W_OK),
        means="it is granted for writing, and the server's account cannot write",
        advice="Give the account the right to, or do not grant it for writing.",
    )


def _added(config: Config) -> tuple[Share, ...]:
    path = Path(config.state) / "toyz.sqlite"
    if not path.is_file():
        return ()
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)) as connection,
    ):
        rows = connection.execute("SELECT name, path, write FROM shares ORDER BY name").fetchall()
        return tuple(Share(name=name, path=place, write=bool(write)) for name, place, write in rows)
    return ()

"""What a builder does, in its own process, sandboxed to one share."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from toyz.config import Limits
from toyz.errors import BadRequest, Conflict
from toyz_extensions.registry import load_registry
from toyz_sessions.display import display_of
from toyz_sessions.files import Shares
from toyz_sessions.keys import RESUMABLE, build_key
from toyz_sessions.messages import Build
from toyz_sessions.opening import MOSAIC, Opened, layout_named, open_source
from toyz_sessions.spools import LocalSpool
from toyz_sessions.unpacking import unpack_for_readers
from toyz_tiles import pyramid

Report = Callable[[float], None]


def run(build: Build, shares: Shares, output: Path, report: Report, limits: Limits) -> None:
    """Do a build: write `output`, report the fraction done.

    Parameters
    ----------
    build : Build
    shares : Shares
        Of the one share that the build reads.
    output : Path
        Created by this function if it is not there, and gone on from if this kind of build does that; the
        caller syncs it and gives it its final name.
    report : callable
        It may raise `Cancelled`.
    limits : Limits
        How much a file may unpack to.

    Raises
    ------
    ToyzError
        With a message for the user.
    """
    doers = {"pyramid": _pyramid, "decode": _decode, "decompress": _decompress}
    if build.kind not in doers:
        raise BadRequest(f"no such build: {build.kind}")
    with open(output, "r+b", opener=_create) as file:
        if build.kind not in RESUMABLE:
            file.truncate()
        doers[build.kind](build, shares, file, report, limits)
    # Who writes the file meanwhile must not leave the pixels of one under the key of the other.
    _check_key(build, shares.open(f"{build.share}/{build.path}").identity)


def _create(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _check_key(build: Build, identity: str) -> None:
    """Refuse a build whose key is not that of its file.

    A session that a hostile file has taken over could otherwise put that file's pixels under
    the key of another, which other users' sessions would then show.
    """
    hdu = "" if build.kind == "decompress" else build.hdu
    if build.key != build_key(build.kind, identity, hdu, build.plane, build.layout):
        raise Conflict("The file changed while it was being worked on; open it again.")


def _opened(build: Build, shares: Shares, scratch: Path, limits: Limits) -> tuple[Opened, LocalSpool]:
    readers = load_registry()
    spool = LocalSpool(scratch, limits.spool_file, shares, readers)
    opened = open_source(shares, readers, f"{build.share}/{build.path}", spool)
    _check_key(build, opened.file.identity)
    return opened, spool


def _pyramid(build: Build, shares: Shares, file: BinaryIO, report: Report, limits: Limits) -> None:
    with tempfile.TemporaryDirectory(dir=os.path.dirname(file.name)) as scratch:
        opened, spool = _opened(build, shares, Path(scratch), limits)
        hdu = MOSAIC if build.hdu == MOSAIC else int(build.hdu)
        display = display_of(opened, hdu, build.plane, spool, layout_named(build.layout))
        pyramid.build(display.raster, file, key=build.key, progress=report, resume=True)


def _decode(build: Build, shares: Shares, file: BinaryIO, report: Report, limits: Limits) -> None:
    with tempfile.TemporaryDirectory(dir=os.path.dirname(file.name)) as scratch:
        opened, _ = _opened(build, shares, Path(scratch), limits)
        report(0.1)
        pixels = opened.source.decode(int(build.hdu), build.plane)
        report(0.8)
        np.save(file, np.ascontiguousarray(pixels), allow_pickle=False)


def _decompress(build: Build, shares: Shares, file: BinaryIO, report: Report, limits: Limits) -> None:
    packed = shares.open(f"{build.share}/{build.path}")
    _check_key(build, packed.identity)
    unpack_for_readers(packed, file, load_registry(), limit=limits.spool_file, report=report)

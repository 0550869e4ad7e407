"""Stand-in for the work of a builder: what it does is in the name of the file."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from toyz.config import Limits
from toyz.errors import CorruptFile
from toyz_sessions.files import Shares
from toyz_sessions.keys import RESUMABLE
from toyz_sessions.messages import Build

MEGABYTE = 1 << 20


def run(build: Build, shares: Shares, output: Path, report: Callable[[float], None], limits: Limits) -> None:
    """Do a build."""
    file = shares.open(f"{build.share}/{build.path}")
    words = file.pread(1000, 0).decode().split()
    file.close()
    report(0.1)
    with output.open("ab" if build.kind in RESUMABLE else "wb") as stream:
        globals()[f"do_{words[0]}"](stream, report, *words[1:])


def do_copy(stream: object, report: Callable[[float], None], size: str = "1") -> None:
    for _ in range(int(size)):
        stream.write(os.urandom(MEGABYTE))  # type: ignore[attr-defined]
        report(0.5)


def do_grow(stream: object, report: Callable[[float], None], mark: str, piece: str = "first piece") -> None:
    """Write a first piece, then wait until the mark is there."""
    stream.write(piece.encode())  # type: ignore[attr-defined]
    stream.flush()  # type: ignore[attr-defined]
    report(0.25)
    while not Path(mark).exists():
        time.sleep(0.005)


def do_toil(stream: object, report: Callable[[float], None], mark: str) -> None:
    """Work in small pieces until the mark is there."""
    while not Path(mark).exists():
        stream.write(b".")  # type: ignore[attr-defined]
        stream.flush()  # type: ignore[attr-defined]
        report(0.5)
        time.sleep(0.005)


def do_stay(stream: object, report: Callable[[float], None], mark: str) -> None:
    """Say which process this is, then wait until the mark is there."""
    do_grow(stream, report, mark, str(os.getpid()))


def do_refuse(stream: object, report: Callable[[float], None]) -> None:
    raise CorruptFile("the file ends before its data do")


def do_crash(stream: object, report: Callable[[float], None]) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def do_hang(stream: object, report: Callable[[float], None]) -> None:
    time.sleep(600)


def do_spy(stream: object, report: Callable[[float], None], path: str) -> None:
    """Try to read and to write elsewhere."""
    allowed = []
    for mode in ("rb", "wb"):
        try:
            open(path, mode).close()
        except PermissionError:
            continue
        allowed.append(mode)
    stream.write(repr(allowed).encode())  # type: ignore[attr-defined]

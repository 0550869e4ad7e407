"""Packed files over the websocket, against zlib's and bzip2's own time for the same file in the same run.

``pytest -m benchmark -s tests/benchmarks/test_packed_speed.py``
"""

import bz2
import gzip
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import pytest

from tests.benchmarks import floors
from tests.benchmarks.conftest import Record
from tests.benchmarks.serving import Window, serving
from toyz.readers import OpenFile
from toyz_extensions.registry import load_registry
from toyz_sessions.unpacking import unpack_for_readers

pytestmark = pytest.mark.benchmark
ROUNDS = 5


def unpack_bzip2(path: Path) -> int:
    """Unpack a bzip2 file by the standard library and throw away what it holds; gives how much that was."""
    engine, total = bz2.BZ2Decompressor(), 0
    with path.open("rb", buffering=0) as file:
        while data := file.read(floors.CHUNK):
            total += len(engine.decompress(data))
    return total


class Packing(NamedTuple):
    """How a file is packed, how long its sides are, and who unpacks it for comparison."""

    name: str
    pack: Callable[[bytes], bytes]
    side: int
    alone: Callable[[Path], int]


PACKINGS = (
    Packing("gz", lambda data: gzip.compress(data, 6), 8192, floors.unzip),
    Packing("bz2", bz2.compress, 4096, unpack_bzip2),
)


@pytest.fixture(scope="module", params=PACKINGS, ids=[packing.name for packing in PACKINGS])
def packed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Packing, Path]]:
    """Write an image of the sky to a tenth of a count, as a camera's pipeline would."""
    packing: Packing = request.param
    folder = tmp_path_factory.mktemp("sky")
    plain, path = folder / "image.fits", folder / f"image.fits.{packing.name}"
    floors.write_noise(plain, packing.side)
    with plain.open("r+b") as file:
        file.seek(2880)
        rows = np.random.default_rng(1).normal(1000, 30, (packing.side, packing.side)).astype(np.float32)
        rows.round(1).astype(">f4").tofile(file)
    path.write_bytes(packing.pack(plain.read_bytes()))
    plain.unlink()
    yield packing, path
    path.unlink()


def test_unpacking_alone(packed: tuple[Packing, Path], tmp_path: Path, record: Record) -> None:
    packing, path = packed
    readers = load_registry()

    def ours() -> None:
        with tempfile.TemporaryFile(dir=tmp_path) as output:
            file = OpenFile(os.open(path, os.O_RDONLY), path.name)
            unpack_for_readers(file, output, readers, limit=1 << 40, report=lambda fraction: None)

    rows = [(floors.seconds(ours), floors.seconds(lambda: packing.alone(path))) for _ in range(ROUNDS)]
    mine, alone = (median(row[column] for row in rows) for column in (0, 1))
    record(f"unpacking {packing.name} into a file", mine, "s", "the library alone", alone)


def wait_until_complete(window: Window, began: float) -> tuple[float, float]:
    """Give the seconds until all is there, and how many pieces of news came before."""
    pieces = 0.0
    while True:
        got: Any = window.receive()
        if isinstance(got, dict) and got.get("event") == "progress":
            pieces += 1
            if got["data"]["complete"]:
                return time.perf_counter() - began, pieces


def test_opening(packed: tuple[Packing, Path], tmp_path: Path, record: Record) -> None:
    """From the click to the first picture, and to the last pixel."""
    packing, path = packed
    rows: list[tuple[float, float, float, float]] = []
    with serving(tmp_path, sky=path.parent) as server:
        window = server.window()
        window.call("files", "list", path="sky")
        for number in range(ROUNDS):
            os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))
            began = time.perf_counter()
            info = window.call("images", "open", path=f"sky/{path.name}")
            style = {"low": info["cuts"]["low"], "high": info["cuts"]["high"]}
            window.collect({window.tile(info["image"], info["levels"] - 1, 0, 0, style)})
            first = time.perf_counter() - began
            assert not info["complete"]
            whole, pieces = wait_until_complete(window, began)
            window.call("images", "close", image=info["image"])
            rows.append((first, whole, pieces, floors.seconds(lambda: packing.alone(path))))
        window.close()
    first, whole, pieces, alone = (median(row[column] for row in rows) for column in range(4))
    record(f"{packing.name}: first picture", first, "s")
    record(f"{packing.name}: news until all is there", pieces, "times")
    record(
        f"{packing.name}: all of it", whole, "s", "the library alone", alone, "≤ 1.2" if packing.name == "gz" else ""
    )

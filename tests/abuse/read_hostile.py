"""Read files as a session and a builder would, with little memory; ``python -m`` by the tests."""

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from toyz.errors import ToyzError
from toyz.readers import OpenFile, Source
from toyz_extensions.fits import FitsReader
from toyz_extensions.image import PictureReader
from toyz_tiles import codecs

PIXELS = 1 << 23
"""Of a plane that is read whole; of a larger one, a corner and every hundredth row."""


def read_everything(file: OpenFile) -> dict[str, Any]:
    """Open a file with the first reader that takes it, and read all it offers.

    Returns
    -------
    dict
        ``hdus``, ``images``, ``read`` (images read), ``message`` (the first thing that was
        refused, or is wrong).
    """
    outcome: dict[str, Any] = {"hdus": 0, "images": 0, "read": 0, "message": ""}
    head = file.pread(4096, 0)
    reader: Any = next((reader for reader in (FitsReader(), PictureReader()) if reader.sniff(file.name, head)), None)
    if reader is None:
        return outcome | {"message": "no reader takes it"}
    try:
        source: Source = reader.open(file)
    except ToyzError as refusal:
        return outcome | {"message": refusal.message}
    messages = list(source.warnings)
    for info in source.hdus:
        outcome["hdus"] += 1
        source.cards(info.index)
        source.header_text(info.index)
        if info.kind == "image" or info.problem:
            outcome["images"] += 1
            try:
                _read_plane(source, info.index, windowed=info.windowed)
                outcome["read"] += 1
            except ToyzError as refusal:
                messages.append(refusal.message)
    source.close()
    return outcome | {"message": messages[0] if messages else ""}


def _read_plane(source: Source, hdu: int, *, windowed: bool) -> None:
    if not windowed:
        source.decode(hdu)
        return
    raster = source.raster(hdu)
    ny, nx = raster.shape
    if ny * nx <= PIXELS:
        raster.read(0, ny, 0, nx)
    raster.read(0, min(ny, 256), 0, min(nx, 256))
    raster.read(0, ny, 0, nx, max(ny // 100, nx // 100, 1))


def main(folder: str, first: int, memory: int) -> None:
    """Read the files of a folder from the given one on, and print a line of JSON for each."""
    codecs.warm()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for path in sorted(Path(folder).iterdir())[first:]:
        file = OpenFile(os.open(path, os.O_RDONLY), f"share/{path.name}")
        begin = time.monotonic()
        outcome = read_everything(file)
        print(json.dumps(outcome | {"seconds": time.monotonic() - begin}), flush=True)
        file.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

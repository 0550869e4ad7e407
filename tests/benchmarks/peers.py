"""Other tile servers, started over a folder with one FITS file: VisiOmatic and IIPImage.

VisiOmatic is installed into an environment of its own in ``build/peers``; IIPImage, stiff and lighttpd
are Debian's packages iipimage-server, stiff and lighttpd.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from tests.benchmarks.obtain_peers import IIPSRV
from tests.benchmarks.tile_load import Load, free_port, get_once, measure, some_tiles, wait_for

HOME = Path("build/peers").absolute()
VISIOMATIC = "VisiOmatic==3.0.7"
_STIFF = (
    *("-IMAGE_TYPE", "TIFF-PYRAMID", "-COMPRESSION_TYPE", "NONE", "-BITS_PER_CHANNEL", "-32"),
    *("-WRITE_XML", "N", "-VERBOSE_TYPE", "QUIET"),
)
_REPEATS = 38
"""As often a tile is asked for with another contrast, so that none is asked for twice."""
_ONE_BODY = """
import sys, fastapi.responses as responses
from starlette.responses import Response
class OneBody(Response):
    def __init__(self, content, media_type=None, **kwargs):
        super().__init__(content.getvalue(), media_type=media_type)
responses.StreamingResponse = OneBody
sys.argv[0] = "visiomatic"
from visiomatic.cmd.start import main
main()
"""


class Measured(NamedTuple):
    """A peer, what it gave, and the megabytes that it left on disk for it."""

    name: str
    load: Load
    disk_mb: float


def visiomatic_python() -> Path:
    """Give the Python of VisiOmatic's environment, made if need be."""
    python = HOME / "visiomatic" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", HOME / "visiomatic"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", VISIOMATIC], check=True)
    return python


@contextmanager
def running_visiomatic(folder: Path, *, one_body: bool) -> Iterator[tuple[int, Path]]:
    """Run it over a folder; give its port and the folder of its cache."""
    python, port, cache = visiomatic_python(), free_port(), HOME / "cache"
    shutil.rmtree(cache, ignore_errors=True)
    cache.mkdir(parents=True)
    start = [python, "-c", _ONE_BODY] if one_body else [python.parent / "visiomatic"]
    folders = ["--data_dir", folder, "--cache_dir", cache, "--extra_dir", folder]
    command = [*start, "-H", "127.0.0.1", "-p", str(port), "-w", "1", "-n", *folders]
    with (HOME / "visiomatic.log").open("w") as log:
        server = subprocess.Popen(command, cwd=HOME, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(port, server)
        yield port, cache
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        shutil.rmtree(cache, ignore_errors=True)


def measure_visiomatic(folder: Path, name: str, *, one_body: bool) -> Measured:
    """Measure VisiOmatic: as it is, or with each tile written at once instead of line by line."""
    file = quote(name)
    with running_visiomatic(folder, one_body=one_body) as (port, cache):
        get_once(port, "/api")
        # It converts the whole file before its first tile, and only then tells its size.
        first = f"/api?FIF={file}&CHAN=1&JTL=0,0"
        seconds, status, _ = get_once(port, first)
        assert status == 200, status
        info = json.loads(get_once(port, f"/api?FIF={file}&INFO")[2])
        width, height = info["full_size"][:2]
        columns, level = -(-width // 256), info["tile_levels"] - 1

        def path(x: int, y: int, contrast: float = 1.0) -> str:
            return f"/api?FIF={file}&CHAN=1&CNT={contrast:.3f}&JTL={level},{y * columns + x}"

        tiles = some_tiles(width, height)
        more = [path(x, y, 1 + 0.001 * turn) for turn in range(2, 2 + _REPEATS) for x, y in tiles]
        load = measure(port, first, [path(*tile) for tile in tiles[:100]], more)
        disk = sum(file.stat().st_size for file in cache.rglob("*") if file.is_file()) / 1e6
        label = "VisiOmatic 3.0.7" + (", one body" if one_body else "")
        return Measured(label, load._replace(first_s=seconds), disk)


def first_tile_of_visiomatic(folder: Path, name: str) -> float:
    """Seconds from asking for a file that it has not seen to its first tile."""
    with running_visiomatic(folder, one_body=True) as (port, _):
        get_once(port, "/api")
        seconds, status, _ = get_once(port, f"/api?FIF={quote(name)}&CHAN=1&JTL=0,0")
        assert status == 200, status
        return seconds


def measure_iipimage(folder: Path, name: str) -> Measured:
    """Measure IIPImage: two servers behind lighttpd, over the pyramid that stiff makes of the file."""
    HOME.mkdir(parents=True, exist_ok=True)
    tiff, port, back = HOME / "peer.tif", free_port(), [free_port(), free_port()]
    tiff.unlink(missing_ok=True)
    hosts = ",".join(f'("host" => "127.0.0.1", "port" => {each}, "check-local" => "disable")' for each in back)
    (HOME / "lighttpd.conf").write_text(
        f'server.modules = ("mod_fastcgi")\nserver.document-root = "{HOME}"\nserver.bind = "127.0.0.1"\n'
        f'server.port = {port}\nserver.max-keep-alive-requests = 100000\nfastcgi.server = ("/iip" => ({hosts}))\n'
    )
    environment = os.environ | {
        "FILESYSTEM_PREFIX": f"{HOME}/",
        "VERBOSITY": "0",
        "LOGFILE": str(HOME / "iip.log"),
        "MAX_IMAGE_CACHE_SIZE": "200",
        "JPEG_QUALITY": "95",
        "OMP_NUM_THREADS": "1",
    }
    commands = [[IIPSRV, "--bind", f"127.0.0.1:{each}"] for each in back]
    commands.append(["lighttpd", "-D", "-f", str(HOME / "lighttpd.conf")])
    servers = [subprocess.Popen(command, env=environment) for command in commands]
    try:
        wait_for(port, servers[-1])
        start = time.perf_counter()
        subprocess.run(
            ["stiff", str(folder / name), "-OUTFILE_NAME", str(tiff), *_STIFF],
            check=True,
            capture_output=True,
        )
        base = "/iip?FIF=peer.tif&MINMAX=1:986.5,3700&GAM=0.4545"
        first = f"{base}&JTL=0,0"
        get_once(port, first)
        seconds = time.perf_counter() - start
        meta = get_once(port, "/iip?FIF=peer.tif&obj=Max-size&obj=Resolution-number")[2].decode()
        width, height = (int(word) for word in meta.split("Max-size:")[1].split()[:2])
        level = int(meta.split("Resolution-number:")[1].split()[0]) - 1
        columns = -(-width // 256)

        def path(x: int, y: int, contrast: float = 1.0) -> str:
            return f"{base}&CNT={contrast:.3f}&JTL={level},{y * columns + x}"

        tiles = some_tiles(width, height)
        more = [path(x, y, 1 + 0.001 * turn) for turn in range(2, 2 + _REPEATS) for x, y in tiles]
        load = measure(port, first, [path(*tile) for tile in tiles[:100]], more)
        return Measured("IIPImage (stiff, iipsrv × 2)", load._replace(first_s=seconds), tiff.stat().st_size / 1e6)
    finally:
        for server in reversed(servers):
            server.terminate()
            server.wait()
        tiff.unlink(missing_ok=True)

"""The client against a running server, with the example plugin and one made for these tests installed."""

import asyncio
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from astropy.io import fits
from numpy.typing import NDArray

from toyz.client import AsyncClient, Client
from toyz.client_types import Payload
from toyz.errors import (
    BadRequest,
    Cancelled,
    CorruptFile,
    InvalidParameter,
    NotAuthenticated,
    NotFound,
    TimedOut,
    TooLarge,
    ToyzError,
    UnknownTask,
    Unreachable,
    UnsupportedFile,
)
from toyz.jobs import Phase
from toyz.protocol import Event

ROOT = Path(__file__).parents[2]
BENCH = '''
"""A plugin for tests of the client."""
import ctypes, threading
from toyz import Context, OpenFile, Picture, Plugin
from toyz.errors import NotFound
from toyz.protocol import Binary

plugin = Plugin("bench", title="Bench")
pause = threading.Event()

@plugin.task
def wait_for(context: Context, path: str) -> str:
    """Wait until there is such a file."""
    context.emit("begun", path)
    while True:
        context.check()
        try:
            context.open(path).close()
            return "there"
        except NotFound:
            pause.wait(0.02)

@plugin.task
def picture(context: Context) -> Binary:
    """Answer with bytes."""
    return Binary(b"bytes", "png", {"width": 1})

@plugin.task
def fail(context: Context) -> None:
    """Fail as nobody foresaw."""
    raise RuntimeError("/home/someone/secret")

@plugin.task(long=True)
def endless(context: Context) -> None:
    """Go on until it is cancelled."""
    context.progress(0.25, "going on")
    while True:
        context.check()
        pause.wait(0.02)

@plugin.reader(name="Crasher", extensions=[".crash"])
def crash(file: OpenFile) -> Picture:
    """Crash."""
    ctypes.string_at(0)
'''


BROKEN = {"broken_import": "import a_module_that_nobody_has", "broken_crash": "import ctypes; ctypes.string_at(0)"}


class Served(NamedTuple):
    """A running server."""

    url: str
    token: str
    share: Path
    pixels: NDArray[np.float32]
    """``(ny, nx)`` of HDU 1 of ``field.fits``, in the order of the file."""


def install(site: Path, name: str, source: str) -> None:
    record = site / f"{name}-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (record / "entry_points.txt").write_text(f"[toyz.plugins]\n{name} = {source}:plugin\n")


def write_files(share: Path) -> NDArray[np.float32]:
    pixels = np.random.default_rng(2).normal(1000, 10, (300, 500)).astype(np.float32)
    pixels[0, 0], pixels[299, 499] = 5000, np.nan
    header = fits.Header({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 10.0, "CRVAL2": -30.0})
    header.update({"CRPIX1": 1.0, "CRPIX2": 1.0, "CDELT1": -1e-4, "CDELT2": 1e-4, "OBJECT": "Sculptor"})
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(pixels, header, name="S1")]).writeto(share / "field.fits")
    (share / "ramp.pgm").write_bytes(b"P5 4 3 255\n" + bytes(range(12)))
    (share / "a.crash").write_bytes(b"anything")
    (share / "notes.txt").write_text("nothing to see")
    return pixels


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("client")
    share, site = folder / "share", folder / "site"
    share.mkdir()
    pixels = write_files(share)
    shutil.copytree(ROOT / "examples" / "hello_plugin" / "hello_plugin", site / "hello_plugin")
    install(site, "hello", "hello_plugin")
    (site / "bench_plugin.py").write_text(BENCH)
    install(site, "bench", "bench_plugin")
    for name, source in BROKEN.items():
        (site / f"{name}.py").write_text(source)
        install(site, name, name)
    token = secrets.token_urlsafe(32)
    search_path = os.pathsep.join([str(site), *filter(None, sys.path)])
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "toyz_web.cli", "serve", f"data={share}", "--no-browser"),
            *("--port", "0", "--state", str(folder / "state"), "--cache", str(folder / "cache")),
        ],
        env=os.environ | {"TOYZ_TOKEN": token, "PYTHONPATH": search_path},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield Served(_address(process), token, share, pixels)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def _address(process: subprocess.Popen[str]) -> str:
    """Read the URL from what the server prints."""
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"http://\S+?/(?=login|\s)", line)
        if found:
            return found[0]
    raise AssertionError("the server did not start")


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    with Client(served.url, served.token) as client:
        yield client


# ---- files and images -----------------------------------------------------------------------


def test_files(client: Client) -> None:
    [share] = client.list_files().entries
    assert (share.name, share.kind) == ("data", "share")
    listing = client.list_files("data", sort="name", descending=True)
    assert [(entry.name, entry.reader) for entry in listing.entries] == [
        ("ramp.pgm", "Graymap"),
        ("notes.txt", ""),
        ("field.fits", "FITS"),
        ("a.crash", "Crasher"),
    ]
    assert listing.parent == ""
    assert [entry.name for entry in client.list_files("data", filter="*.FITS", limit=1).entries] == ["field.fits"]
    with pytest.raises(NotFound):
        client.list_files("data/../../etc")
    with pytest.raises(InvalidParameter) as caught:
        client.list_files("data", limit=100_000)
    assert caught.value.field == "limit"


def test_description(client: Client) -> None:
    described = client.describe("data/field.fits")
    assert [(hdu.kind, hdu.name, hdu.shape) for hdu in described.hdus] == [
        ("empty", "", ()),
        ("image", "S1", (300, 500)),
    ]
    assert described.reader == "FITS"


def test_pixels_are_the_file_s_turned_upright(client: Client, served: Served) -> None:
    image = client.image("data/field.fits")
    assert (image.info.width, image.info.height, image.info.hdu) == (500, 300, 1)
    upright = served.pixels[::-1]
    np.testing.assert_array_equal(image.pixels(), upright)
    np.testing.assert_array_equal(image.pixels(10, 20, 30, 40), upright[20:60, 10:40])
    assert image.pixels(0, 0, 500, 300, step=7).shape == (43, 72)
    assert image.pixels(499, 299).tolist() == [[upright[299, 499]]]
    with pytest.raises(ToyzError):
        image.pixels(500, 0, 1, 1)


def test_values_and_positions(client: Client) -> None:
    image = client.image("data/field.fits", hdu=1)
    corner = image.pixel(1, 1)
    assert corner.value == 5000
    assert (corner.ra, corner.dec) == pytest.approx((10, -30))
    assert image.pixel(500, 300).value is None
    assert image.header()["OBJECT"] == "Sculptor"
    cuts = image.cuts("minmax")
    assert cuts.high == 5000
    assert image.cuts("percentile", percent=50).high < 1100
    counts = image.histogram(16, low=900, high=1100)
    assert len(counts.counts) == 16
    tile = image.tile(0, 0, 0, cuts="99%", colormap="viridis", stretch="asinh")
    assert tile.media_type == "image/jpeg"
    assert tile.data.startswith(b"\xff\xd8")


def test_a_plugin_s_reader(client: Client) -> None:
    image = client.image("data/ramp.pgm")
    assert (image.info.reader, image.info.bottom_up, image.info.dtype) == ("Graymap", False, "uint8")
    np.testing.assert_array_equal(image.pixels(), np.arange(12).reshape(3, 4))
    assert image.pixel(1, 3).value == 0


def test_a_reader_that_crashes_costs_nobody_anything(client: Client) -> None:
    image = client.image("data/field.fits")
    count = client.call("hello", "greet")["count"]
    for _ in range(3):
        with pytest.raises(CorruptFile, match="the reader Crasher crashed on this file"):
            client.image("data/a.crash")
        with pytest.raises(CorruptFile, match="the reader Crasher crashed on this file"):
            client.call("images", "open", path="data/a.crash")
    assert client.call("hello", "greet")["count"] == count + 1, "the session is the same"
    assert image.pixel(1, 1).value == 5000


def test_files_that_are_no_images(client: Client) -> None:
    with pytest.raises(UnsupportedFile, match="Graymap"):
        client.image("data/notes.txt")
    with pytest.raises(NotFound):
        client.image("data/none.fits")


# ---- tasks ----------------------------------------------------------------------------------


def test_calls_share_the_session(client: Client) -> None:
    first = client.call("hello", "greet", name="Ada", times=2, tone="loud")
    assert first == {"greeting": "HELLO, ADA! HELLO, ADA!", "count": 1}
    assert client.call("hello", "greet", {"name": "Bo"})["count"] == 2


def test_what_calls_refuse(client: Client) -> None:
    with pytest.raises(InvalidParameter) as caught:
        client.call("hello", "greet", times=9)
    assert caught.value.field == "parameters.times"
    for module, task in (("hello", "nothing"), ("os", "system"), ("hello", "__class__")):
        with pytest.raises(UnknownTask):
            client.call(module, task)
    with pytest.raises(TooLarge):
        client.call("hello", "greet", name="a" * 70_000)
    with pytest.raises(ToyzError) as failed:
        client.call("bench", "fail")
    assert "someone" not in failed.value.message


def test_arrays_and_bytes_come_as_such(client: Client, served: Served) -> None:
    opened = client.call("images", "open", path="data/field.fits", hdu=1)
    window = client.call("images", "pixels", image=opened["image"], x=0, y=0, width=5, height=4)
    np.testing.assert_array_equal(window, served.pixels[::-1][:4, :5])
    assert client.call("bench", "picture") == Payload(b"bytes", "png", {"width": 1})


def test_a_long_task_reports_to_the_caller_s_thread(client: Client) -> None:
    threads: set[int] = set()
    fractions: list[float] = []

    def report(fraction: float, message: str) -> None:
        threads.add(threading.get_ident())
        fractions.append(fraction)

    result = client.call("hello", "background", path="data/field.fits", hdu=1, box=64, on_progress=report)
    assert len(result["rows"]) == 40
    assert result["rows"][20]["level"] == pytest.approx(1000, abs=2)
    assert threads == {threading.get_ident()}
    assert fractions == sorted(fractions)


def test_a_call_survives_a_lost_connection(served: Served) -> None:
    begun = threading.Event()

    def heard(event: Event) -> None:
        if event.event == "begun":
            begun.set()

    with Client(served.url, served.token, on_event=heard) as client, ThreadPoolExecutor() as pool:
        assert client.call("hello", "greet")["count"] == 1
        waiting = pool.submit(client.call, "bench", "wait_for", path="data/late")
        assert begun.wait(30)
        client.drop_connection()
        (served.share / "late").touch()
        assert waiting.result(30) == "there"
        assert client.call("hello", "greet")["count"] == 2, "the session is the same"


def test_an_abandoned_call_is_cancelled_on_the_server(served: Served) -> None:
    async def abandon() -> str:
        begun = asyncio.Event()
        async with AsyncClient(served.url, served.token, on_event=lambda event: begun.set()) as client:
            task = asyncio.create_task(client.call("bench", "wait_for", path="data/never"))
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            greeting = await client.call("hello", "greet")
            return str(greeting["greeting"])

    assert asyncio.run(abandon()) == "Hello, world!"


def test_many_at_once(served: Served) -> None:
    async def work() -> list[int]:
        async with AsyncClient(served.url, served.token) as client:
            greetings = await asyncio.gather(*(client.call("hello", "greet") for _ in range(50)))
            return [greeting["count"] for greeting in greetings]

    assert max(asyncio.run(work())) <= 50


def test_inside_a_running_loop(served: Served) -> None:
    """As in a notebook."""

    async def cell() -> int:
        with Client(served.url, served.token) as client:
            return len(client.list_files("data").entries)

    assert asyncio.run(cell()) >= 4


# ---- jobs -----------------------------------------------------------------------------------


def test_a_workspace_is_exported_and_made_again(client: Client) -> None:
    entries = {"image/a": {"path": "sky/stars.fits", "hdu": 0}, "shown": "a"}
    made = client.import_workspace({"toyz_workspace": 1, "name": "from a script", "entries": entries})
    assert (made.name, made.level) == ("from a script", "own")
    file = client.export_workspace(made.id)
    assert file["entries"] == entries
    assert client.import_workspace(file).id in [each.id for each in client.workspaces()]
    with pytest.raises(NotFound):
        client.export_workspace("none")
    with pytest.raises(BadRequest):
        client.import_workspace({"toyz_workspace": 99, "entries": {}})


def test_a_job_from_its_beginning_to_its_end(client: Client) -> None:
    job = client.submit("hello", "background", path="data/field.fits", hdu=1, box=32)
    phases = [update.phase for update in job.follow()]
    assert phases[-1] is Phase.COMPLETED
    assert phases == sorted(phases, key=list(Phase).index)
    assert len(job.result()["rows"]) == 160
    assert client.job(job.id).status().progress == 1
    assert job.id in [one.id for one in client.jobs(limit=1000)]
    assert client.job(job.id).cancel().phase is Phase.COMPLETED


def test_a_job_is_cancelled(client: Client) -> None:
    job = client.submit("bench", "endless")
    with pytest.raises(TimedOut):
        job.result(timeout=0.2)
    updates = job.follow()
    assert next(update for update in updates if update.progress == 0.25).message == "going on"
    assert job.cancel().phase is Phase.ABORTED
    assert [update.phase for update in updates] == [Phase.ABORTED]
    with pytest.raises(Cancelled):
        job.result(timeout=10)


def test_a_job_fails_with_its_reason(client: Client) -> None:
    reasons: dict[type[ToyzError], dict[str, object]] = {
        InvalidParameter: {"box": 1},
        NotFound: {"path": "data/none.fits"},
    }
    for kind, wrong in reasons.items():
        job = client.submit("hello", "background", {"path": "data/field.fits", **wrong})
        with pytest.raises(kind):
            job.result(timeout=30)
        assert job.status().phase is Phase.ERROR


def test_what_jobs_refuse(client: Client) -> None:
    with pytest.raises(ToyzError, match="not a long task"):
        client.submit("hello", "greet")
    with pytest.raises(NotFound):
        client.job("0" * 32).status()
    with pytest.raises(NotFound):
        client.submit("hello", "nothing")


# ---- the connection -------------------------------------------------------------------------


def test_installed(client: Client) -> None:
    installed = client.plugins()
    assert {"hello", "bench"} <= {module["name"] for module in installed["modules"]}
    assert {"broken_import", "broken_crash"} <= {failure["name"] for failure in installed["failures"]}
    assert len(client.colormaps()) >= 30


def test_a_wrong_token(served: Served) -> None:
    for token in ("", "wrong"):
        with Client(served.url, token) as client:
            with pytest.raises(NotAuthenticated):
                client.list_files()
            with pytest.raises(ToyzError) as caught:
                client.call("hello", "greet")
            assert caught.value.status in {401, 403}


def test_no_server() -> None:
    with Client("http://127.0.0.1:9/", "token", patience=0.3) as client:
        with pytest.raises(Unreachable):
            client.list_files()
        for _ in range(2):
            with pytest.raises(Unreachable):
                client.call("hello", "greet")


def test_a_closed_client(served: Served) -> None:
    client = Client(served.url, served.token)
    client.close()
    client.close()
    with pytest.raises(Unreachable):
        client.list_files()

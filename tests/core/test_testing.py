"""The harness for plugins' own tests behaves as a server does."""

import doctest
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from toyz import Context, OpenFile, Picture, Plugin, testing
from toyz.errors import (
    Cancelled,
    CorruptFile,
    InvalidParameter,
    NotFound,
    ToyzError,
    UnknownTask,
    UnsupportedFile,
)
from toyz.protocol import Binary
from toyz.readers import HduInfo
from toyz.testing import LocalContext, LogEntry, read_file, run_task

plugin = Plugin("bench", title="Bench")


@plugin.task
def echo(context: Context, value: Any = None, context_: str = "", task: str = "") -> Any:
    return {"value": value, "names": (context_, task)}


@plugin.task
def speak(context: Context) -> None:
    context.log("hello", "warning")
    context.emit("row", {"x": np.int16(3), "y": float("nan")})
    context.progress(2.0, "too far")
    (context.scratch / "file").write_text("x")


@plugin.task
def size(context: Context, path: str) -> int:
    file = context.open(path)
    try:
        return file.size
    finally:
        file.close()


@plugin.task
def payload(context: Context) -> Binary:
    return Binary(b"bytes", "png", {"width": 1})


@plugin.task(long=True)
def long_payload(context: Context) -> Binary:
    return Binary(b"bytes", "png")


@plugin.task
def endless(context: Context) -> None:
    while True:
        context.progress(0.5)


@plugin.task
def mean(context: Context, path: str, hdu: int | None = None, plane: int = 0) -> dict[str, Any]:
    image = context.image(path, hdu, plane)
    ny, nx = image.raster.shape
    cards = {card.keyword: card.value for card in image.cards}
    sky = None if image.wcs is None else image.wcs.pixel_to_world_values(0, 0)
    return {"mean": image.raster.read(0, ny, 0, nx).mean(), "object": cards.get("OBJECT"), "sky": sky}


@plugin.reader(name="Ramp", extensions=[".ramp"], magic=b"RAMP")
def ramp(file: OpenFile) -> Picture:
    if file.size > 8:
        raise CorruptFile("too long")
    return Picture(pixels=np.arange(6.0).reshape(2, 3) if file.size < 8 else None, header={"OBJECT": "ramp"})


def test_documentation_runs() -> None:
    assert doctest.testmod(testing).failed == 0


def test_names_of_parameters_are_free() -> None:
    result = run_task(plugin, "echo", value=(1, np.float64("nan")), context_="a", task="b")
    assert result == {"value": [1, None], "names": ["a", "b"]}


def test_unknown_task_and_parameter() -> None:
    with pytest.raises(UnknownTask, match=r"bench\.nothing"):
        run_task(plugin, "nothing")
    with pytest.raises(InvalidParameter, match="unknown field"):
        run_task(plugin, "echo", other=1)


def test_what_a_task_says_is_recorded() -> None:
    with LocalContext() as context:
        assert run_task(plugin, "speak", context) is None
        scratch = context.scratch
        assert (scratch / "file").exists()
    assert not scratch.exists()
    assert context.logs == [LogEntry("warning", "hello")]
    assert context.events == [("row", {"x": 3, "y": None})]
    assert context.reports == [(1.0, "too far")]


def test_binary_results() -> None:
    assert run_task(plugin, "payload") == Binary(b"bytes", "png", {"width": 1})
    with pytest.raises(ToyzError, match="long task returns JSON"):
        run_task(plugin, "long_payload")


def test_cancellation() -> None:
    with LocalContext(cancel_when=lambda report: True) as context, pytest.raises(Cancelled):
        run_task(plugin, "endless", context)
    assert len(context.reports) == 1
    assert context.cancelled


def test_files_of_shares_only(tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    (share / "a").write_text("abc")
    (tmp_path / "outside").write_text("secret")
    (share / "link").symlink_to(tmp_path / "outside")
    os.mkfifo(share / "pipe")
    with LocalContext({"data": share}) as context:
        assert run_task(plugin, "size", context, path="data/a") == 3
        for path in ("data/b", "other/a", "data", "data/", "data//a", "/data/a", "data/../outside", "data/link", ""):
            with pytest.raises(NotFound) as caught:
                run_task(plugin, "size", context, path=path)
            assert str(tmp_path) not in caught.value.message
        with pytest.raises(UnsupportedFile):
            run_task(plugin, "size", context, path="data/pipe")


def test_image_of_the_plugin_s_own_reader(tmp_path: Path) -> None:
    (tmp_path / "a.ramp").write_bytes(b"RAMP")
    with LocalContext({"data": tmp_path}) as context:
        assert run_task(plugin, "mean", context, path="data/a.ramp") == {"mean": 2.5, "object": "ramp", "sky": None}
        for wrong in ({"hdu": 1}, {"plane": 1}):
            with pytest.raises(NotFound):
                run_task(plugin, "mean", context, path="data/a.ramp", **wrong)


def test_image_of_a_fits_file(tmp_path: Path) -> None:
    header = fits.Header(
        {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 10.0, "CRVAL2": -30.0, "OBJECT": "M 31"}
    )
    header.update({"CRPIX1": 1.0, "CRPIX2": 1.0, "CDELT1": -1e-4, "CDELT2": 1e-4})
    science = fits.ImageHDU(np.arange(20, dtype=np.float32).reshape(4, 5), header, name="S1")
    fits.HDUList([fits.PrimaryHDU(), science]).writeto(tmp_path / "a.fits")
    with LocalContext({"data": tmp_path}) as context:
        result = run_task(plugin, "mean", context, path="data/a.fits")
    assert (result["mean"], result["object"]) == (9.5, "M 31")
    assert result["sky"] == pytest.approx([10.0, -30.0])


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.txt", b"RAMP", UnsupportedFile),
        ("a.ramp", b"RUMP", UnsupportedFile),
        ("a.ramp", b"RAMP....", CorruptFile),
        ("a.ramp", b"RAMP.........", CorruptFile),
    ],
)
def test_reading_refuses(tmp_path: Path, name: str, data: bytes, kind: type[ToyzError]) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(kind):
        read_file(plugin, tmp_path / name)
    with pytest.raises(NotFound):
        read_file(plugin, tmp_path / "none.ramp")


class Flat:
    """A full reader."""

    name, extensions = "Flat", (".flat",)

    def sniff(self, name: str, head: bytes) -> bool:
        return head.startswith(b"FLAT")

    def open(self, file: OpenFile) -> "Flat":
        return self

    bottom_up, warnings = False, ()
    hdus = (
        HduInfo(index=0, kind="table"),
        HduInfo(index=1, kind="image", shape=(2, 2), dtype="int64", planes=1, windowed=False, unit="adu"),
    )

    def cards(self, hdu: int) -> list[Any]:
        return []

    def header_text(self, hdu: int) -> str:
        return ""

    def raster(self, hdu: int, plane: int = 0) -> Any:
        raise NotImplementedError

    def decode(self, hdu: int, plane: int = 0) -> Any:
        return np.full((2, 2), hdu)

    def close(self) -> None:
        """Nothing is held."""


def test_full_reader(tmp_path: Path) -> None:
    flat = Plugin("flat", title="Flat")
    flat.add_reader(Flat())
    (tmp_path / "any").write_bytes(b"FLAT")
    picture = read_file(flat, tmp_path / "any")
    assert (picture.pixels.tolist(), picture.unit, picture.bottom_up) == ([[1, 1], [1, 1]], "adu", False)


def test_it_needs_numpy_and_msgspec_only() -> None:
    """A plugin's tests run where Toyz's server parts are not installed."""
    code = (
        "import sys, toyz.testing\n"
        "outside = {'astropy', 'tornado', 'httpx', 'websockets', 'toyz_extensions', 'toyz_sessions', 'zmq', 'PIL'}\n"
        "assert not outside & sys.modules.keys(), outside & sys.modules.keys()\n"
    )
    path = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

"""The plugin's own tests: no server, no browser."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hello_plugin import plugin
from numpy.typing import NDArray

from toyz.errors import Cancelled, CorruptFile, InvalidParameter
from toyz.testing import LocalContext, read_file, run_task


def write_graymap(path: Path, pixels: NDArray[Any], comment: str = "") -> Path:
    height, width = pixels.shape
    greatest = 255 if pixels.dtype.itemsize == 1 else 65535
    head = f"P5\n# {comment}\n{width} {height}\n{greatest}\n".encode()
    path.write_bytes(head + pixels.astype(pixels.dtype.newbyteorder(">")).tobytes())
    return path


def test_greeting() -> None:
    assert run_task(plugin, "greet") == {"greeting": "Hello, world!", "count": 1}
    loud = run_task(plugin, "greet", name="Ada", times=2, tone="loud", stars=True)
    assert loud["greeting"] == "✦ HELLO, ADA! HELLO, ADA! ✦"


def test_the_session_counts_greetings() -> None:
    with LocalContext() as context:
        counts = [run_task(plugin, "greet", context)["count"] for _ in range(3)]
    assert counts == [1, 2, 3]


@pytest.mark.parametrize(
    "parameters",
    [{"name": ""}, {"times": 0}, {"times": 6}, {"times": 1.5}, {"tone": "rude"}, {"stars": "yes"}, {"surname": "x"}],
)
def test_wrong_parameters_are_refused(parameters: dict[str, object]) -> None:
    with pytest.raises(InvalidParameter):
        run_task(plugin, "greet", **parameters)


def test_background(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(1000, 10, (300, 500))
    noise[:256, 256:] += 200
    write_graymap(tmp_path / "sky.pgm", noise.round().astype(np.uint16))
    with LocalContext({"data": tmp_path}) as context:
        result = run_task(plugin, "background", context, path="data/sky.pgm", box=256)
    levels = [row["level"] for row in result["rows"]]
    assert levels == pytest.approx([1000, 1200, 1000, 1000], abs=2)
    assert [row["noise"] for row in result["rows"]] == pytest.approx([10] * 4, abs=1.5)
    assert (result["rows"][1]["x"], result["rows"][1]["y"]) == (378.5, 128.5)
    assert [report.fraction for report in context.reports] == [0.25, 0.5, 0.75, 1]
    assert [event.data for event in context.events] == result["rows"]


def test_background_stops_when_it_is_taken_back(tmp_path: Path) -> None:
    write_graymap(tmp_path / "sky.pgm", np.zeros((64, 64), np.uint8))
    context = LocalContext({"data": tmp_path}, cancel_when=lambda report: report.fraction >= 0.5)
    with context, pytest.raises(Cancelled):
        run_task(plugin, "background", context, path="data/sky.pgm", box=8)
    assert len(context.reports) == 32


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_graymap(tmp_path: Path, dtype: type) -> None:
    pixels: NDArray[Any] = (np.arange(35).reshape(5, 7) * 7 % 251).astype(dtype)
    picture = read_file(plugin, write_graymap(tmp_path / "a.pgm", pixels, "Fornax"))
    assert picture.pixels.dtype == dtype
    assert np.array_equal(picture.pixels, pixels)
    assert not picture.bottom_up
    assert picture.header == {"COMMENT1": "Fornax"}


@pytest.mark.parametrize(
    "data",
    [
        b"P5",
        b"P5\n0 4\n255\n",
        b"P5\n4 4\n0\n",
        b"P5\n4 4\n65536\n" + b"0" * 64,
        b"P5\n4 4\n255\nshort",
        b"P5 4 4 255",
        b"P5" + b" " * 5000 + b"x",
    ],
)
def test_broken_graymap(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "broken.pgm"
    path.write_bytes(data)
    with pytest.raises(CorruptFile):
        read_file(plugin, path)

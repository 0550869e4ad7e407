"""Tiles into windows, the dither, and reading rows: the kernels that stand around the decoder."""

import os
from pathlib import Path

import numpy as np
import pytest

from tests.tiles.rice_writer import encode
from toyz_tiles.codecs.quantize import DITHER_1, DITHER_2, NO_DITHER, RANDOM, STARTS, ZERO, restore
from toyz_tiles.codecs.rice import PADDING
from toyz_tiles.codecs.rows import read_rows, read_spans
from toyz_tiles.codecs.tiles import COLUMNS, decode_floats, decode_integers

CODER = np.array([4, 32, NO_DITHER, 0])


def row_tiles(image: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A buffer and a plan with a tile for each row."""
    streams = [encode(row.tolist(), 4, 32) for row in image]
    ends = np.cumsum([len(stream) for stream in streams])
    plan = np.zeros((len(image), len(COLUMNS)), np.int64)
    for number, stream in enumerate(streams):
        span = (ends[number] - len(stream), ends[number])
        plan[number] = (*span, 0, number, 0, image.shape[1], number, number + 1, 0, columns.size)
    return np.frombuffer(b"".join(streams) + b"\0" * PADDING, np.uint8), plan


def test_the_table_of_the_standard() -> None:
    # Appendix I: the seed after 10,000 draws is 1043618065, which proves the generator.
    assert RANDOM[-1] == np.float32(1043618065 / 2147483647)
    assert (RANDOM.size, STARTS.size) == (10_000, 10_000)
    assert ((STARTS >= 0) & (STARTS < 500)).all()


@pytest.mark.parametrize("dither", [NO_DITHER, DITHER_1, DITHER_2])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_restore_is_the_formula(dither: int, kind: type) -> None:
    values = np.random.default_rng(1).integers(-1000, 1000, 25_000).astype(np.int32)
    values[::17] = ZERO
    out: np.ndarray = np.empty(values.size, kind)
    restore(values, values.size, dither, 0.37, -4.0, 9_998, RANDOM, STARTS, out)
    walk, seed = np.empty(0, np.float32), 9_998
    while walk.size < values.size:
        walk = np.append(walk, RANDOM[STARTS[seed] :])
        seed = (seed + 1) % 10_000
    exact = values.astype(np.float64) - (walk[: values.size] - 0.5 if dither else 0)
    if dither:
        exact = (values.astype(np.float64) - walk[: values.size].astype(np.float64)) + 0.5
    expected: np.ndarray = (exact * 0.37 - 4.0).astype(kind)
    if dither == DITHER_2:
        expected[values == ZERO] = 0.0
    np.testing.assert_array_equal(out, expected)


def test_wanted_rows_and_columns() -> None:
    image = np.random.default_rng(2).integers(-500, 500, (9, 70))
    for columns in (np.arange(70), np.arange(20, 31), np.array([0, 7, 8, 69])):
        buffer, plan = row_tiles(image, columns)
        out, damaged = np.empty((9, columns.size), np.int32), np.ones(9, np.int64)
        assert decode_integers(buffer, plan, np.arange(9), columns, CODER, out, damaged)
        assert not damaged.any()
        np.testing.assert_array_equal(out, image[:, columns])


def test_a_damaged_tile_spoils_only_itself() -> None:
    image = np.random.default_rng(3).integers(-500, 500, (9, 70))
    columns = np.arange(70)
    buffer, plan = row_tiles(image, columns)
    plan[4, 1] = plan[4, 0] + 9
    whole, damaged = np.zeros((9, 70), np.int32), np.zeros(9, np.int64)
    assert decode_integers(buffer, plan, np.arange(9), columns, CODER, whole, damaged)
    assert np.flatnonzero(damaged).tolist() == [4]
    expected = image.copy()
    expected[4] = 0
    np.testing.assert_array_equal(whole, expected)
    out = np.zeros((9, 70), np.float32)
    quanta, blanks = np.tile([2.0, 1.0], (9, 1)), np.full(9, 123)
    coder = np.array([4, 32, NO_DITHER, 0])
    seeds = np.arange(9)
    assert decode_floats(
        buffer, plan, np.arange(9), columns, coder, seeds, quanta, blanks, RANDOM, STARTS, out, damaged
    )
    assert np.isnan(out[4]).all()
    np.testing.assert_array_equal(np.delete(out, 4, 0), np.delete(image * 2.0 + 1.0, 4, 0))


@pytest.mark.parametrize(
    ("place", "value"),
    [("row1", 10), ("row0", -1), ("column1", 99), ("column0", -3), ("skip", -1), ("width", 10), ("x", 5), ("y", 9)],
)
def test_a_plan_that_leaves_the_window_is_refused(place: str, value: int) -> None:
    image = np.zeros((9, 70), np.int64)
    columns = np.arange(70)
    buffer, plan = row_tiles(image, columns)
    plan[6, COLUMNS.index(place)] = value
    out = np.full((9, 70), 7, np.int32)
    assert not decode_integers(buffer, plan, np.arange(9), columns, CODER, out, np.zeros(9, np.int64))
    assert (out == 7).all()


def test_rows_are_read_and_a_short_one_is_told(tmp_path: Path) -> None:
    data = np.random.default_rng(4).bytes(10_000)
    (tmp_path / "file").write_bytes(data)
    descriptor = os.open(tmp_path / "file", os.O_RDONLY)
    try:
        offsets = np.array([0, 5000, 7, 9_990, 9_991, 20_000])
        out = np.zeros((6, 10), np.uint8)
        assert read_rows(descriptor, offsets[:4], out[:4]) == 4
        assert [bytes(row) for row in out[:4]] == [data[at : at + 10] for at in (0, 5000, 7, 9_990)]
        assert read_rows(descriptor, offsets, out) == 4
        assert read_rows(descriptor, offsets[:3], out) == -1
    finally:
        os.close(descriptor)
    assert read_rows(descriptor, offsets, out) == 0


def test_spans_are_read_to_their_places(tmp_path: Path) -> None:
    content = np.arange(256, dtype=np.uint8)
    (tmp_path / "bytes").write_bytes(content.tobytes())
    descriptor = os.open(tmp_path / "bytes", os.O_RDONLY)
    offsets, sizes = np.array([10, 200, 250, 0, 5]), np.array([4, 50, 20, 3, 9])
    bases, buffer = np.array([0, 4, 54, 74, 74]), np.full(78, 7, np.uint8)
    got = np.zeros(5, np.int64)
    try:
        read_spans(descriptor, offsets, sizes, bases, buffer, got)
    finally:
        os.close(descriptor)
    assert got.tolist() == [4, 50, 6, 3, -1]
    np.testing.assert_array_equal(buffer[:4], content[10:14])
    np.testing.assert_array_equal(buffer[4:60], content[200:])
    assert not buffer[60:74].any()
    np.testing.assert_array_equal(buffer[74:], [0, 1, 2, 7])

"""The RICE decoder: what an independent encoder wrote comes back, and damage never leaves the arrays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.tiles.rice_writer import LAYOUTS, encode
from toyz_tiles.codecs.rice import PADDING, decode_pair, decode_stream

LIMITS = {1: (0, 255), 2: (-(2**15), 2**15 - 1), 4: (-(2**31), 2**31 - 1)}
GUARD = 64


def buffer_of(*streams: bytes) -> tuple[NDArray[np.uint8], list[tuple[int, int]]]:
    """Put streams behind each other, the padding all ones so that reading it shows."""
    places, at = [], 3
    for stream in streams:
        places.append((at, at + len(stream)))
        at += len(stream)
    data = b"\xff" * 3 + b"".join(streams) + b"\xff" * PADDING
    return np.frombuffer(data, np.uint8), places  # read-only, as file data are


@st.composite
def images(draw: st.DrawFn, count: int | None = None) -> tuple[int, int, list[int]]:
    """Pixels that are smooth in places and wild in others."""
    bytepix = draw(st.sampled_from([1, 2, 4]))
    low, high = LIMITS[bytepix]
    steps = st.one_of(st.integers(-3, 3), st.integers(-300, 300), st.integers(low, high), st.just(0))
    length = count or draw(st.integers(1, 150))
    pixels = [draw(st.integers(low, high))]
    for step in draw(st.lists(steps, min_size=length - 1, max_size=length - 1)):
        pixels.append((pixels[-1] + step - low) % (high - low + 1) + low)
    return bytepix, draw(st.sampled_from([1, 2, 16, 32, 33])), pixels


@settings(deadline=None, max_examples=300)
@given(images())
def test_what_was_encoded_comes_back(image: tuple[int, int, list[int]]) -> None:
    bytepix, blocksize, pixels = image
    buffer, [(start, stop)] = buffer_of(encode(pixels, bytepix, blocksize))
    out = np.full(len(pixels) + GUARD, 77, np.int32)
    assert decode_stream(buffer, start, stop, bytepix, blocksize, len(pixels), out) == len(pixels)
    assert out[: len(pixels)].tolist() == pixels
    assert (out[len(pixels) :] == 77).all()


@settings(deadline=None, max_examples=150)
@given(images(), st.data())
def test_two_at_once_equal_one_by_one(image: tuple[int, int, list[int]], data: st.DataObject) -> None:
    bytepix, blocksize, pixels = image
    low, high = LIMITS[bytepix]
    other = data.draw(st.lists(st.integers(low, high), min_size=len(pixels), max_size=len(pixels)))
    buffer, [a, b] = buffer_of(encode(pixels, bytepix, blocksize), encode(other, bytepix, blocksize))
    one, two = np.empty(len(pixels), np.int32), np.empty(len(pixels), np.int32)
    assert decode_pair(buffer, *a, *b, bytepix, blocksize, len(pixels), one, two)
    assert one.tolist() == pixels
    assert two.tolist() == other


@pytest.mark.parametrize("bytepix", [1, 2, 4])
def test_every_code(bytepix: int) -> None:
    random = np.random.default_rng(bytepix)
    for code in range(LAYOUTS[bytepix][1] + 1):
        reach = min(2 ** (code + 3), 2 ** (8 * bytepix - 2))
        pixels = random.integers(0, reach, 100).tolist()
        buffer, [(start, stop)] = buffer_of(encode(pixels, bytepix, 32, code))
        out = np.empty(100, np.int32)
        assert decode_stream(buffer, start, stop, bytepix, 32, 100, out) == 100
        assert out.tolist() == pixels


@pytest.mark.parametrize("step", [55, 56, 57, 63, 64, 65, 111, 112, 113, 3000])
def test_long_unary_codes(step: int) -> None:
    pixels = [0, step, 0, -step, step, 1]
    for low in (0, 1, 3):
        stream = encode(pixels, 4, 32, low)
        buffer, [(start, stop)] = buffer_of(stream)
        out = np.empty(6, np.int32)
        assert decode_stream(buffer, start, stop, 4, 32, 6, out) == 6
        assert out.tolist() == pixels


def test_a_part_of_a_stream_is_decoded_alone() -> None:
    pixels = np.random.default_rng(3).integers(0, 900, 500).tolist()
    buffer, [(start, stop)] = buffer_of(encode(pixels, 2, 32))
    for count in (0, 1, 31, 32, 33, 499):
        out = np.full(500, -1, np.int32)
        assert decode_stream(buffer, start, stop, 2, 32, count, out) == count
        assert out[:count].tolist() == pixels[:count]
        assert (out[count:] == -1).all()


@pytest.mark.parametrize("bytepix", [1, 2, 4])
def test_a_stream_cut_short_is_not_read_past_its_end(bytepix: int) -> None:
    pixels = np.random.default_rng(4).integers(0, 200, 300).tolist()
    stream = encode(pixels, bytepix, 32)
    for length in range(len(stream)):
        buffer, [(start, stop)] = buffer_of(stream[:length])
        out = np.empty(300, np.int32)
        done = decode_stream(buffer, start, stop, bytepix, 32, 300, out)
        assert done < 300
        assert out[:done].tolist() == pixels[:done]


@pytest.mark.parametrize(
    "change",
    [
        {"start": -1},
        {"start": 10**15},
        {"start": -(2**62)},
        {"stop": 10**9},
        {"stop": 0},
        {"stop": 2**63 - 1},
        {"bytepix": 3},
        {"bytepix": 8},
        {"blocksize": 0},
        {"blocksize": -5},
        {"count": 10**6},
        {"count": -1},
    ],
    ids=str,
)
def test_arguments_that_would_leave_the_arrays_are_refused(change: dict[str, int]) -> None:
    buffer, [(start, stop)] = buffer_of(encode(list(range(50)), 4, 32))
    sound = {"start": start, "stop": stop, "bytepix": 4, "blocksize": 32, "count": 50}
    start, stop, bytepix, blocksize, count = (sound | change).values()
    out = np.full(50, 5, np.int32)
    assert decode_stream(buffer, start, stop, bytepix, blocksize, count, out) == 0
    assert (out == 5).all()


def test_mutated_streams_never_leave_the_arrays() -> None:
    random = np.random.default_rng(11)
    for case in range(6000):
        bytepix = (1, 2, 4)[case % 3]
        pixels = np.cumsum(random.integers(-(4 ** (case % 4)), 4 ** (case % 4) + 1, 120)).clip(*LIMITS[bytepix])
        stream = bytearray(encode(pixels.tolist(), bytepix, 32)) if case < 300 else bytearray(random.bytes(90))
        for place in random.integers(0, len(stream), 1 + case % 5):
            stream[place] = random.integers(256)
        buffer, [a, b] = buffer_of(bytes(stream), bytes(stream[: len(stream) // 2]))
        out = np.full((2, 120 + 2 * GUARD), 77, np.int32)
        one, two = out[0, GUARD:-GUARD], out[1, GUARD:-GUARD]
        done = decode_stream(buffer, *a, bytepix, 32, 120, one)
        assert 0 <= done <= 120
        both = decode_pair(buffer, *a, *b, bytepix, 32, 120, one, two)
        assert both in (True, False)
        assert (out[:, :GUARD] == 77).all()
        assert (out[:, -GUARD:] == 77).all()


def test_an_endless_run_of_noughts_ends() -> None:
    stream = b"\0\0\0\0" + b"\x08" + b"\0" * 200_000  # code 0: every difference in unary
    buffer, [(start, stop)] = buffer_of(stream)
    assert decode_stream(buffer, start, stop, 4, 32, 1000, np.empty(1000, np.int32)) == 0

"""Mutated RICE streams between pages that nobody may touch; run it as a program, because a slip ends the process.

``python -m tests.tiles.rice_fuzz COUNT SEED``. The buffer of the streams ends where a forbidden page begins and begins
where another ends, and so do the arrays that take the pixels: one byte read or written outside is a SIGSEGV.
"""

import ctypes
import mmap
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.tiles.rice_writer import encode
from toyz_tiles.codecs.quantize import DITHER_2, RANDOM, STARTS
from toyz_tiles.codecs.rice import PADDING, decode_pair, decode_stream
from toyz_tiles.codecs.tiles import COLUMNS, decode_floats, decode_integers

PIXELS = 120
LIMITS = {1: (0, 255), 2: (-(2**15), 2**15 - 1), 4: (-(2**31), 2**31 - 1)}
_NONE = 0
_libc = ctypes.CDLL(None, use_errno=True)


class Fenced:
    """Memory between two pages that cannot be read or written; arrays lie against the one or the other."""

    def __init__(self, pages: int = 1) -> None:
        page = mmap.PAGESIZE
        self._map = mmap.mmap(-1, (pages + 2) * page)
        self._bytes = np.frombuffer(self._map, np.uint8)[page:-page]
        start = self._bytes.ctypes.data
        for fence in (start - page, start + pages * page):
            if _libc.mprotect(ctypes.c_void_p(fence), ctypes.c_size_t(page), _NONE):
                raise OSError(ctypes.get_errno(), "mprotect")

    def array(self, count: int, kind: Any, *, at_end: bool) -> NDArray[Any]:
        """Give an array that touches the upper fence, or the lower one."""
        size = count * np.dtype(kind).itemsize
        part = self._bytes[self._bytes.size - size :] if at_end else self._bytes[:size]
        return part.view(kind)


def pool(random: np.random.Generator) -> list[tuple[int, bytes]]:
    """Make sound streams of all kinds of pixels."""
    streams = []
    for case in range(240):
        bytepix = (1, 2, 4)[case % 3]
        reach = 4 ** (case % 9)
        pixels = np.cumsum(random.integers(-reach, reach + 1, PIXELS)).clip(*LIMITS[bytepix])
        streams.append((bytepix, encode(pixels.tolist(), bytepix, (16, 32)[case % 2])))
    return streams


def mutated(stream: bytes, random: np.random.Generator) -> bytes:
    """Flip, overwrite, cut, repeat, insert, or replace all of it."""
    data = bytearray(stream)
    for _ in range(random.integers(1, 5)):
        place = int(random.integers(0, len(data)))
        match random.integers(7):
            case 0:
                data[place] ^= 1 << int(random.integers(8))
            case 1:
                data[place] = int(random.integers(256))
            case 2:
                data = data[: max(1, place)]
            case 3:
                data[place:place] = data[: random.integers(1, 9)]
            case 4:
                data[place : place + 12] = b"\0" * 12
            case 5:
                data[place : place + 12] = b"\xff" * 12
            case _:
                data = bytearray(random.bytes(len(data)))
    return bytes(data[:1500])


class Fuzz:
    """One round after the other over the same fenced memory."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._pool = pool(self._random)
        self._streams, self._one, self._two = Fenced(), Fenced(), Fenced()
        self._window = Fenced()

    def round(self) -> None:
        """Decode one mutated stream, alone, beside another, and as tiles of a window."""
        random = self._random
        (bytepix, a), (_, b) = (self._pool[number] for number in random.integers(0, len(self._pool), 2))
        a, b = mutated(a, random), mutated(b, random)
        at_end = bool(random.integers(2))
        buffer = self._streams.array(len(a) + len(b) + PADDING, np.uint8, at_end=at_end)
        buffer[:] = np.frombuffer(a + b + b"\xff" * PADDING, np.uint8)
        blocksize = int(random.choice([1, 7, 16, 32, 33, 4096]))
        one = self._one.array(PIXELS, np.int32, at_end=at_end)
        two = self._two.array(PIXELS, np.int32, at_end=at_end)
        spans = (0, len(a)), (len(a), len(a) + len(b))
        for start, stop in spans:
            assert 0 <= decode_stream(buffer, start, stop, bytepix, blocksize, PIXELS, one) <= PIXELS
        decode_pair(buffer, *spans[0], *spans[1], bytepix, blocksize, PIXELS, one, two)
        self._tiles(buffer, spans, bytepix, blocksize, at_end)

    def _tiles(self, buffer: NDArray[Any], spans: Any, bytepix: int, blocksize: int, at_end: bool) -> None:
        random, columns = self._random, np.arange(PIXELS // 2)
        rows = np.arange(4)
        plan = np.zeros((2, len(COLUMNS)), np.int64)
        for number, span in enumerate(spans):
            plan[number] = (*span, 0, 2 * number, 0, columns.size, 2 * number, 2 * number + 2, 0, columns.size)
        if random.integers(4) == 0:
            # A plan that is damaged too: it is refused, or does no harm.
            plan[random.integers(2), random.integers(len(COLUMNS))] = random.integers(-5000, 5000)
        coder, damaged = np.array([bytepix, blocksize, DITHER_2, 1]), np.zeros(2, np.int64)
        whole = self._window.array(4 * columns.size, np.int32, at_end=at_end).reshape(4, -1)
        decode_integers(buffer, plan, rows, columns, coder, whole, damaged)
        real = self._window.array(4 * columns.size, np.float32, at_end=at_end).reshape(4, -1)
        seeds, quanta, blanks = random.integers(-(1 << 31), 1 << 31, 2), np.array([[0.1, 5.0]] * 2), np.array([3, 4])
        decode_floats(buffer, plan, rows, columns, coder, seeds, quanta, blanks, RANDOM, STARTS, real, damaged)


def fence_holds() -> None:
    """Touch a fence: the process is to die here."""
    array = Fenced().array(8, np.uint8, at_end=True)
    ctypes.string_at(array.ctypes.data, 9)


def main() -> None:
    if sys.argv[1] == "fence":
        fence_holds()
        return
    fuzz = Fuzz(int(sys.argv[2]))
    for _ in range(int(sys.argv[1])):
        fuzz.round()
    print(f"{sys.argv[1]} mutations")


if __name__ == "__main__":
    main()

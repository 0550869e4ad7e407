"""A RICE_1 encoder for tests: plain and slow, straight from the definition."""

from collections.abc import Sequence

LAYOUTS = {1: (3, 6), 2: (4, 14), 4: (5, 25)}
"""Bytes of a pixel: bits of a block's code, and the code for "in full"."""


def fold(difference: int, bits: int) -> int:
    """Map a difference, taken modulo 2^bits to the nearest nought, to 0, 1, 2, …."""
    half = 1 << (bits - 1)
    near = (difference + half) % (2 * half) - half
    return 2 * near if near >= 0 else -2 * near - 1


def choose_code(folded: Sequence[int], bits: int, top: int) -> int:
    """Choose the number of low bits that makes the block shortest; −1 for nought, `top` for "in full"."""
    if not any(folded):
        return -1
    lengths = {low: sum((value >> low) + 1 + low for value in folded) for low in range(top)}
    best = min(lengths, key=lambda low: lengths[low])
    return best if lengths[best] < bits * len(folded) else top


def encode(pixels: Sequence[int], bytepix: int, blocksize: int, code: int | None = None) -> bytes:
    """Encode a stream.

    Parameters
    ----------
    pixels : sequence of int
    bytepix : {1, 2, 4}
    blocksize : int
    code : int, optional
        Force it for every block that is not nought.
    """
    width, top = LAYOUTS[bytepix]
    bits = 8 * bytepix
    text = [format(pixels[0] % (1 << bits), f"0{bits}b")]
    last = pixels[0]
    for start in range(0, len(pixels), blocksize):
        folded = []
        for value in pixels[start : start + blocksize]:
            folded.append(fold(value - last, bits))
            last = value
        chosen = choose_code(folded, bits, top)
        if code is not None and chosen >= 0:
            chosen = code
        text.append(format(chosen + 1, f"0{width}b"))
        if chosen == top:
            text += [format(value, f"0{bits}b") for value in folded]
        elif chosen >= 0:
            text += ["0" * (value >> chosen) + "1" + _low(value, chosen) for value in folded]
    joined = "".join(text)
    joined += "0" * (-len(joined) % 8)
    return int(joined, 2).to_bytes(len(joined) // 8, "big")


def _low(value: int, bits: int) -> str:
    return format(value & ((1 << bits) - 1), f"0{bits}b") if bits else ""

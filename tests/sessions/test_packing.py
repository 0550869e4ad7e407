"""Unpacking gzip and bzip2: all members, bounded, readable while it goes on."""

import bz2
import gzip
import io
import os
import tempfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toyz.errors import CorruptFile, UnsupportedFile
from toyz.readers import OpenFile
from toyz_sessions import packing


def unpack(data: bytes, end: packing.End = lambda written, read: None) -> bytes:
    with tempfile.TemporaryFile() as packed:
        packed.write(data)
        packed.flush()
        output = io.BytesIO()
        file = OpenFile(os.dup(packed.fileno()), "share/file")
        try:
            packing.unpack(file, output, end=end, report=lambda fraction: None)
        finally:
            file.close()
        return output.getvalue()


@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=4), st.sampled_from([gzip.compress, bz2.compress]))
def test_all_members_are_unpacked(parts: list[bytes], compress: object) -> None:
    whole = b"".join(parts)
    if not whole:
        return
    assert callable(compress)
    assert unpack(b"".join(compress(part) for part in parts)) == whole


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_large_data_pass_in_pieces(compress: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "CHUNK", 1000)
    whole = os.urandom(50_000) + bytes(500_000)
    assert callable(compress)
    assert unpack(compress(whole)) == whole


@given(st.binary(min_size=1, max_size=4000), st.integers(0, 9), st.integers(1, 30), st.integers(1, 4))
def test_gzip_in_any_dress_is_what_zlib_makes_of_it(part: bytes, level: int, repeat: int, flush: int) -> None:
    engine = zlib.compressobj(level, zlib.DEFLATED, 31, 9, (repeat + level) % 5)
    packed = b"".join(
        engine.compress(part) + engine.flush(zlib.Z_FULL_FLUSH if flush == 1 else 0) for _ in range(repeat)
    )
    packed += engine.flush()
    assert unpack(packed) == zlib.decompress(packed, 31)
    named = io.BytesIO()
    with gzip.GzipFile("a name.fits", "wb", fileobj=named, mtime=7) as file:
        file.write(part)
    assert unpack(named.getvalue() + packed) == part + part * repeat


@given(st.binary(min_size=200, max_size=4000), st.data())
def test_damaged_gzip_ends_where_it_is_damaged(part: bytes, data: st.DataObject) -> None:
    whole = part * 20
    packed = bytearray(gzip.compress(whole))
    place = data.draw(st.integers(18, len(packed) - 1))
    packed[place] ^= data.draw(st.integers(1, 255))
    try:
        found = unpack(bytes(packed[: data.draw(st.integers(place, len(packed)))]))
    except CorruptFile:
        return
    assert len(found) <= len(whole) + packing.CHUNK


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_it_goes_no_further_than_it_is_told(compress: object) -> None:
    assert callable(compress)
    asked: list[tuple[int, int]] = []

    def end(written: int, read: int) -> int | None:
        asked.append((written, read))
        return 5_000_000 if written >= 5_000_000 else None

    whole = b"\1" * (64 << 20)
    assert unpack(compress(whole), end) == whole[:5_000_000]
    assert asked[-1][0] < 5_000_000 + packing.CHUNK


def test_noughts_take_no_room(tmp_path: Path) -> None:
    whole = b"begin" + bytes(64 << 20) + b"end"
    (tmp_path / "packed").write_bytes(gzip.compress(whole))
    file = OpenFile(os.open(tmp_path / "packed", os.O_RDONLY), "share/packed")
    with (tmp_path / "out").open("w+b") as output:
        packing.unpack(file, output, end=lambda written, read: None, report=lambda fraction: None)
    file.close()
    assert (tmp_path / "out").read_bytes() == whole
    assert (tmp_path / "out").stat().st_blocks * 512 < 10 << 20


def test_what_comes_before_the_damage_is_kept() -> None:
    whole = os.urandom(100_000)
    cut = gzip.compress(whole)[:-50_000]
    kept = unpack(cut)
    assert len(kept) > 40_000
    assert whole.startswith(kept)


@pytest.mark.parametrize("data", [b"\x1f\x8bnonsense", gzip.compress(b"", mtime=0), b"BZh9nonsense"])
def test_nothing_inside_is_an_error(data: bytes) -> None:
    with pytest.raises(CorruptFile):
        unpack(data)


def test_compress_says_what_to_do() -> None:
    with pytest.raises(UnsupportedFile, match="gzip"):
        packing.packing_of(b"\x1f\x9d\x90")


def test_names() -> None:
    assert packing.unpacked_name("a/b.fits.gz") == "a/b.fits"
    assert packing.unpacked_name("a/b.FITS.BZ2") == "a/b.FITS"
    assert packing.unpacked_name("a/b.fits") == "a/b.fits"
    assert packing.packing_of(b"SIMP") == ""


def test_others_read_along(tmp_path: Path) -> None:
    whole = os.urandom(9 << 20)
    (tmp_path / "packed").write_bytes(gzip.compress(whole, 1))
    seen: list[int] = []
    output = (tmp_path / "out").open("wb")
    file = OpenFile(os.open(tmp_path / "packed", os.O_RDONLY), "share/packed")
    with output:
        packing.unpack(
            file,
            output,
            end=lambda written, read: None,
            report=lambda fraction: seen.append((tmp_path / "out").stat().st_size),
        )
    file.close()
    assert seen == sorted(seen)
    assert 0 < seen[0] < len(whole) == seen[-1]

"""Unpacking gzip and bzip2: all members, bounded, readable while it goes on."""

import bz2
import gzip
import io
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toyz.errors import CorruptFile, TooLarge, UnsupportedFile
from toyz.readers import OpenFile
from toyz_sessions import packing


def unpack(data: bytes, limit: int = 1 << 30) -> bytes:
    with tempfile.TemporaryFile() as packed:
        packed.write(data)
        packed.flush()
        output = io.BytesIO()
        file = OpenFile(os.dup(packed.fileno()), "share/file")
        try:
            packing.unpack(file, output, limit=limit, report=lambda fraction: None)
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


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_a_bomb_is_stopped_at_the_limit(compress: object) -> None:
    assert callable(compress)
    with pytest.raises(TooLarge):
        unpack(compress(bytes(64 << 20)), limit=10 << 20)


def test_what_comes_before_the_damage_is_kept() -> None:
    whole = os.urandom(100_000)
    cut = gzip.compress(whole)[:-50_000]
    kept = unpack(cut)
    assert len(kept) > 40_000
    assert whole.startswith(kept)


@pytest.mark.parametrize("data", [b"\x1f\x8bnonsense", gzip.compress(b""), b"BZh9nonsense"])
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
            file, output, limit=1 << 30, report=lambda fraction: seen.append((tmp_path / "out").stat().st_size)
        )
    file.close()
    assert seen == sorted(seen)
    assert 0 < seen[0] < len(whole) == seen[-1]

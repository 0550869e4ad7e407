import numpy as np
import pytest

from toyz.errors import InvalidParameter
from toyz_tiles import colour


def test_there_are_many_and_each_has_a_group() -> None:
    names = colour.names()
    assert len(names) == len(set(names)) >= 30
    assert {colour.group(name) for name in names} == {"perceptual", "sequential", "diverging", "cyclic", "other"}
    wanted = "gray viridis magma inferno plasma cividis turbo hot afmhot cubehelix gist_heat coolwarm RdBu Greys"
    assert set(wanted.split()) <= set(names)


@pytest.mark.parametrize("name", colour.names())
def test_a_table_has_256_colours(name: str) -> None:
    table = colour.table(name)
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8
    assert not table.flags.writeable
    swatch = colour.swatch(name)
    assert len(swatch) == 32
    assert colour.parse_colour(swatch[0]) == tuple(table[0])
    assert colour.parse_colour(swatch[-1]) == tuple(table[-1])


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("gray", (0, 0, 0), (255, 255, 255)),
        ("viridis", (68, 1, 84), (253, 231, 37)),
        ("magma", (0, 0, 4), (252, 253, 191)),
        ("hot", (11, 0, 0), (255, 255, 255)),
        ("RdBu", (103, 0, 31), (5, 48, 97)),
        ("Greys", (255, 255, 255), (0, 0, 0)),
    ],
)
def test_the_ends_are_those_of_matplotlib(name: str, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    table = colour.table(name).astype(int)
    assert np.abs(table[0] - first).max() <= 1
    assert np.abs(table[-1] - last).max() <= 1


def test_gray_is_the_identity() -> None:
    np.testing.assert_array_equal(colour.table("gray"), np.arange(256, dtype=np.uint8)[:, None].repeat(3, axis=1))


@pytest.mark.parametrize("name", ["", "nosuch", "../viridis", "matlab:gray", "x" * 5000])
def test_others_are_refused(name: str) -> None:
    for function in (colour.table, colour.group, colour.swatch):
        with pytest.raises(InvalidParameter) as caught:
            function(name)
        assert caught.value.field == "style.colormap"
        assert len(caught.value.message) < 200


@pytest.mark.parametrize("text", ["", "red", "#12345", "#1234567", "#gggggg", "#-12345", "#12 34 5"])
def test_colours_that_are_none(text: str) -> None:
    with pytest.raises(InvalidParameter):
        colour.parse_colour(text)

"""The pixels of a mass map."""

import numpy as np
import pytest

from toyz_glass.core.errors import BadInput
from toyz_glass.core.grid import Grid


@pytest.mark.parametrize(("pixrad", "pixels"), [(5, 97), (8, 225), (10, 349)])
def test_a_disc_has_so_many_pixels(pixrad: int, pixels: int) -> None:
    assert len(Grid(pixrad, 1.5)) == pixels


def test_a_split_centre_covers_the_same_area() -> None:
    whole, split = Grid(6, 1.2), Grid(6, 1.2, split=5)
    assert len(split) == len(whole) + 24
    assert np.sum(split.sides**2) == pytest.approx(np.sum(whole.sides**2))
    assert split.positions[split.centre] == pytest.approx((0, 0))


def test_rings_hold_each_pixel_once_and_grow() -> None:
    for grid in (Grid(8, 1.6), Grid(8, 1.6, split=3), Grid(8, 1.6, split=5)):
        assert sorted(np.concatenate(grid.rings)) == list(range(len(grid)))
        assert np.all(np.diff(grid.ring_radii) > 0)
        assert len(grid.rings[0]) == 1


def test_the_mean_radius_of_the_central_square_is_that_of_its_area() -> None:
    grid = Grid(4, 4.0)
    x = (np.arange(2000) + 0.5) / 2000 - 0.5
    assert grid.ring_radii[0] == pytest.approx(np.hypot(*np.meshgrid(x, x)).mean(), rel=1e-6)


def test_neighbours_are_the_pixels_beside() -> None:
    grid = Grid(3, 3.0)
    east, west, north, south = grid.neighbours
    index = {tuple(cell): number for number, cell in enumerate(grid.cells.tolist())}
    for (x, y), number in index.items():
        for weights, cell in ((east, (x + 1, y)), (west, (x - 1, y)), (north, (x, y + 1)), (south, (x, y - 1))):
            assert np.flatnonzero(weights[number]).tolist() == ([index[cell]] if cell in index else [])


def test_a_pixel_beside_the_split_centre_sees_its_mean_and_a_part_the_pixel_beside() -> None:
    grid = Grid(3, 3.0, split=3)
    parts = np.flatnonzero(grid.sides < 1)
    beside = int(np.argmin(np.hypot(*(grid.positions - (1, 0)).T)))
    west = grid.neighbours[1][beside]
    assert np.flatnonzero(west).tolist() == parts.tolist()
    assert west.sum() == pytest.approx(1)
    outer = int(np.argmin(np.hypot(*(grid.positions - (1 / 3, 1 / 3)).T)))
    assert np.flatnonzero(grid.neighbours[0][outer]).tolist() == [beside]


def test_the_mean_of_neighbours_leaves_out_what_is_off_the_map() -> None:
    grid = Grid(3, 3.0)
    assert grid.around.sum(axis=1) == pytest.approx(np.ones(len(grid)))
    assert np.all(np.diag(grid.around) == 0)


def test_a_symmetric_map_has_one_unknown_for_each_pair() -> None:
    for split in (1, 3):
        grid = Grid(8, 1.6, split, symmetric=True)
        assert grid.fold.shape[1] == (len(grid) + 1) // 2
        kappa = grid.fold @ np.random.default_rng(1).random(grid.fold.shape[1])
        opposite = [int(np.argmin(np.hypot(*(grid.positions + place).T))) for place in grid.positions]
        assert kappa[opposite] == pytest.approx(kappa)


def test_a_map_is_laid_out_with_its_lowest_row_first() -> None:
    grid = Grid(2, 2.0)
    image = grid.raster(grid.positions[:, 1][None])[0]
    assert image.shape == (5, 5)
    assert np.isnan(image[0, 0])
    assert image[0, 2] == -2
    assert image[4, 2] == 2
    split = Grid(2, 2.0, split=3)
    fine = split.raster(split.positions[:, 0][None])[0]
    assert fine.shape == (15, 15)
    assert fine[7, 6:9] == pytest.approx([-1 / 3, 0, 1 / 3])
    with pytest.raises(BadInput):
        split.raster(split.positions[:, 0][None], per_pixel=2)


@pytest.mark.parametrize("options", [{"pixrad": 1}, {"pixrad": 26}, {"maprad": 0.0}, {"maprad": np.nan}, {"split": 2}])
def test_no_map_is_like_that(options: dict[str, float]) -> None:
    with pytest.raises(BadInput) as problem:
        Grid(**{"pixrad": 5, "maprad": 1.0, **options})  # type: ignore[arg-type]
    assert problem.value.field == next(iter(options))

"""A client that reads slowly, or not for a while: what it asked for waits, and is not rendered ahead of it."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from astropy.io import fits

from tests.web.harness import Served, Window

MANY = 1500
TILE = {"low": 0.0, "quality": 100}


@pytest.fixture
def noise(server: Served) -> Iterator[str]:
    """Give the path of an image whose tiles are large."""
    path = server.share / "noise.fits"
    pixels = np.random.default_rng(3).uniform(0, 1000, (256, 256)).astype(np.float32)
    fits.writeto(path, pixels)
    yield "sky/noise.fits"
    path.unlink()


def rendered(server: Served) -> int:
    """Give how many tiles sessions have rendered."""
    lines = server.http.get("metrics").text.splitlines()
    found = [each for each in lines if each.startswith('toyz_tiles_total{source="session"}')]
    return int(float(found[0].split()[-1])) if found else 0


def until_nothing_more_is_rendered(server: Served, other: Window, image: str) -> None:
    """Return when a session renders nothing while another one renders twenty tiles, one after the other."""
    for number in itertools.count():
        before = rendered(server)
        for each in range(20):
            other.tile(f"o{number}-{each}", image, 0, 0, 0, high=3000.0 + 20 * number + each)
        if rendered(server) == before + 20:
            return


def test_who_does_not_read_has_little_rendered(server: Served, noise: str) -> None:
    with server.window() as window, server.window() as other:
        image = window.call("open", "images", "open", path=noise)["image"]
        other.call("open", "images", "open", path=noise)
        before = rendered(server)
        for number in range(MANY):
            window.ask_tile(f"t{number}", image, 0, 0, 0, **TILE, high=500.0 + number, priority=1.0)
        until_nothing_more_is_rendered(server, other, image)
        assert 0 < rendered(server) - before < MANY / 2
        for number in range(MANY // 2, MANY):
            window.send({"id": f"t{number}", "cancel": True})
        window.ask_tile("urgent", image, 0, 0, 0, **TILE, high=400.0, priority=0.0)
        while len(window.tiles) < MANY // 2 or "urgent" not in window.tiles:
            window.receive()
        assert all(header.error is None for header, _ in window.tiles.values())
        assert list(window.tiles).index("urgent") < MANY // 2, "it waited for all that were held"
        # Whatever waited has been answered or taken back: the window goes on as if nothing had been.
        window.call("after", "files", "list", path="sky")
        assert len(window.tiles) == MANY // 2 + 1


def test_a_tile_that_is_held_comes_from_the_cache_if_somebody_else_has_had_it_made(server: Served, noise: str) -> None:
    with server.window() as window, server.window() as other:
        image = window.call("open", "images", "open", path=noise)["image"]
        other.call("open", "images", "open", path=noise)
        for number in range(MANY):
            window.ask_tile(f"t{number}", image, 0, 0, 0, **TILE, high=7000.0 + number)
        until_nothing_more_is_rendered(server, other, image)
        last = other.tile("mine", image, 0, 0, 0, **TILE, high=7000.0 + MANY - 1)
        before = rendered(server)
        while len(window.tiles) < MANY:
            window.receive()
        assert window.tiles[f"t{MANY - 1}"][1] == last[1]
        assert rendered(server) - before < MANY

"""The most urgent tile first, and nothing that was taken back."""

import threading

import pytest

from toyz.errors import Busy
from toyz.protocol import Style, TileAddress
from toyz_sessions.messages import Render, RenderTile
from toyz_sessions.scheduler import TileScheduler


def tile(call: str, priority: float = 0.0) -> RenderTile:
    return RenderTile(call, TileAddress("image", 0, 0, 0, Style(0, 1)), priority)


class Gate:
    """Renders by noting the id; the first tile waits until the gate opens."""

    def __init__(self, expected: int) -> None:
        self.order: list[str] = []
        self.busy = threading.Event()
        self.open = threading.Event()
        self.done = threading.Event()
        self.expected = expected

    def render(self, request: Render) -> None:
        self.busy.set()
        assert self.open.wait(10)
        self.order.append(request.id)
        if len(self.order) == self.expected:
            self.done.set()


def blocked(expected: int, limit: int = 100) -> tuple[Gate, TileScheduler]:
    gate = Gate(expected)
    scheduler = TileScheduler(gate.render, limit=limit, workers=1)
    scheduler.submit(tile("first"))
    assert gate.busy.wait(10)
    return gate, scheduler


def test_urgent_tiles_come_first_and_equal_ones_in_order() -> None:
    gate, scheduler = blocked(expected=5)
    for call, priority in [("far", 9.0), ("near", 1.0), ("nearest", 0.5), ("near too", 1.0)]:
        scheduler.submit(tile(call, priority))
    gate.open.set()
    assert gate.done.wait(10)
    assert gate.order == ["first", "nearest", "near", "near too", "far"]
    scheduler.close()


def test_a_cancelled_tile_is_not_rendered() -> None:
    gate, scheduler = blocked(expected=2)
    scheduler.submit(tile("gone"))
    scheduler.submit(tile("kept", 5.0))
    assert scheduler.cancel("gone")
    assert not scheduler.cancel("gone")
    assert not scheduler.cancel("first")
    gate.open.set()
    assert gate.done.wait(10)
    assert gate.order == ["first", "kept"]
    scheduler.close()


def test_the_same_id_again_changes_its_priority_only() -> None:
    gate, scheduler = blocked(expected=3)
    scheduler.submit(tile("a", 5.0))
    scheduler.submit(tile("b", 3.0))
    scheduler.submit(tile("a", 1.0))
    assert len(scheduler) == 2
    gate.open.set()
    assert gate.done.wait(10)
    assert gate.order == ["first", "a", "b"]
    scheduler.close()


def test_the_queue_is_bounded_and_cancelling_makes_room() -> None:
    gate, scheduler = blocked(expected=2, limit=2)
    scheduler.submit(tile("one"))
    scheduler.submit(tile("two"))
    with pytest.raises(Busy):
        scheduler.submit(tile("three"))
    assert scheduler.cancel("one")
    scheduler.submit(tile("three"))
    assert len(scheduler) == 2
    scheduler.close()
    gate.open.set()


def test_ten_thousand_cancelled_tiles_leave_a_small_heap() -> None:
    gate, scheduler = blocked(expected=1)
    for number in range(10_000):
        scheduler.submit(tile(f"t{number % 50}", number))
        scheduler.cancel(f"t{number % 50}")
    assert len(scheduler._heap) <= 66
    scheduler.close()
    gate.open.set()

"""The most urgent tile first, and nothing that was taken back."""

import queue
import threading
import time
from collections.abc import Sequence

import pytest

from toyz.errors import Busy
from toyz.protocol import Style, TileAddress
from toyz_sessions.messages import Render, RenderTile
from toyz_sessions.scheduler import QUICK, Rendered, TileScheduler


def tile(call: str, priority: float = 0.0, *, of: str | None = None) -> RenderTile:
    """Ask for a tile of one's own, or for that of another call."""
    return RenderTile(call, TileAddress(of or call, 0, 0, 0, Style(0, 1)), priority)


class Gate:
    """Renders by noting who asked; the first tile waits until the gate opens."""

    def __init__(self, expected: int, *, final: bool = True) -> None:
        self.order: list[str] = []
        self.rendered: list[str] = []
        self.busy = threading.Event()
        self.open = threading.Event()
        self.done = threading.Event()
        self.expected, self.final = expected, final

    def render(self, request: Render) -> Rendered:
        self.busy.set()
        assert self.open.wait(10)
        self.rendered.append(request.address.image)
        return Rendered("jpeg", request.address.image.encode(), self.final)

    def answer(self, calls: Sequence[str], rendered: Rendered) -> None:
        assert rendered.data.decode() == self.rendered[-1]
        self.order += calls
        if len(self.order) == self.expected:
            self.done.set()


def blocked(expected: int, limit: int = 100, *, final: bool = True) -> tuple[Gate, TileScheduler]:
    gate = Gate(expected, final=final)
    scheduler = TileScheduler(gate.render, gate.answer, limit=limit, workers=1)
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


def test_a_tile_that_several_ask_for_is_rendered_once_at_the_most_urgent_priority() -> None:
    gate, scheduler = blocked(expected=5)
    scheduler.submit(tile("a", 9.0, of="shared"))
    scheduler.submit(tile("other", 5.0))
    scheduler.submit(tile("b", 1.0, of="shared"))
    scheduler.submit(tile("c", 7.0, of="shared"))
    assert len(scheduler) == 4
    gate.open.set()
    assert gate.done.wait(10)
    assert gate.rendered == ["first", "shared", "other"]
    assert gate.order == ["first", "a", "b", "c", "other"]
    scheduler.close()


def test_who_takes_a_shared_tile_back_leaves_it_to_the_others() -> None:
    gate, scheduler = blocked(expected=2)
    for call in ("a", "b"):
        scheduler.submit(tile(call, of="shared"))
    scheduler.submit(tile("alone"))
    assert scheduler.cancel("a")
    assert scheduler.cancel("alone")
    gate.open.set()
    assert gate.done.wait(10)
    assert (gate.rendered, gate.order) == (["first", "shared"], ["first", "b"])
    assert len(scheduler) == 0
    scheduler.close()


@pytest.mark.parametrize("final", [True, False])
def test_who_comes_while_a_tile_is_rendered_has_it_too_unless_its_pixels_may_change(final: bool) -> None:
    gate, scheduler = blocked(expected=3, final=final)
    scheduler.submit(tile("late", of="first"))
    scheduler.submit(tile("next"))
    gate.open.set()
    assert gate.done.wait(10)
    assert gate.rendered == (["first", "next"] if final else ["first", "next", "first"])
    assert gate.order == (["first", "late", "next"] if final else ["first", "next", "late"])
    scheduler.close()


def test_two_threads_never_render_the_same_tile_at_once() -> None:
    gate = Gate(expected=3, final=False)
    scheduler = TileScheduler(gate.render, gate.answer, limit=10, workers=2)
    scheduler.submit(tile("first"))
    assert gate.busy.wait(10)
    scheduler.submit(tile("second", of="first"))
    scheduler.submit(tile("third", of="first"))
    gate.open.set()
    assert gate.done.wait(10)
    assert gate.rendered == ["first", "first"]
    assert sorted(gate.order) == ["first", "second", "third"]
    scheduler.close()


class Where:
    """Notes the thread of each tile; a tile called ``slow`` takes as long as one from a disk."""

    def __init__(self) -> None:
        self.threads: list[str] = []
        self.answered: queue.Queue[list[str]] = queue.Queue()
        self.scheduler = TileScheduler(self.render, lambda calls, _: self.answered.put(list(calls)), limit=10)

    def render(self, request: Render) -> Rendered:
        self.threads.append(threading.current_thread().name)
        if request.address.image == "slow":
            time.sleep(1.5 * QUICK)
        return Rendered("jpeg", b"", True)

    def ask(self, *images: str) -> list[str]:
        """Ask for tiles that come together, and give the threads that rendered them."""
        del self.threads[:]
        for image in images:
            self.scheduler.submit(tile(image), hold=True)
        self.scheduler.settle()
        for _ in images:
            self.answered.get(timeout=10)
        return self.threads


def test_a_tile_that_is_alone_is_rendered_where_it_came_while_tiles_are_quick() -> None:
    where, here = Where(), threading.current_thread().name
    assert where.ask("first") != [here], "nothing is known yet"
    assert where.ask("second") == [here]
    assert where.ask("slow") == [here]
    assert where.ask("third") != [here], "the next one may be as slow"
    assert where.ask("fourth") == [here]
    assert here not in where.ask("a", "b")
    where.scheduler.close()


def test_a_held_tile_that_is_taken_back_is_not_rendered() -> None:
    where = Where()
    where.ask("first")
    where.scheduler.submit(tile("gone"), hold=True)
    where.scheduler.cancel("gone")
    where.scheduler.settle()
    assert where.ask("next") == [threading.current_thread().name]
    assert len(where.scheduler) == 0
    where.scheduler.close()

"""Windows that nobody finds again end a few at a time, and can be found again until then."""

import asyncio
from typing import Any, cast

from toyz_web.graces import AT_ONCE, Graces
from toyz_web.window import Window


class Lost:
    """A window as far as it matters here."""

    user = "ada"


def lost() -> Window:
    return cast(Window, Lost())


def test_many_end_a_few_at_a_time_in_the_order_in_which_they_were_lost() -> None:
    async def run() -> tuple[list[Window], list[Window], int]:
        ended: list[Window] = []
        at_once: list[int] = []
        ending: set[Window] = set()
        done = asyncio.Event()

        async def end(window: Window) -> None:
            ending.add(window)
            at_once.append(len(ending))
            await asyncio.sleep(0)
            ending.remove(window)
            ended.append(window)
            if len(ended) == len(windows):
                done.set()

        graces = Graces(0.0, end)
        windows = [lost() for _ in range(20)]
        for window in windows:
            graces.begin(window)
        assert graces.of("ada") == windows
        await done.wait()
        assert graces.of("ada") == []
        return windows, ended, max(at_once)

    windows, ended, at_once = asyncio.run(run())
    assert ended == windows
    assert at_once == AT_ONCE


def test_who_stands_in_line_can_be_found_again() -> None:
    async def run() -> None:
        ended: list[Window] = []
        began, go_on = asyncio.Event(), asyncio.Event()

        async def end(window: Window) -> None:
            ended.append(window)
            if len(ended) == AT_ONCE:
                began.set()
            await go_on.wait()

        graces = Graces(0.0, end)
        windows = [lost() for _ in range(AT_ONCE + 2)]
        for window in windows:
            graces.begin(window)
        await began.wait()
        found, left = windows[AT_ONCE:]
        assert graces.of("ada") == [found, left]
        graces.take_back(found)
        assert graces.of("ada") == [left]
        closing: asyncio.Task[Any] = asyncio.create_task(graces.close())
        await asyncio.sleep(0)
        assert not closing.done(), "it waits for those that are ending"
        go_on.set()
        await closing
        assert ended == windows[:AT_ONCE]
        assert graces.of("ada") == []

    asyncio.run(run())

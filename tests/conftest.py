"""The order of the suite."""

from pathlib import Path

import pytest

BROWSER = Path(__file__).parent / "browser"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser tests last: while Playwright runs in a thread, asyncio thinks a loop is running there."""
    items.sort(key=lambda item: BROWSER in item.path.parents)

"""How the suite is shared out, and the table of the abuse corpus at its end."""

from pathlib import Path

import pytest

from tests.abuse.table import Table, note_rows

BROWSER = Path(__file__).parent / "browser"


def pytest_configure(config: pytest.Config) -> None:
    """Have the outcome of the abuse corpus counted."""
    config.pluginmanager.register(Table(), "abuse corpus")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Share the suite out: a file to one process, and all that needs the browser to the first, for it takes longest."""
    items.sort(key=lambda item: BROWSER not in item.path.parents)
    for item in items:
        group = "browser" if BROWSER in item.path.parents else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
        note_rows(item)

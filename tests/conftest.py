"""The order of the suite, how it is shared out, and the table of the abuse corpus at its end."""

import os

import pytest

from tests import sharing
from tests.abuse.table import Table, note_rows

# Before numpy is imported. Two threads of a BLAS wait for each other without a pause, and two processes of the suite
# with two threads each take ten times as long for a matrix as they would with one.
for _pool in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_pool}_NUM_THREADS", "1")


def pytest_configure(config: pytest.Config) -> None:
    """Have the outcome of the abuse corpus counted, and the suite shared out where xdist runs it."""
    config.pluginmanager.register(Table(), "abuse corpus")
    if config.pluginmanager.hasplugin("xdist"):
        config.pluginmanager.register(sharing.Plugin(), "sharing")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests with the browser first: together they take longest."""
    items.sort(key=lambda item: not item.nodeid.startswith(sharing.BROWSER))
    for item in items:
        note_rows(item)

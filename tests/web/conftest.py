"""One server for the tests of this folder that do not disturb it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.harness import Served, install_plugin, served


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve one share, with the plugin of the tests installed."""
    folder: Path = tmp_path_factory.mktemp("server")
    with served(folder, site=install_plugin(folder)) as running:
        yield running

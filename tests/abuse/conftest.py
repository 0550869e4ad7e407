"""One server for all abuse: whatever one test does to it, the next still finds it well."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.harness import Served, install_plugin, served
from toyz_sessions.forkserver import ForkServer


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve one share, with the plugin of the tests installed."""
    folder: Path = tmp_path_factory.mktemp("server")
    # Every test opens windows of its own; those that it leaves make room at once.
    with served(folder, site=install_plugin(folder), toml="[limits]\ngrace = 0.1\n") as running:
        yield running


@pytest.fixture(scope="module")
def forkserver() -> Iterator[ForkServer]:
    """Run a fork server, for what is tried inside a session."""
    made = ForkServer()
    asyncio.run(made.start())
    yield made
    asyncio.run(made.close())

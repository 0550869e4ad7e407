"""One fork server for all tests of the process layer: starting it takes seconds."""

import asyncio
from collections.abc import Iterator

import pytest

from toyz_sessions.forkserver import ForkServer


@pytest.fixture(scope="session")
def forkserver() -> Iterator[ForkServer]:
    server = ForkServer()
    asyncio.run(server.start())
    yield server
    asyncio.run(server.close())

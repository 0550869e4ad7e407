"""Faults are done to one server, while somebody else looks at an image on it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.benchmarks import steady
from tests.benchmarks.conftest import Record, pytest_terminal_summary, record
from tests.benchmarks.serving import TOKEN
from tests.chaos import hostile
from tests.web.harness import Served, install_plugin, served
from toyz_exposures import make_exposure

__all__ = ["pytest_terminal_summary", "record"]
SECONDS = 4.0
LIMITS = "[limits]\nsessions = 700\nsessions_per_user = 700\ngrace = 0.5\n"
T = TypeVar("T")


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the long runs are."""
    parser.addoption("--kills", type=int, default=20, help="servers that are killed in mid-work")
    parser.addoption("--minutes", type=float, default=0.5, help="how long the load lasts")
    parser.addoption("--mutations", type=int, default=1000, help="files and frames that are made wrong by chance")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.chaos)
            item.add_marker(pytest.mark.timeout(7200))


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a share: an exposure of small CCDs."""
    folder = tmp_path_factory.mktemp("share") / "sky"
    folder.mkdir()
    make_exposure(folder / "exposure.fits", size="small")
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, share: Path) -> Iterator[Served]:
    """Serve it, with the plugin that goes wrong."""
    folder = tmp_path_factory.mktemp("server")
    site = hostile.install(install_plugin(folder))
    with served(folder, share=share, site=site, token=TOKEN, toml=LIMITS) as running:
        yield running


class Bystander:
    """Somebody who looks at an image all the while, in a process of his own.

    Parameters
    ----------
    url : str
    record : Record
        Is told what he notices.
    """

    def __init__(self, url: str, record: Record) -> None:
        self._url = url
        self._record = record
        self._quiet = steady.p99(self._look(lambda: None)[0])

    def during(self, what: str, fault: Callable[[], T], *, most: float = 0.0) -> T:
        """Do something to others while he looks; gives what `fault` gives.

        Parameters
        ----------
        what : str
        fault : callable
        most : float
            Milliseconds, where the bar is not that of a fault.
        """
        times, outcome = self._look(fault)
        own = f"≤ {max(2 * self._quiet, self._quiet + 5):.1f} ms (twice, or + 5 ms)"
        bar = f"≤ {most:g} ms (a class begins)" if most else own
        self._record(f"p99 of another user: {what}", steady.p99(times), "ms", "quiet", self._quiet, bar)
        return outcome

    def _look(self, fault: Callable[[], T]) -> tuple[list[float], T]:
        command = [sys.executable, "-m", "tests.benchmarks.steady", self._url, f"{SECONDS}", "sky/exposure.fits"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            outcome = fault()
            times: list[float] = json.loads(process.stdout.read())
        return times, outcome


@pytest.fixture
def bystander(server: Served, record: Record) -> Bystander:
    """Give somebody who looks at the exposure."""
    return Bystander(server.url, record)

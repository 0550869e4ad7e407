"""How the suite is shared out to several processes.

Most of what needs the browser goes to the first one, as a whole, and takes longest. All else is given out file by file,
and at the end the rest of the browser's, so that who has done all else helps.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

BROWSER = "tests/browser/"
LATER = tuple(f"{BROWSER}test_{name}.py" for name in ("lens", "notes", "player", "regions", "workspaces"))
"""Files that are given out one by one, at the end; about a third of what needs the browser."""


def place_of(nodeid: str) -> int:
    """Give where in the suite a test stands: before, among, or after the others."""
    if nodeid.startswith(LATER):
        return 2
    return 0 if nodeid.startswith(BROWSER) else 1


class Sharing(LoadScopeScheduling):  # type: ignore[misc]
    """Gives out files in the order of the suite; what needs the browser and stands first counts as one."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if place_of(nodeid) == 0 else nodeid.partition("::")[0]


class Plugin:
    """Tells xdist of it."""

    @pytest.hookimpl
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Sharing:
        """Give the scheduler; the order is ours, for the browser takes longest."""
        config.option.loadscopereorder = False
        return Sharing(config, log)

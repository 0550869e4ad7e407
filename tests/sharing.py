"""How the suite is shared out to several processes: what needs the browser to the first, and else a file to one."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

BROWSER = "tests/browser/"


class Sharing(LoadScopeScheduling):  # type: ignore[misc]
    """Gives out files in the order of the suite; all that needs the browser counts as one."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else nodeid.partition("::")[0]


class Plugin:
    """Tells xdist of it."""

    @pytest.hookimpl
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Sharing:
        """Give the scheduler; the order is ours, for the browser takes longest."""
        config.option.loadscopereorder = False
        return Sharing(config, log)

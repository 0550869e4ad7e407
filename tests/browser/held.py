"""One browser for all tests of this folder that follow each other."""

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.obtain import SWITCHES, NoBrowser, find_browser


class HeldBrowser:
    """A browser that runs from when it is first wanted until it is closed, and again when it is wanted again."""

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    def get(self) -> Browser:
        """Give it; where there is none, the test fails with what to do."""
        if self._browser is None:
            try:
                path = find_browser()
            except NoBrowser as problem:
                pytest.fail(str(problem))
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.launch(executable_path=path, args=[*SWITCHES])
        return self._browser

    def close(self) -> None:
        """End it; a second call does nothing."""
        if self._browser is not None:
            self._browser.close()
        if self._playwright is not None:
            self._playwright.stop()
        self._browser = self._playwright = None

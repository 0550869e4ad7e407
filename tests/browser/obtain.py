"""Find a Chromium for the browser tests, or get one: ``python tests/browser/obtain.py``.

As root on a Debian-like system it is the package ``chromium``; elsewhere it is Playwright's own.
``TOYZ_CHROMIUM`` names another.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HELP = """No browser for the browser tests. Do one of these, then run 'make test' again:
  * sudo apt-get install chromium        (Debian, Ubuntu)
  * .venv/bin/playwright install chromium
  * TOYZ_CHROMIUM=/path/to/chromium make test
"""


SWITCHES = ("--enable-unsafe-swiftshader",)
"""Shaders without a graphics card, for the canvases that ask for them; the page itself does without."""


class NoBrowser(RuntimeError):
    """There is no Chromium here; the message says what to do."""


def _playwright_browser() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def find_browser() -> str:
    """Give the path of a Chromium.

    Raises
    ------
    NoBrowser
    """
    named = os.environ.get("TOYZ_CHROMIUM")
    if named:
        if not os.access(named, os.X_OK):
            raise NoBrowser(f"TOYZ_CHROMIUM={named} cannot be run.\n{HELP}")
        return named
    found = next((path for name in NAMES if (path := shutil.which(name))), None) or _playwright_browser()
    if found is None:
        raise NoBrowser(HELP)
    return found


def obtain() -> str:
    """Find a Chromium, or install one.

    Raises
    ------
    NoBrowser
    """
    try:
        return find_browser()
    except NoBrowser:
        if os.environ.get("TOYZ_CHROMIUM"):
            raise
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], env=environment, check=False)
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return find_browser()


if __name__ == "__main__":
    try:
        print(f"Browser for the tests: {obtain()}")
    except NoBrowser as problem:
        sys.exit(str(problem))

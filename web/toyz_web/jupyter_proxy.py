"""What jupyter-server-proxy must know to start Toyz and lead its user there."""

import os
import secrets
import sys
import tempfile
from pathlib import Path
from typing import Any

import platformdirs

CONFIG = "TOYZ_CONFIG"
"""The variable that names a configuration file, whose shares are then served; else it is the folder Jupyter runs in."""
START = 60.0
"""Seconds for Toyz to listen: the first time, kernels are compiled."""


def setup_toyz() -> dict[str, Any]:
    """Describe the server ``toyz``.

    It listens at a socket that only this user of the system may open, and lets its owner in on the word of
    the proxy, which shows a secret made up for this process. Jupyter has signed the user in before that.
    """
    secret = secrets.token_urlsafe(32)
    return {
        "command": [*_command(), "--unix-socket", "{unix_socket}", "--base-url", "{base_url}toyz/"],
        "unix_socket": True,
        # Toyz knows its prefix, and so do its pages.
        "absolute_url": True,
        "environment": {"TOYZ_PROXY_SECRET": secret},
        "request_headers_override": {"X-Toyz-Proxy": secret},
        "timeout": START,
        "new_browser_tab": True,
        "launcher_entry": {"title": "Toyz", "category": "Astronomy"},
    }


def _command() -> list[str]:
    command = [sys.executable, "-m", "toyz_web.cli", "serve", "--no-browser"]
    config = os.environ.get(CONFIG)
    if config:
        return [*command, "--config", _plain(config)]
    served = Path.cwd().resolve()
    for option, default, name in (
        ("--state", platformdirs.user_state_dir("toyz"), "state"),
        ("--cache", platformdirs.user_cache_dir("toyz"), "cache"),
    ):
        if Path(default).resolve().is_relative_to(served):
            # A share may not hold the server's own folders.
            command += [option, _plain(str(_outside() / name))]
    return [*command, _plain(f"{served.name or 'files'}={served}")]


def _outside() -> Path:
    """Give a folder of this user that is in nobody's home."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return Path(runtime) / "toyz" if runtime else Path(tempfile.gettempdir()) / f"toyz-{os.getuid()}"


def _plain(text: str) -> str:
    """Protect what the proxy would take for the name of a value."""
    return text.replace("{", "{{").replace("}", "}}")

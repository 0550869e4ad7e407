"""Versions, plugins, and whether kernels are compiled already."""

import importlib.metadata
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import zmq

from toyz import __version__
from toyz.config import Config
from toyz_web.doctor.finding import Finding, Level, judged

_PACKAGES = ("tornado", "numpy", "numba", "astropy", "fitsio", "pillow")


def examine(config: Config) -> Iterator[Finding]:
    """Look at what is installed."""
    del config
    yield Finding("Toyz", Level.OK, __version__)
    version = platform.python_version()
    yield judged(
        "Python",
        version,
        good=sys.version_info >= (3, 11),
        means="Toyz needs 3.11",
        advice="Use a later one.",
        worst=Level.BAD,
    )
    yield Finding("ZeroMQ", Level.OK, f"{zmq.zmq_version()} (pyzmq {zmq.pyzmq_version()})")
    for name in _PACKAGES:
        try:
            yield Finding(name, Level.OK, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(
                name, Level.BAD, "missing", "the server does not start", "Install Toyz with its dependencies."
            )
    yield _cfitsio()
    yield _kernels()


def _cfitsio() -> Finding:
    import fitsio  # noqa: PLC0415 - it takes its time

    return Finding("cfitsio", Level.OK, str(fitsio.cfitsio_version()))


def _kernels() -> Finding:
    """Count what numba keeps of compiled kernels beside the code."""
    import toyz_tiles  # noqa: PLC0415

    folder = Path(next(iter(toyz_tiles.__path__)))
    count = sum(1 for _ in folder.rglob("__pycache__/*.nbc"))
    return judged(
        "compiled kernels",
        f"{count} in {folder}",
        good=count > 0,
        means="the first start compiles them, which takes half a minute",
        advice="Start the server once as an account that may write there; or set NUMBA_CACHE_DIR.",
    )

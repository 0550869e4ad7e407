"""What the fork server imports before it forks: to be imported nowhere else.

Inside the sandbox a late import is slow at best, and code compiled late fails. So everything a
session may need is imported, and every numba kernel compiled, here and once. What is missing
is said in the log and missed by nobody else.
"""

import contextlib
import gc
import importlib
import logging
import os
import pkgutil
from collections.abc import Iterator

from toyz_sessions.lifeline import die_with_parent

_MODULES = (
    "concurrent.futures.thread",
    "encodings.ascii",
    "encodings.cp437",
    "encodings.idna",
    "encodings.latin_1",
    "encodings.utf_16",
    "encodings.utf_32",
    "numpy.lib.format",
    "zoneinfo",
    "zstandard",
    "simplejpeg",
    "zmq",
    "fitsio",
    "regions",
    "PIL.Image",
    "astropy.coordinates",
    "astropy.io.fits.hdu.compressed",
    "astropy.time",
    "astropy.utils.iers",
    "astropy.visualization",
    "astropy.wcs",
    "toyz_extensions.fits.source",
    "toyz_sessions.launch",
    "toyz_sessions.process",
    "toyz_sessions.job_process",
    "toyz_sessions.builder_process",
    "toyz_sessions.workshop",
    "toyz_sessions.dispatch",
    "toyz_sessions.images",
    "toyz_sessions.work",
)
_CALLS = (
    "PIL.Image:init",
    "toyz_sessions.warm_sky:warm",
    "toyz_tiles.codecs:warm",
    "toyz_tiles.warm:warm",
    "toyz_extensions.registry:load_registry",
    "toyz_sessions.sandbox:prepare",
)
"""What loads things on its first call: Pillow's plugins, ERFA, kernels, the users' plugins."""

_log = logging.getLogger(__name__)


@contextlib.contextmanager
def reported(name: str) -> Iterator[None]:
    """Write into the log what is missing, and go on."""
    try:
        yield
    except Exception:
        _log.exception("the fork server goes without %s", name)


def _preload() -> None:
    die_with_parent()
    os.setsid()
    for name in _MODULES:
        with reported(name):
            importlib.import_module(name)
    for name in _CALLS:
        with reported(name):
            pkgutil.resolve_name(name)()
    keep()


def keep() -> None:
    """Have nothing that is loaded now looked at by the garbage collector again: it would copy the pages."""
    gc.collect()
    gc.freeze()


_preload()

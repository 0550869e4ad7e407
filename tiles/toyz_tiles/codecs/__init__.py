"""Compiled kernels that turn stored bytes into pixels.

==============  =====================================================================
`rice`          RICE_1 streams to integers, bounds-checked
`quantize`      quantised integers back to floats (dithers, ZBLANK)
`tiles`         many tile streams into one window, integers or floats
`rows`          short pieces of many rows read from a descriptor
==============  =====================================================================

All kernels are serial, release the GIL, and have explicit signatures: importing a module
compiles them, or loads them from numba's cache on disk.
"""

import importlib

KERNELS = ("rice", "quantize", "tiles", "rows")


def warm() -> None:
    """Compile every kernel, so that nothing is left to compile once a process is locked in.

    The fork server calls it before the sandbox is applied: numba's cache can be neither read
    nor written afterwards.
    """
    for name in KERNELS:
        importlib.import_module(f"{__name__}.{name}")

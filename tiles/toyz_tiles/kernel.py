"""How the compiled loops of this package are made.

They are serial, release the interpreter's lock and are cached on disk: a fork server warms
them (`toyz_tiles.warm`) and its children, which may not write the cache, only call them.
A kernel compiled with ``parallel=True`` would abort a forked child.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function of arrays and numbers when it is first called with new types."""
    return numba.njit(nogil=True, cache=True, error_model="numpy")(function)


def plain(array: NDArray[Any]) -> NDArray[Any]:
    """Give an array of the one memory layout that the kernels are compiled for.

    C order, native bytes and writable: any other kind would be a new type and start the
    compiler, which a locked-in session cannot run. Half floats and booleans, for which there
    are no kernels, become float32 and uint8.
    """
    if array.dtype.kind == "f" and array.dtype.itemsize == 2:
        return np.array(array, np.float32, order="C")
    if array.dtype == np.bool_:
        return np.array(array, np.uint8, order="C")
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if not (array.flags.c_contiguous and array.flags.writeable):
        return np.array(array, order="C")
    return array

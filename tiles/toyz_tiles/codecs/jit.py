"""How the kernels are compiled."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(*signatures: Any, inline: bool = False) -> Callable[[Function], Function]:
    """Compile a function: serial, without the GIL, strict IEEE arithmetic, cached on disk.

    Parameters
    ----------
    *signatures
        Compiled at once, and no others are accepted. Without any, the function is one that
        only other kernels call.
    inline : bool
        Whether it becomes part of its callers before they are optimised.
    """
    options: dict[str, Any] = {"nogil": True, "cache": True, "error_model": "numpy"}
    if inline:
        options["inline"] = "always"
    decorate = njit(list(signatures), **options) if signatures else njit(**options)
    return cast(Callable[[Function], Function], decorate)

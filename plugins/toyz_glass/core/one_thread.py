"""Linear algebra without threads of its own."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
T = TypeVar("T")


@cache
def controller() -> Any:
    """Find the libraries that are loaded; a process in a sandbox cannot, so that it is done before."""
    return ThreadpoolController()


def one_thread(function: Callable[P, T]) -> Callable[P, T]:
    """Have the linear algebra within a function use one thread.

    The matrices here are too small to gain by more. Threads of a BLAS wait for each other without a pause, so that on
    a machine that is busy with something else two of them take four times as long as one (measured), or worse.
    """

    @wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> T:
        with controller().limit(limits=1, user_api="blas"):
            return function(*args, **kwargs)

    return limited

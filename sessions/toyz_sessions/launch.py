"""How a child begins: as its spawner wants, then with what it is to run.

A target that is given by its name need not be imported by the server: with a job's come astropy and
numba, which the server never uses.
"""

from collections.abc import Callable
from pkgutil import resolve_name
from typing import Any

from toyz_sessions.order import Order
from toyz_sessions.spawners import SPAWNERS


def launch(order: Order, target: str | Callable[..., None], *arguments: Any) -> None:
    """Call ``target(order, *arguments)`` in the child; a name is ``module:function``, given by our own code."""
    SPAWNERS[order.spawner].begin(order.place)
    called: Callable[..., None] = resolve_name(target) if isinstance(target, str) else target
    called(order, *arguments)

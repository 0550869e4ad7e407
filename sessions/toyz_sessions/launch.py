"""Start a child by the name of what it runs, so that the server need not import it.

A child's target travels by reference, and the server would have to import the module it is in:
with a job's come astropy and numba, which the server never uses.
"""

from pkgutil import resolve_name
from typing import Any

from toyz_sessions.order import Order


def launch(order: Order, target: str, *arguments: Any) -> None:
    """Call ``target`` (``module:function``, named by our own code) in the child."""
    resolve_name(target)(order, *arguments)

"""What a task of the server's own modules is given."""

from dataclasses import dataclass
from typing import Any, Protocol

from toyz_web.shared import Shared


class ViewKeeper(Protocol):
    """The window that a call came from."""

    view: Any


@dataclass(frozen=True)
class ServerContext:
    """Who calls, from which window, and the server's parts."""

    user: str
    window: ViewKeeper
    shared: Shared

"""What a process is told when it is forked."""

from pathlib import Path

import msgspec

from toyz.config import Limits
from toyz_sessions.bounds import Bounds
from toyz_sessions.messages import Grant
from toyz_sessions.spawners.base import Place


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Who a process works for, what it may touch, and where it answers.

    Attributes
    ----------
    place : Place
        Its channel, its scratch folder, and as whom it works.
    spawner : str
        How it is started: a key of `toyz_sessions.spawners.SPAWNERS`.
    user : str
    grants : tuple of Grant
    limits : Limits
    bounds : Bounds
    sandbox : bool
    """

    place: Place
    spawner: str
    user: str
    grants: tuple[Grant, ...]
    limits: Limits
    bounds: Bounds
    sandbox: bool

    @property
    def endpoint(self) -> str:
        """Address of its channel."""
        return self.place.endpoint

    @property
    def scratch(self) -> str:
        """A folder for it alone."""
        return self.place.scratch

    @property
    def folder(self) -> Path:
        """The scratch folder."""
        return Path(self.scratch)

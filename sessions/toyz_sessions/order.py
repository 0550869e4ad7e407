"""What a process is told when it is forked."""

from pathlib import Path

import msgspec

from toyz.config import Limits
from toyz_sessions.messages import Grant


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Who a process works for, what it may touch, and where it answers.

    Attributes
    ----------
    endpoint : str
        Of its channel.
    scratch : str
        A folder for it alone.
    user : str
    grants : tuple of Grant
    limits : Limits
    sandbox : bool
    """

    endpoint: str
    scratch: str
    user: str
    grants: tuple[Grant, ...]
    limits: Limits
    sandbox: bool

    @property
    def folder(self) -> Path:
        """The scratch folder."""
        return Path(self.scratch)

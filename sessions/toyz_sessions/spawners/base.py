"""What a spawner is."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

import msgspec

from toyz.config import Config
from toyz.errors import ToyzError
from toyz_sessions.landlock import Rule
from toyz_sessions.messages import Grant
from toyz_sessions.rundir import RunDirectory


class Account(msgspec.Struct, frozen=True):
    """An account of the operating system."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]


class Place(msgspec.Struct, frozen=True):
    """Where a process is to work: its channel, its scratch folder, and as whom if not as the server itself."""

    endpoint: str
    scratch: str
    account: Account | None = None

    @property
    def socket(self) -> str:
        """Path of the channel's socket."""
        return self.endpoint.removeprefix("ipc://")


class Spawner(ABC):
    """One way to start processes.

    Parameters
    ----------
    config : Config

    Attributes
    ----------
    name : str
        In the configuration.
    holds_files : bool
        Whether what it shows a process of the file system is only what that may touch, Landlock or not.
    shared_caches : bool
        Whether what one user's builders and sessions have made is for all who have been granted the share.
    counted_alone : bool
        Whether RLIMIT_NPROC counts the processes of each one alone, and not all of the account.
    overhead : int
        Processes of its own beside each one that it starts.
    """

    name: ClassVar[str]
    holds_files: ClassVar[bool] = False
    shared_caches: ClassVar[bool] = True
    counted_alone: ClassVar[bool] = False
    overhead: ClassVar[int] = 0

    def __init__(self, config: Config) -> None:
        self.config = config

    @abstractmethod
    def check(self) -> None:
        """See whether this host can do it; may take some milliseconds.

        Raises
        ------
        BadRequest
            With what is missing, and what to do.
        """

    def prepare(self, run: RunDirectory) -> None:  # noqa: B027 - most need nothing
        """Make the run directory fit for its processes."""

    def cache(self, share: str, user: str) -> Path:
        """Give the folder of what is made of a share for a user."""
        del user
        return Path(self.config.cache).resolve() / share

    def place(self, run: RunDirectory, user: str, grants: Sequence[Grant]) -> Place:
        """Make what a process of a user needs: scratch, and the caches, which must exist when a sandbox is made.

        Raises
        ------
        ToyzError
        """
        del user
        try:
            for grant in grants:
                os.makedirs(grant.cache, mode=0o700, exist_ok=True)
            return Place(run.endpoint(), str(run.scratch()))
        except OSError as error:
            raise ToyzError(f"a folder could not be made: {os.strerror(error.errno or 0).lower()}") from error

    def admit(self, place: Place) -> None:  # noqa: B027
        """Let the process connect, now that its channel is bound."""

    @staticmethod  # noqa: B027
    def begin(place: Place) -> None:
        """Do what the process does before anything else."""

    @staticmethod  # noqa: B027
    def confine(place: Place, rules: Callable[[], Sequence[Rule]]) -> None:
        """Do what the process does before it is limited and locked in.

        Raises
        ------
        OSError
        """

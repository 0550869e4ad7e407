"""How processes are started: one mechanism, three ways.

All fork from the fork server. A `Spawner` says what is made ready for a process before that, on the server's side,
and what the process does to itself, first of all (`begin`) and just before it locks itself in (`confine`).
"""

from collections.abc import Mapping
from types import MappingProxyType

from toyz.config import Config
from toyz_sessions.spawners.account import AccountSpawner
from toyz_sessions.spawners.base import Account, Place, Spawner
from toyz_sessions.spawners.bubblewrap import BubblewrapSpawner
from toyz_sessions.spawners.fork import ForkSpawner

SPAWNERS: Mapping[str, type[Spawner]] = MappingProxyType(
    {spawner.name: spawner for spawner in (ForkSpawner, AccountSpawner, BubblewrapSpawner)}
)

__all__ = ["SPAWNERS", "Account", "Place", "Spawner", "make_spawner"]


def make_spawner(config: Config) -> Spawner:
    """Make the spawner of a configuration."""
    return SPAWNERS[config.spawner](config)

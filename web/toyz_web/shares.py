"""What a user may see: the shares of the configuration as grants for a session."""

from pathlib import Path

from toyz.config import Config
from toyz_sessions.messages import Grant


def grants_of(config: Config) -> tuple[Grant, ...]:
    """Give the grants of the single user: every share, each with a cache folder of its own, which is made."""
    grants: list[Grant] = []
    for share in config.shares:
        cache = Path(config.cache).resolve() / share.name
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        grants.append(Grant(name=share.name, path=share.path, cache=str(cache), write=share.write))
    return tuple(grants)

"""What a user may see: the shares of the configuration as grants for a session."""

from pathlib import Path

import msgspec

from toyz.config import Config
from toyz_sessions.messages import Grant

ANONYMOUS = "anonymous"
"""The user of those who are not signed in; no other has this name (`toyz_web.auth.user_name`)."""


def grants_of(config: Config) -> tuple[Grant, ...]:
    """Give the grants of the single user: every share, each with a cache folder of its own, which is made."""
    grants: list[Grant] = []
    for share in config.shares:
        cache = Path(config.cache).resolve() / share.name
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        grants.append(Grant(name=share.name, path=share.path, cache=str(cache), write=share.write))
    return tuple(grants)


def anonymous_grants(config: Config, grants: tuple[Grant, ...]) -> tuple[Grant, ...]:
    """Give those of the single user's grants that everybody has, to look at only."""
    open_shares = {share.name for share in config.shares if share.anonymous}
    return tuple(msgspec.structs.replace(grant, write=False) for grant in grants if grant.name in open_shares)

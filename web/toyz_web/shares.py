"""What a user may see: the shares of a server, as grants for a session."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import structlog

from toyz.config import Config, Share, check_own_folders, check_shares
from toyz.errors import BadRequest
from toyz_sessions.messages import Grant
from toyz_sessions.spawners import make_spawner

log = structlog.get_logger("toyz.shares")
ANONYMOUS = "anonymous"
"""The user of those who are not signed in; no other has this name (`toyz_web.auth.user_name`)."""


class Shares:
    """All shares of a server, and who has which of them.

    Parameters
    ----------
    config : Config
        Its shares are there always.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._spawner = make_spawner(config)
        self._all: dict[str, Share] = {}
        self._levels: dict[str, dict[str, str]] = {}
        self._admins: frozenset[str] = frozenset()
        self._since: dict[str, float] = {}
        self.update((), {}, ())

    def update(
        self,
        added: Iterable[Share],
        levels: Mapping[str, Mapping[str, str]],
        admins: Iterable[str],
        since: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        """Take what the database holds now.

        Parameters
        ----------
        added : iterable of Share
            Beside those of the configuration; one that is in the way of those is left out, and logged.
        levels : mapping
            What each user has been granted: level by share, with what its groups have. What `ANONYMOUS` has,
            all have.
        admins : iterable of str
            Who has every share.
        since : mapping
            When each user came to be: what somebody of the same name had before is another's.
        """
        known = {share.name: share for share in self._config.shares}
        for share in added:
            try:
                check_shares((*known.values(), share))
                check_own_folders((share,), self._config.state, self._config.cache)
            except BadRequest as error:
                log.error("a share is left out", share=share.name, error=error.message)
            else:
                known[share.name] = share
        self._all = known
        self._levels = {user: dict(granted) for user, granted in levels.items()}
        self._admins = frozenset(admins)
        self._since = dict(since)

    @property
    def names(self) -> tuple[str, ...]:
        """Of all shares."""
        return tuple(self._all)

    def grants_for(self, user: str) -> tuple[Grant, ...]:
        """Give what the sessions of a user may see, each with a cache folder of its own."""
        if user in self._admins:
            return tuple(self._grant(share, user, write=True) for share in self._all.values())
        granted, public = self._levels.get(user, {}), self._levels.get(ANONYMOUS, {})
        return tuple(
            self._grant(share, user, write=granted.get(share.name) == "write")
            for share in self._all.values()
            if share.anonymous or share.name in granted or share.name in public
        )

    def every_grant(self, user: str) -> tuple[Grant, ...]:
        """Give every share for writing, also where nobody may write now: to remove what uploads left."""
        return tuple(
            Grant(each.name, each.path, str(self._spawner.cache(each.name, user)), write=True)
            for each in self._all.values()
        )

    def _grant(self, share: Share, user: str, *, write: bool) -> Grant:
        cache = self._spawner.cache(share.name, user)
        since = self._since.get(user, 0.0)
        return Grant(name=share.name, path=share.path, cache=str(cache), write=write and share.write, since=since)

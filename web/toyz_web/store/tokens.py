"""Personal tokens of the API. Only digests are stored: a copy of the database opens nothing."""

import re
import secrets
import time

import msgspec
from sqlite_utils import Database as Tables
from sqlite_utils.db import NotFoundError

from toyz.errors import Conflict, InvalidParameter, NotFound, TooLarge
from toyz_web.store.database import Database
from toyz_web.store.logins import digest

PREFIX = "toyz_"
"""What a personal token begins with, so that those who find one know what it is."""
SCOPES = ("read", "write", "admin")
"""To look; to do all that the user may; to see to accounts as well. Each includes those before it."""
LONGEST = 366 * 86400.0
"""Seconds that a token may live."""
MOST = 50
"""Tokens of one user."""
_NAME = re.compile(r"[\w .@:/-]{1,64}")
_USED = 60.0
"""Seconds; no use is noted more often."""


class Token(msgspec.Struct, frozen=True):
    """What is known of a token.

    Attributes
    ----------
    id : str
        Digest of its value.
    user, name : str
    scope : str
        One of `SCOPES`.
    created, expires, used : float
        Seconds since the epoch; `used` is 0 if it never was.
    """

    id: str
    user: str
    name: str
    scope: str
    created: float
    expires: float
    used: float = 0.0


class TokenStore:
    """Creates, finds and ends tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, user: str, name: str, scope: str, lifetime: float) -> str:
        """Make a token and give its value, which is stored nowhere.

        Parameters
        ----------
        lifetime : float
            Seconds, at most `LONGEST`.

        Raises
        ------
        InvalidParameter, Conflict, TooLarge
        """
        if not _NAME.fullmatch(name):
            raise InvalidParameter("a token's name has up to 64 letters, digits, spaces and . @ : / -", field="name")
        if scope not in SCOPES:
            raise InvalidParameter(f"a scope is one of {', '.join(SCOPES)}", field="scope")
        if not 0 < lifetime <= LONGEST:
            raise InvalidParameter("a token lives for at most a year", field="lifetime")
        value, now = PREFIX + secrets.token_urlsafe(32), time.time()
        token = Token(digest(value), user, name, scope, now, now + lifetime)

        def change(tables: Tables) -> None:
            table = tables.table("tokens")
            table.delete_where("expires < ?", [now])
            if table.count_where("user = ? and name = ?", [user, name]):
                raise Conflict(f"You have a token {name!r} already.", field="name")
            if table.count_where("user = ?", [user]) >= MOST:
                raise TooLarge(f"A user has at most {MOST} tokens.")
            table.insert(msgspec.structs.asdict(token))

        await self._database.write(change)
        return value

    async def find(self, value: str) -> Token | None:
        """Find a token by its value; None if there is none, or it has expired. Its use is noted."""
        key, now = digest(value), time.time()

        def query(tables: Tables) -> Token | None:
            try:
                found = msgspec.convert(tables.table("tokens").get(key), Token)
            except NotFoundError:
                return None
            return found if found.expires >= now else None

        token = await self._database.read(query)
        if token is not None and now - token.used > _USED:
            await self._database.write(
                lambda tables: tables.conn.execute("update tokens set used = ? where id = ?", [now, key])
            )
        return token

    async def stands(self, token: str) -> bool:
        """Whether a token, named by its id, is there and has not expired."""
        return await self._database.read(
            lambda tables: tables.table("tokens").count_where("id = ? and expires >= ?", [token, time.time()]) > 0
        )

    async def list(self, user: str) -> list[Token]:
        """Give the tokens of a user, the newest first."""

        def query(tables: Tables) -> list[Token]:
            rows = tables.table("tokens").rows_where("user = ?", [user], order_by="created desc")
            return [msgspec.convert(row, Token) for row in rows]

        return await self._database.read(query)

    async def end(self, user: str, name: str) -> None:
        """End a token, at once and for good.

        Raises
        ------
        NotFound
        """

        def change(tables: Tables) -> None:
            table = tables.table("tokens")
            if not table.count_where("user = ? and name = ?", [user, name]):
                raise NotFound(f"There is no token {name!r}.", field="name")
            table.delete_where("user = ? and name = ?", [user, name])

        await self._database.write(change)

"""Logins and one-time tickets. Only digests are stored: a copy of the database signs nobody in."""

import hashlib
import secrets
import time
from typing import Any

import msgspec
from sqlite_utils import Database as Tables
from sqlite_utils.db import NotFoundError

from toyz.errors import NotFound
from toyz_web.store.database import Database

LIFETIME = 30 * 86400.0
"""Seconds that a login lasts."""
_AGENT = 200
TICKET_LIFETIME = 3600.0
"""Seconds in which a one-time ticket must be used."""


class Login(msgspec.Struct, frozen=True):
    """What a sign-in creates.

    Attributes
    ----------
    id : str
        Digest of the cookie's value.
    user : str
    secret : str
        Fingerprint of the secrets that were valid at sign-in; a login does not outlive their change.
    created, expires : float
        Seconds since the epoch.
    address, agent : str
        Where it came from, and what the browser said it is.
    way : str
        How its user signed in: ``password``, ``token``, ``link``, or one of `toyz_web.ways`.
    proof : str
        What that way needs to know of it later, such as the id of a token; never a secret.
    """

    id: str
    user: str
    secret: str
    created: float
    expires: float
    address: str = ""
    agent: str = ""
    way: str = ""
    proof: str = ""


def digest(value: str) -> str:
    """Give the SHA-256 of a secret value, in hexadecimal."""
    return hashlib.sha256(value.encode()).hexdigest()


class LoginStore:
    """Creates, finds and ends logins."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self,
        user: str,
        secret: str,
        address: str = "",
        agent: str = "",
        *,
        way: str = "",
        proof: str = "",
        expires: float | None = None,
    ) -> str:
        """Record a login and give the value of its cookie, which is stored nowhere.

        Parameters
        ----------
        expires : float, optional
            Seconds since the epoch at which it ends, if that is before its `LIFETIME`.
        """
        value = secrets.token_urlsafe(32)
        now = time.time()
        until = now + LIFETIME if expires is None else min(expires, now + LIFETIME)
        login = Login(digest(value), user, secret, now, until, address, agent[:_AGENT], way, proof)

        def change(tables: Tables) -> None:
            tables.table("logins").delete_where("expires < ?", [now])
            tables.table("logins").insert(msgspec.structs.asdict(login))

        await self._database.write(change)
        return value

    async def find(self, value: str) -> Login | None:
        """Find the login of a cookie; None if there is none, or it has expired."""
        row = await self._database.read(lambda tables: _row(tables, "logins", digest(value)))
        if row is None or row["expires"] < time.time():
            return None
        return _login(row)

    async def list(self, user: str) -> list[Login]:
        """Give the logins of a user that have not expired, the newest first."""

        def query(tables: Tables) -> list[Login]:
            rows = tables.table("logins").rows_where(
                "user = ? and expires >= ?", [user, time.time()], order_by="created desc"
            )
            return [_login(row) for row in rows]

        return await self._database.read(query)

    async def end(self, login: str) -> None:
        """End a login."""
        await self._database.write(lambda tables: tables.table("logins").delete_where("id = ?", [login]))

    async def end_of(self, user: str, login: str) -> None:
        """End a login of this user.

        Raises
        ------
        NotFound
            If it is none of theirs.
        """

        def change(tables: Tables) -> None:
            table = tables.table("logins")
            if not table.count_where("id = ? and user = ?", [login, user]):
                raise NotFound("There is no such login.", field="login")
            table.delete_where("id = ?", [login])

        await self._database.write(change)

    async def end_others(self, user: str, login: str, secret: str) -> None:
        """End all logins of a user but one, which may go on under another secret; with an empty `login`, all."""

        def change(tables: Tables) -> None:
            tables.table("logins").delete_where("user = ? and id <> ?", [user, login])
            tables.conn.execute("update logins set secret = ? where user = ?", [secret, user])

        await self._database.write(change)

    async def has_come_from(self, user: str, address: str) -> bool:
        """Whether the user has signed in from this address before."""
        return await self._database.read(
            lambda tables: tables.table("logins").count_where("user = ? and address = ?", [user, address]) > 0
        )

    async def issue_ticket(self, user: str) -> str:
        """Make a one-time ticket that signs `user` in."""
        value = secrets.token_urlsafe(24)
        row = {"id": digest(value), "user": user, "expires": time.time() + TICKET_LIFETIME}
        await self._database.write(lambda tables: tables.table("tickets").insert(row))
        return value

    async def use_ticket(self, value: str) -> str | None:
        """Give the user of a ticket and tear it up; None if it is unknown, used or too old."""

        def change(tables: Tables) -> str | None:
            row = _row(tables, "tickets", digest(value))
            tables.table("tickets").delete_where("id = ? or expires < ?", [digest(value), time.time()])
            return None if row is None or row["expires"] < time.time() else str(row["user"])

        return await self._database.write(change)


def _login(row: dict[str, Any]) -> Login:
    return msgspec.convert({name: value or "" for name, value in row.items()}, Login)


def _row(tables: Tables, table: str, key: str) -> dict[str, Any] | None:
    try:
        row: dict[str, Any] = tables.table(table).get(key)
    except NotFoundError:
        return None
    return row

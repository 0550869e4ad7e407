"""Settings of users: a JSON value under a key."""

from sqlite_utils import Database as Tables
from sqlite_utils.db import NotFoundError

from toyz_web.store.database import Database


class SettingStore:
    """Keeps settings by user and key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, user: str, key: str) -> bytes:
        """Give the JSON under a key; ``null`` if there is none."""

        def query(tables: Tables) -> bytes:
            try:
                return str(tables.table("settings").get((user, key))["value"]).encode()
            except NotFoundError:
                return b"null"

        return await self._database.read(query)

    async def set(self, user: str, key: str, value: bytes) -> None:
        """Keep JSON under a key."""
        row = {"user": user, "key": key, "value": value.decode()}
        await self._database.write(lambda tables: tables.table("settings").insert(row, replace=True))

    async def remove(self, user: str, key: str) -> None:
        """Forget a key, if it is there."""
        where = ("user = ? and key = ?", [user, key])
        await self._database.write(lambda tables: tables.table("settings").delete_where(*where))

    async def keys(self, user: str) -> list[str]:
        """Give the keys of a user, in their order."""

        def query(tables: Tables) -> list[str]:
            return [str(row["key"]) for row in tables.table("settings").rows_where("user = ?", [user], order_by="key")]

        return await self._database.read(query)

    async def count(self, user: str, besides: str = "") -> int:
        """Count the keys of a user, without one of them."""
        where = ("user = ? and key != ?", [user, besides])
        return await self._database.read(lambda tables: int(tables.table("settings").count_where(*where)))

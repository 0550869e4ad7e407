"""How much each user may upload, where that is not what everybody may."""

import re
from typing import Annotated

import msgspec
from msgspec import Meta
from sqlite_utils import Database as Tables

from toyz.errors import InvalidParameter, NotFound
from toyz_web.store.audit import Audited

_SIZE = re.compile(r"([0-9]{1,15})([KMGT]?)B?", re.IGNORECASE)
_POWERS = {"": 0, "K": 3, "M": 6, "G": 9, "T": 12}
_MOST = 2**53
_Bytes = Annotated[int, Meta(ge=0, le=_MOST)]


class Quota(msgspec.Struct, frozen=True):
    """How many bytes a user may be uploading at a time, and have uploaded."""

    unfinished: _Bytes
    finished: _Bytes


class QuotaStore(Audited):
    """The quotas of single users."""

    async def set(self, user: str, quota: Quota | None) -> None:
        """Give a user a quota of its own, or with None that of everybody.

        Raises
        ------
        NotFound
        """

        def change(tables: Tables) -> None:
            if not tables.table("users").count_where("name = ?", [user]):
                raise NotFound(f"There is no user {user}.", field="name")
            tables.table("quotas").delete_where("user = ?", [user])
            if quota is not None:
                tables.table("quotas").insert({"user": user, **msgspec.structs.asdict(quota)})
            said = "as everybody" if quota is None else f"{quota.unfinished} and {quota.finished} bytes"
            self._note(tables, "set_quota", user, said)

        await self._database.write(change)

    async def all(self) -> dict[str, Quota]:
        """Give the quotas of those who have one of their own."""
        return await self._database.read(
            lambda tables: {
                row["user"]: Quota(row["unfinished"], row["finished"]) for row in tables.table("quotas").rows
            }
        )


def quota_in(tables: Tables, user: str) -> Quota | None:
    """Give the quota that is this user's own, if there is one."""
    for row in tables.table("quotas").rows_where("user = ?", [user]):
        return Quota(row["unfinished"], row["finished"])
    return None


def parse_size(text: str) -> int:
    """Read a number of bytes, such as ``500M`` or ``2T``: powers of 1000, as everywhere where sizes are shown.

    Raises
    ------
    InvalidParameter
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise InvalidParameter(f"not a size: {text[:50]!r} (such as 500M, 20G, 2T)")
    size: int = int(found[1]) * 10 ** _POWERS[found[2].upper()]
    if size > _MOST:
        raise InvalidParameter(f"{text[:50]!r} is more than a quota may be: {_MOST // 10**12}T")
    return size

"""Shares that were added while servers run, and what users and groups are granted."""

import msgspec
from sqlite_utils import Database as Tables
from sqlite_utils.db import NotFoundError

from toyz.config import SHARE_NAME, Share, check_shares
from toyz.errors import Conflict, InvalidParameter, NotFound
from toyz_web.shares import ANONYMOUS
from toyz_web.store.accounts import check_name
from toyz_web.store.audit import Audited

LEVELS = ("view", "write")
"""To look, to change as well. Each includes the one before it."""


class Granted(msgspec.Struct, frozen=True):
    """That somebody may see a share.

    Attributes
    ----------
    share : str
    subject : str
        A user; ``@group``; or ``anonymous``, who are all that are not signed in.
    level : str
        One of `LEVELS`; a share that nobody may write to is not changed by it.
    """

    share: str
    subject: str
    level: str


class ShareStore(Audited):
    """Keeps shares and grants. Shares of the configuration are not in it, but grants may name them."""

    async def add(self, share: Share, others: tuple[Share, ...] = ()) -> None:
        """Add a share.

        Parameters
        ----------
        others : tuple of Share
            Those of the configuration.

        Raises
        ------
        BadRequest
            If there is one of that name, or one inside the other.
        """
        row = {"name": share.name, "path": share.path, "write": int(share.write)}

        def change(tables: Tables) -> None:
            check_shares((*others, *_shares(tables), share))
            tables.table("shares").insert(row)
            self._note(tables, "add_share", share.name, share.path)

        await self._database.write(change)

    async def remove(self, name: str) -> None:
        """Take a share away, with all that was granted of it; its files stay where they are.

        Raises
        ------
        NotFound
        """

        def change(tables: Tables) -> None:
            try:
                tables.table("shares").delete(name)
            except NotFoundError:
                raise NotFound(f"There is no share {name} that was added here.", field="share") from None
            tables.table("grants").delete_where("share = ?", [name])
            self._note(tables, "remove_share", name)

        await self._database.write(change)

    async def added(self) -> tuple[Share, ...]:
        """Give the shares that were added, by name."""
        return await self._database.read(_shares)

    async def grant(self, share: str, subject: str, level: str) -> None:
        """Grant a share to a user, to a group or to everybody, in place of an earlier grant.

        Raises
        ------
        InvalidParameter, NotFound
            If there is no such user or group.
        Conflict
            If everybody should be granted more than to look.
        """
        if not SHARE_NAME.fullmatch(share):
            raise InvalidParameter(f"not a share name: {share!r} (letters, digits, . _ -)", field="share")
        if level not in LEVELS:
            raise InvalidParameter(f"what is granted is one of {', '.join(LEVELS)}", field="level")
        if subject == ANONYMOUS and level != "view":
            raise Conflict("Who is not signed in may look only.", field="level")

        def change(tables: Tables) -> None:
            _check_subject(tables, subject)
            tables.table("grants").insert({"share": share, "subject": subject, "level": level}, replace=True)
            self._note(tables, "grant", share, f"{subject}: {level}")

        await self._database.write(change)

    async def withdraw(self, share: str, subject: str) -> None:
        """Take a grant back.

        Raises
        ------
        NotFound
        """

        def change(tables: Tables) -> None:
            try:
                tables.table("grants").delete((share, subject))
            except NotFoundError:
                raise NotFound(f"{subject} has not been granted {share}.", field="subject") from None
            self._note(tables, "withdraw", share, subject)

        await self._database.write(change)

    async def granted(self) -> list[Granted]:
        """Give all grants, by share."""
        return await self._database.read(
            lambda tables: [
                msgspec.convert(row, Granted) for row in tables.table("grants").rows_where(order_by="share, subject")
            ]
        )


def _shares(tables: Tables) -> tuple[Share, ...]:
    return tuple(
        Share(name=row["name"], path=row["path"], write=bool(row["write"]))
        for row in tables.table("shares").rows_where(order_by="name")
    )


def _check_subject(tables: Tables, subject: str) -> None:
    if subject == ANONYMOUS:
        return
    table, what, name = ("groups", "group", subject[1:]) if subject.startswith("@") else ("users", "user", subject)
    check_name(name, what)
    if not tables.table(table).count_where("name = ?", [name]):
        raise NotFound(f"There is no {what} {name}.", field="subject")

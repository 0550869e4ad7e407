"""Who somebody is elsewhere, and which user that is here."""

import time
from typing import NamedTuple

import msgspec
from sqlite_utils import Database as Tables

from toyz.errors import Forbidden, InvalidParameter, NotFound
from toyz_web.store.accounts import User, add_user_row, check_name, find_user, set_columns
from toyz_web.store.audit import Audited

WAYS = ("oidc", "pam", "jupyterhub")
"""Ways to sign in whose users are known elsewhere."""


class Person(msgspec.Struct, frozen=True):
    """Somebody for whom another system vouches.

    Attributes
    ----------
    way : str
        Of `WAYS`.
    issuer, subject : str
        Who vouches, and what they call this person for good; together they are the identity.
    name : str
        What they are called here, if that is a name and free.
    groups : tuple of str or None
        The groups here that the other system puts them in; None if it has no say in that.
    admin : bool or None
        Whether the other system makes them an administrator; None if it has no say in that.
    """

    way: str
    issuer: str
    subject: str
    name: str
    groups: tuple[str, ...] | None = None
    admin: bool | None = None


class Settled(NamedTuple):
    """The user of a person, and whether it, its groups or its rights are new."""

    user: User
    changed: bool


class NotAdmitted(Forbidden):
    """Somebody is who they say, and has no account here."""


class IdentityStore(Audited):
    """Finds the users of persons, and makes them where that is wanted."""

    async def settle(self, person: Person, *, create: bool, keep_admin: str = "") -> Settled:
        """Give the user of a person, with the groups and the rights that are theirs now.

        An identity belongs to one user for good. One that is new gets the user of its name only if there is
        none yet and `create` allows it, or if an administrator has admitted that user for this way: nobody
        gets the account of another because another system calls them so.

        Parameters
        ----------
        create : bool
            Whether somebody unknown becomes a user.
        keep_admin : str
            A user who stays an administrator whatever the other system says.

        Raises
        ------
        NotAdmitted
            In words for the person.
        """

        def change(tables: Tables) -> Settled:
            linked = _linked(tables, person)
            name = linked or self._link(tables, person, create=create)
            user = find_user(tables, name)
            if user is None or user.disabled:
                raise NotAdmitted(f"The account {name} is disabled here. Ask an administrator of this server.")
            if person.groups is not None:
                self._follow_groups(tables, person.way, name, person.groups)
            if person.admin is not None and person.admin != user.admin and name != keep_admin:
                set_columns(tables, name, {"admin": int(person.admin)})
                self._note(tables, "make_admin" if person.admin else "make_user", name, person.way)
            found = find_user(tables, name)
            assert found is not None
            return Settled(found, changed=linked is None or found != user)

        return await self._database.write(change)

    async def admit(self, name: str, way: str) -> None:
        """Let the next unknown person who comes this way and has this name be this user.

        Raises
        ------
        NotFound, InvalidParameter
        """
        if way not in WAYS:
            raise InvalidParameter(f"a way to sign in is one of {', '.join(WAYS)}", field="way")

        def change(tables: Tables) -> None:
            if find_user(tables, name) is None:
                raise NotFound(f"There is no user {name}.", field="name")
            tables.table("admissions").insert({"way": way, "user": name}, replace=True)
            self._note(tables, "admit_user", name, way)

        await self._database.write(change)

    async def of(self, name: str) -> list[tuple[str, str]]:
        """Give the identities of a user, as issuer and subject."""
        return await self._database.read(
            lambda tables: [
                (row["issuer"], row["subject"])
                for row in tables.table("identities").rows_where("user = ?", [name], order_by="created")
            ]
        )

    def _link(self, tables: Tables, person: Person, *, create: bool) -> str:
        """Give an identity that is new its user."""
        name = _usable(person.name)
        admitted = tables.table("admissions").count_where("way = ? and user = ?", [person.way, name])
        taken = [row["name"] for row in tables.table("users").rows_where("lower(name) = lower(?)", [name])]
        if admitted:
            tables.table("admissions").delete((person.way, name))
        elif taken:
            raise NotAdmitted(
                f"There is a user {taken[0]} here already. If that is you, ask an administrator of this server to "
                "admit you."
            )
        elif not create:
            raise NotAdmitted(f"You have no account here, {name}. Ask an administrator of this server for one.")
        else:
            add_user_row(tables, User(name, created=time.time()))
            self._note(tables, "add_user", name, person.way)
        row = {"issuer": person.issuer, "subject": person.subject, "user": name, "created": time.time()}
        tables.table("identities").insert(row)
        self._note(tables, "link_identity", name, f"{person.way} {person.issuer}")
        return name

    def _follow_groups(self, tables: Tables, way: str, name: str, groups: tuple[str, ...]) -> None:
        """Make a user's groups of this way those; groups that an administrator has put them in stay."""
        rows = list(tables.table("members").rows_where("user = ?", [name]))
        own = {row["group"] for row in rows if row["way"] == way}
        others = {row["group"] for row in rows if row["way"] != way}
        wanted = {group for group in groups if _is_name(group)} - others
        for group in sorted(own - wanted):
            tables.table("members").delete((group, name))
            self._note(tables, "leave_group", name, f"{group} ({way})")
        for group in sorted(wanted - own):
            tables.table("groups").insert({"name": group, "created": time.time()}, ignore=True)
            tables.table("members").insert({"group": group, "user": name, "way": way})
            self._note(tables, "join_group", name, f"{group} ({way})")


def _linked(tables: Tables, person: Person) -> str | None:
    where = "issuer = ? and subject = ?"
    rows = tables.table("identities").rows_where(where, [person.issuer, person.subject], limit=1)
    return next((str(row["user"]) for row in rows), None)


def _usable(name: str) -> str:
    try:
        return check_name(name)
    except InvalidParameter:
        raise NotAdmitted(
            "What you are called there cannot be the name of a user here: it has up to 64 letters, digits and _ . @ -."
        ) from None


def _is_name(group: str) -> bool:
    try:
        check_name(group, "group")
    except InvalidParameter:
        return False
    return True

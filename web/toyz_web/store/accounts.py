"""Users and groups."""

import re
import time

import msgspec
from sqlite_utils import Database as Tables
from sqlite_utils.db import NotFoundError

from toyz.errors import Conflict, InvalidParameter, NotFound
from toyz_web.shares import ANONYMOUS
from toyz_web.store.audit import Audited
from toyz_web.store.uploads import leave_uploads
from toyz_web.store.workspace_rows import forget_owner

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}")


class User(msgspec.Struct, frozen=True):
    """An account.

    Attributes
    ----------
    name : str
    admin : bool
        Whether it may see to the accounts of others.
    disabled : bool
        Whether it is shut out.
    password : str
        Argon2id of the password, with its parameters; empty if there is none, and one signs in otherwise.
    created : float
        Seconds since the epoch.
    groups : tuple of str
    """

    name: str
    admin: bool = False
    disabled: bool = False
    password: str = ""
    created: float = 0.0
    groups: tuple[str, ...] = ()


def check_name(name: str, what: str = "user") -> str:
    """Give the name of a user or a group back if it is one.

    Raises
    ------
    InvalidParameter
    """
    if not NAME.fullmatch(name) or name == ANONYMOUS:
        raise InvalidParameter(
            f"the name of a {what} has up to 64 letters, digits and _ . @ -, and is not {ANONYMOUS!r}", field="name"
        )
    return name


class AccountStore(Audited):
    """Keeps users and groups. What it does is done in one transaction, or not at all."""

    async def ensure_admin(self, name: str) -> None:
        """Make sure that this user is an administrator and not shut out: it is who runs the server."""

        def change(tables: Tables) -> None:
            if find_user(tables, name) is None:
                add_user_row(tables, User(name, admin=True, created=time.time()))
            else:
                tables.table("users").update(name, {"admin": 1, "disabled": 0})
            # Not noted: it is so at each start.

        await self._database.write(change)

    async def add(self, name: str, *, admin: bool = False, password: str = "", groups: tuple[str, ...] = ()) -> User:
        """Add a user.

        Parameters
        ----------
        password : str
            Its Argon2id; empty for none.

        Raises
        ------
        InvalidParameter, NotFound
            If the name is not one; if a group does not exist.
        Conflict
            If there is such a user.
        """
        user = User(check_name(name), admin, password=password, created=time.time(), groups=groups)

        def change(tables: Tables) -> None:
            # Two names that differ by a letter's case only would be taken for each other.
            taken = [row["name"] for row in tables.table("users").rows_where("lower(name) = lower(?)", [name])]
            if taken:
                raise Conflict(f"There is a user {taken[0]} already.", field="name")
            add_user_row(tables, user)
            for group in groups:
                _join(tables, group, name)
            self._note(tables, "add_user", name, ", ".join([*(["administrator"] if admin else []), *groups]))

        await self._database.write(change)
        return user

    async def find(self, name: str) -> User | None:
        """Find a user."""
        return await self._database.read(lambda tables: find_user(tables, name))

    async def is_active(self, name: str) -> bool:
        """Whether there is such a user who is not shut out."""
        return await self._database.read(
            lambda tables: tables.table("users").count_where("name = ? and disabled = 0", [name]) > 0
        )

    async def have_passwords(self) -> bool:
        """Whether anybody has a password."""
        return await self._database.read(lambda tables: tables.table("users").count_where("password <> ''") > 0)

    async def list(self) -> list[User]:
        """Give all users, by name."""
        return await self._database.read(
            lambda tables: [_user(tables, row) for row in tables.table("users").rows_where(order_by="name")]
        )

    async def set_password(self, name: str, password: str) -> None:
        """Change a password, given as Argon2id; the one-time links of before are void.

        Raises
        ------
        NotFound
        """

        def change(tables: Tables) -> None:
            set_columns(tables, name, {"password": password})
            tables.table("tickets").delete_where("user = ?", [name])
            self._note(tables, "set_password", name)

        await self._database.write(change)

    async def set_admin(self, name: str, admin: bool) -> None:
        """Make a user an administrator, or not.

        Raises
        ------
        NotFound
        Conflict
            If nobody would be left.
        """

        def change(tables: Tables) -> None:
            set_columns(tables, name, {"admin": int(admin)})
            self._note(tables, "make_admin" if admin else "make_user", name)

        await self._database.write(change)

    async def set_disabled(self, name: str, disabled: bool) -> None:
        """Shut a user out, or let it in again; its logins and links end, its tokens rest.

        Raises
        ------
        NotFound
        Conflict
            If no administrator would be left.
        """

        def change(tables: Tables) -> None:
            set_columns(tables, name, {"disabled": int(disabled)})
            if disabled:
                _end(tables, name)
            self._note(tables, "disable_user" if disabled else "enable_user", name)

        await self._database.write(change)

    async def delete(self, name: str) -> None:
        """Delete a user with its logins, tokens, settings and workspaces.

        Raises
        ------
        NotFound
        Conflict
            If no administrator would be left.
        """

        def change(tables: Tables) -> None:
            set_columns(tables, name, {"disabled": 1})
            _end(tables, name)
            for table in ("tokens", "members", "settings", "identities", "admissions"):
                tables.table(table).delete_where("user = ?", [name])
            forget_owner(tables, name)
            tables.table("grants").delete_where("subject = ?", [name])
            tables.table("quotas").delete_where("user = ?", [name])
            leave_uploads(tables, name)
            tables.table("users").delete(name)
            self._note(tables, "delete_user", name)

        await self._database.write(change)

    # ---- groups ---------------------------------------------------------------------------

    async def add_group(self, name: str) -> None:
        """Add a group.

        Raises
        ------
        InvalidParameter, Conflict
        """
        row = {"name": check_name(name, "group"), "created": time.time()}

        def change(tables: Tables) -> None:
            if tables.table("groups").count_where("name = ?", [name]):
                raise Conflict(f"There is a group {name} already.", field="name")
            tables.table("groups").insert(row)
            self._note(tables, "add_group", name)

        await self._database.write(change)

    async def delete_group(self, name: str) -> None:
        """Delete a group; its members stay users.

        Raises
        ------
        NotFound
        """

        def change(tables: Tables) -> None:
            _group(tables, name)
            tables.table("members").delete_where('"group" = ?', [name])
            tables.table("grants").delete_where("subject = ?", [f"@{name}"])
            tables.table("groups").delete(name)
            self._note(tables, "delete_group", name)

        await self._database.write(change)

    async def join(self, group: str, user: str) -> None:
        """Put a user into a group; nothing happens if it is in it.

        Raises
        ------
        NotFound
        """

        def change(tables: Tables) -> None:
            _join(tables, group, user)
            self._note(tables, "join_group", user, group)

        await self._database.write(change)

    async def leave(self, group: str, user: str) -> None:
        """Take a user out of a group.

        Raises
        ------
        NotFound
            If there is no such group, or the user is not in it.
        """

        def change(tables: Tables) -> None:
            _group(tables, group)
            try:
                tables.table("members").delete((group, user))
            except NotFoundError:
                raise NotFound(f"{user} is not in the group {group}.", field="user") from None
            self._note(tables, "leave_group", user, group)

        await self._database.write(change)

    async def groups(self) -> dict[str, tuple[str, ...]]:
        """Give the members of each group, by name."""

        def query(tables: Tables) -> dict[str, tuple[str, ...]]:
            found: dict[str, list[str]] = {
                row["name"]: [] for row in tables.table("groups").rows_where(order_by="name")
            }
            for row in tables.table("members").rows_where(order_by="user"):
                found[row["group"]].append(row["user"])
            return {name: tuple(members) for name, members in found.items()}

        return await self._database.read(query)


def find_user(tables: Tables, name: str) -> User | None:
    """Find a user; part of a transaction."""
    try:
        return _user(tables, tables.table("users").get(name))
    except NotFoundError:
        return None


def _user(tables: Tables, row: dict[str, object]) -> User:
    groups = tables.table("members").rows_where("user = ?", [row["name"]], select='"group"', order_by='"group"')
    return msgspec.convert({**row, "groups": [each["group"] for each in groups]}, User, strict=False)


def add_user_row(tables: Tables, user: User) -> None:
    """Add a user without any groups; part of a transaction."""
    row = msgspec.structs.asdict(user) | {"admin": int(user.admin), "disabled": int(user.disabled)}
    del row["groups"]
    tables.table("users").insert(row)


def set_columns(tables: Tables, name: str, columns: dict[str, object]) -> None:
    """Change what is kept of a user; part of a transaction.

    Raises
    ------
    NotFound
    Conflict
        If no administrator would be left.
    """
    before = find_user(tables, name)
    if before is None:
        raise NotFound(f"There is no user {name}.", field="name")
    tables.table("users").update(name, columns)
    if before.admin and not before.disabled and not tables.table("users").count_where("admin = 1 and disabled = 0"):
        raise Conflict("One administrator must be left.", field="name")


def _end(tables: Tables, name: str) -> None:
    for table in ("logins", "tickets"):
        tables.table(table).delete_where("user = ?", [name])


def _group(tables: Tables, name: str) -> None:
    if not tables.table("groups").count_where("name = ?", [name]):
        raise NotFound(f"There is no group {name}.", field="group")


def _join(tables: Tables, group: str, user: str) -> None:
    _group(tables, group)
    if find_user(tables, user) is None:
        raise NotFound(f"There is no user {user}.", field="user")
    tables.table("members").insert({"group": group, "user": user, "way": ""}, replace=True)

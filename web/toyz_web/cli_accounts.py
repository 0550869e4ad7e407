"""``toyz user`` and ``toyz group``: accounts, from the terminal of who runs the server.

They work on the database, whether a server runs or not; one that runs notices within half a second.
"""

import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from toyz.config import Config
from toyz.errors import NotFound, ToyzError
from toyz_web.cli_common import ConfigFile, State, fail, load, text_of, with_database

if TYPE_CHECKING:
    from toyz_web.store.accounts import AccountStore

T = TypeVar("T")
users = typer.Typer(no_args_is_help=True, help="The users of a server: add, list, change, delete.")
groups = typer.Typer(no_args_is_help=True, help="Groups of users, to whom shares are granted together.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the user.")]
GroupName = Annotated[str, typer.Argument(metavar="GROUP", help="Name of the group.")]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of the standard input.")
]


def _with_accounts(config: Config, work: "Callable[[AccountStore], Awaitable[T]]") -> T:
    from toyz_web.store.accounts import AccountStore  # noqa: PLC0415

    return with_database(config, lambda database: work(AccountStore(database)))


def _ask_password(*, from_input: bool) -> str:
    """Read a new password, and give its Argon2id."""
    from toyz_web.passwords import hash_now  # noqa: PLC0415

    if from_input:
        given = sys.stdin.readline().rstrip("\n")
    else:
        given = typer.prompt("Password", hide_input=True, confirmation_prompt="The same again")
    try:
        return hash_now(given)
    except ToyzError as error:
        fail(error.message)


@users.command("add")
def add_user(
    name: Name,
    admin: Annotated[bool, typer.Option("--admin", help="It may see to the accounts of others.")] = False,
    group: Annotated[list[str] | None, typer.Option(metavar="GROUP", help="Group it belongs to; repeatable.")] = None,
    from_input: FromInput = False,
    link: Annotated[
        bool, typer.Option("--link", help="Ask for no password, but print a link that signs the user in once.")
    ] = False,
    by: Annotated[
        str | None,
        typer.Option(metavar="WAY", help="Ask for no password: the user signs in by oidc, pam or jupyterhub."),
    ] = None,
    config: ConfigFile = None,
    state: State = None,
) -> None:
    """Add a user, and ask for its password."""
    loaded = load(config, state=text_of(state))
    if by is not None:
        _check_way(by)
        if link or from_input:
            fail(f"who signs in by {by} needs neither a password nor a link to set one: leave out --by, or the other")
    password = "" if link or by else _ask_password(from_input=from_input)
    _with_accounts(
        loaded, lambda accounts: accounts.add(name, admin=admin, password=password, groups=tuple(group or ()))
    )
    if by is not None:
        _admit(loaded, name, by)
    if link:
        typer.echo(_link(loaded, name))


@users.command("link")
def link_user(name: Name, config: ConfigFile = None, state: State = None) -> None:
    """Print a link that signs a user in once, within the hour, to set a new password."""
    loaded = load(config, state=text_of(state))
    _with_accounts(loaded, lambda accounts: _present(accounts, name))
    typer.echo(_link(loaded, name))


@users.command("admit")
def admit_user(
    name: Name,
    way: Annotated[str, typer.Argument(metavar="WAY", help="oidc, pam or jupyterhub.")],
    config: ConfigFile = None,
    state: State = None,
) -> None:
    """Let a user who is there already sign in another way: the next one who comes that way under this name is it."""
    _check_way(way)
    _admit(load(config, state=text_of(state)), name, way)


def _check_way(way: str) -> None:
    from toyz_web.store.identities import WAYS  # noqa: PLC0415

    if way not in WAYS:
        fail(f"a way to sign in is one of {', '.join(WAYS)}")


def _admit(config: Config, name: str, way: str) -> None:
    from toyz_web.store.identities import IdentityStore  # noqa: PLC0415

    with_database(config, lambda database: IdentityStore(database).admit(name, way))


@users.command("list")
def list_users(config: ConfigFile = None, state: State = None) -> None:
    """Print all users, a line each: name, what it is, groups."""
    for user in _with_accounts(load(config, state=text_of(state)), lambda accounts: accounts.list()):
        kinds = [word for word, holds in (("administrator", user.admin), ("disabled", user.disabled)) if holds]
        kinds += [] if user.password else ["no password"]
        typer.echo("\t".join([user.name, ", ".join(kinds) or "user", " ".join(f"@{name}" for name in user.groups)]))


@users.command("passwd")
def set_password(name: Name, from_input: FromInput = False, config: ConfigFile = None, state: State = None) -> None:
    """Set a user's password; it is signed out everywhere."""
    loaded = load(config, state=text_of(state))
    _with_accounts(loaded, lambda accounts: _present(accounts, name))
    password = _ask_password(from_input=from_input)
    _with_accounts(loaded, lambda accounts: accounts.set_password(name, password))


@users.command("disable")
def disable(name: Name, config: ConfigFile = None, state: State = None) -> None:
    """Shut a user out: its logins end, its tokens rest, and what it has open is closed."""
    _with_accounts(load(config, state=text_of(state)), lambda accounts: accounts.set_disabled(name, True))


@users.command("enable")
def enable(name: Name, config: ConfigFile = None, state: State = None) -> None:
    """Let a user in again that was shut out."""
    _with_accounts(load(config, state=text_of(state)), lambda accounts: accounts.set_disabled(name, False))


@users.command("admin")
def set_admin(
    name: Name,
    take: Annotated[bool, typer.Option("--no", help="Make it an ordinary user again.")] = False,
    config: ConfigFile = None,
    state: State = None,
) -> None:
    """Make a user an administrator."""
    _with_accounts(load(config, state=text_of(state)), lambda accounts: accounts.set_admin(name, not take))


@users.command("quota")
def set_quota(
    name: Name,
    unfinished: Annotated[str, typer.Option(metavar="SIZE", help="What it may be uploading at a time.")] = "",
    finished: Annotated[str, typer.Option(metavar="SIZE", help="What it may have uploaded.")] = "",
    default: Annotated[bool, typer.Option("--default", help="As much as everybody.")] = False,
    config: ConfigFile = None,
    state: State = None,
) -> None:
    """Say how much a user may upload, such as --unfinished 20G --finished 2T."""
    from toyz_web.store.quotas import Quota, QuotaStore, parse_size  # noqa: PLC0415

    loaded = load(config, state=text_of(state))
    if default == bool(unfinished and finished):
        fail("give --unfinished and --finished, or --default")
    try:
        quota = None if default else Quota(parse_size(unfinished), parse_size(finished))
    except ToyzError as error:
        fail(error.message)
    with_database(loaded, lambda database: QuotaStore(database).set(name, quota))


@users.command("delete")
def delete_user(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigFile = None,
    state: State = None,
) -> None:
    """Delete a user with its logins, tokens and settings."""
    loaded = load(config, state=text_of(state))
    _with_accounts(loaded, lambda accounts: _present(accounts, name))
    if not yes:
        typer.confirm(f"Delete {name} with all its logins, tokens and settings?", abort=True)
    _with_accounts(loaded, lambda accounts: accounts.delete(name))


@groups.command("add")
def add_group(group: GroupName, config: ConfigFile = None, state: State = None) -> None:
    """Add a group."""
    _with_accounts(load(config, state=text_of(state)), lambda accounts: accounts.add_group(group))


@groups.command("list")
def list_groups(config: ConfigFile = None, state: State = None) -> None:
    """Print all groups, a line each: name, members."""
    found = _with_accounts(load(config, state=text_of(state)), lambda accounts: accounts.groups())
    for name, members in found.items():
        typer.echo(f"{name}\t{' '.join(members)}")


@groups.command("join")
def join(group: GroupName, name: Name, config: ConfigFile = None, state: State = None) -> None:
    """Put a user into a group."""
    _with_accounts(load(config, state=text_of(state)), lambda accounts: accounts.join(group, name))


@groups.command("leave")
def leave(group: GroupName, name: Name, config: ConfigFile = None, state: State = None) -> None:
    """Take a user out of a group."""
    _with_accounts(load(config, state=text_of(state)), lambda accounts: accounts.leave(group, name))


@groups.command("delete")
def delete_group(group: GroupName, config: ConfigFile = None, state: State = None) -> None:
    """Delete a group; its members stay."""
    _with_accounts(load(config, state=text_of(state)), lambda accounts: accounts.delete_group(group))


async def _present(accounts: "AccountStore", name: str) -> None:
    if await accounts.find(name) is None:
        raise NotFound(f"There is no user {name}.")


def _link(config: Config, name: str) -> str:
    """Make a one-time link at the address where the server listens, or one of this configuration would."""
    from toyz_web.instance import find_whereabouts  # noqa: PLC0415
    from toyz_web.listening import addresses_of  # noqa: PLC0415
    from toyz_web.store.logins import LoginStore  # noqa: PLC0415

    ticket = with_database(config, lambda database: LoginStore(database).issue_ticket(name))
    kept = find_whereabouts(config)
    address = kept.address if kept is not None else addresses_of(config, config.port)[0]
    return f"{address}login?token={ticket}"

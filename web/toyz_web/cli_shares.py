"""``toyz share``: which directories there are, and who may see them."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
import typer

from toyz.config import Config, Share, check_directories, check_own_folders, parse_share
from toyz.errors import ToyzError
from toyz_web.cli_common import ConfigFile, State, fail, load, text_of, with_database

if TYPE_CHECKING:
    from toyz_web.store.shares import ShareStore

T = TypeVar("T")
shares = typer.Typer(
    no_args_is_help=True,
    help="Directories that users see, and who sees them; administrators see all. A server that runs follows at once.",
)
ShareName = Annotated[str, typer.Argument(metavar="SHARE", help="Name of the share.")]
Subject = Annotated[
    str, typer.Argument(metavar="WHO", help="A user, @group, or anonymous: everybody, signed in or not.")
]


def _with_shares(config: Config, work: "Callable[[ShareStore], Awaitable[T]]") -> T:
    from toyz_web.store.shares import ShareStore  # noqa: PLC0415

    return with_database(config, lambda database: work(ShareStore(database)))


def _known(config: Config) -> dict[str, Share]:
    """Give the shares of the server that was started last, of the configuration, and those that were added."""
    from toyz_web.instance import find_whereabouts  # noqa: PLC0415

    kept = find_whereabouts(config)
    started = kept.shares if kept is not None else ()
    added = _with_shares(config, lambda store: store.added())
    return {share.name: share for share in (*added, *started, *config.shares)}


@shares.command("add")
def add(
    directory: Annotated[str, typer.Argument(metavar="[NAME=]DIR", help="The directory, under its name or this one.")],
    write: Annotated[bool, typer.Option("--write", help="Those who are granted so may write to it.")] = False,
    config: ConfigFile = None,
    state: State = None,
) -> None:
    """Add a share. Nobody but administrators sees it before it is granted."""
    loaded = load(config, state=text_of(state))
    try:
        share = msgspec.structs.replace(parse_share(directory), write=write)
        check_directories((share,))
        check_own_folders((share,), loaded.state, loaded.cache)
    except ToyzError as error:
        fail(error.message)
    _with_shares(loaded, lambda store: store.add(share, loaded.shares))


@shares.command("remove")
def remove(share: ShareName, config: ConfigFile = None, state: State = None) -> None:
    """Take a share away that was added here; its files stay."""
    _with_shares(load(config, state=text_of(state)), lambda store: store.remove(share))


@shares.command("list")
def list_shares(config: ConfigFile = None, state: State = None) -> None:
    """Print all shares, a line each: name, directory, who has been granted it."""
    loaded = load(config, state=text_of(state))
    granted, known = _with_shares(loaded, lambda store: store.granted()), _known(loaded)
    for name in sorted({*known, *(each.share for each in granted)}):
        who = [f"{each.subject}:{each.level}" for each in granted if each.share == name]
        directory = known[name].path if name in known else "(no such share is known)"
        typer.echo(f"{name}\t{directory}\t{' '.join(who)}")


@shares.command("grant")
def grant(
    share: ShareName,
    who: Subject,
    write: Annotated[bool, typer.Option("--write", help="Also to write, where the share allows it.")] = False,
    config: ConfigFile = None,
    state: State = None,
) -> None:
    """Grant a share to somebody: to look at, or also to write."""
    loaded = load(config, state=text_of(state))
    found = _known(loaded).get(share)
    if found is not None and write and not found.write:
        fail(f"nobody may write to {share}: it is not a share for writing (`toyz share add --write`, or write = true)")
    _with_shares(loaded, lambda store: store.grant(share, who, "write" if write else "view"))
    if found is None:
        typer.echo(f"toyz: no share {share} is known yet; {who} has it as soon as a server has it", err=True)


@shares.command("withdraw")
def withdraw(share: ShareName, who: Subject, config: ConfigFile = None, state: State = None) -> None:
    """Take back what was granted; what is open of the share is closed at once."""
    _with_shares(load(config, state=text_of(state)), lambda store: store.withdraw(share, who))

"""What the commands of ``toyz`` have in common: options, reading the configuration, and ending with a message."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from toyz.config import Config, load_config
from toyz.config_addresses import normalise_base_url
from toyz.errors import ToyzError

if TYPE_CHECKING:
    from toyz_web.store.database import Database

T = TypeVar("T")
ConfigFile = Annotated[
    Path | None, typer.Option("--config", "-c", metavar="FILE", help="Configuration in TOML; options here win over it.")
]
State = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Where the database and the secrets are kept.", show_default="~/.local/state/toyz"
    ),
]


def whole(low: int, high: int) -> Callable[[str | int], int]:
    """Give what reads a whole number, and says in our own words what is wrong with another.

    An option's default comes here too, and is a number already.
    """

    def parse(given: str | int) -> int:
        text = str(given).strip()
        if re.fullmatch(r"\d{1,9}", text) and low <= int(text) <= high:
            return int(text)
        raise typer.BadParameter(f"{text[:40]!r} is not a whole number from {low} to {high}.")

    return parse


def load(path: Path | None, **overrides: Any) -> Config:
    """Read the configuration; what is given here wins over it."""
    try:
        if overrides.get("base_url") is not None:
            overrides["base_url"] = normalise_base_url(overrides["base_url"])
        return load_config(text_of(path), **overrides)
    except ToyzError as error:
        fail(error.message)


def text_of(path: Path | None) -> str | None:
    """Give a path as text, if there is one."""
    return None if path is None else str(path)


def fail(message: str) -> NoReturn:
    """End with a message and the status 2."""
    typer.echo(f"toyz: {message}", err=True)
    raise typer.Exit(2)


def with_database(config: Config, work: "Callable[[Database], Awaitable[T]]") -> T:
    """Open the database of a configuration and do something with it."""
    from toyz_web.instance import database_path, prepare_folders  # noqa: PLC0415
    from toyz_web.store.database import Database  # noqa: PLC0415
    from toyz_web.store.migrations import NewerSchema  # noqa: PLC0415

    try:
        prepare_folders(config)
        database = Database(database_path(config))
    except (ToyzError, NewerSchema) as error:
        fail(str(error))
    try:
        return asyncio.run(_awaited(work(database)))
    except ToyzError as error:
        fail(error.message)
    finally:
        database.close()


async def _awaited(work: Awaitable[T]) -> T:
    return await work

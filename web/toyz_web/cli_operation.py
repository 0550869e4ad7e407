"""``toyz status``, ``toyz backup`` and ``toyz restore``: seeing to a server and keeping its state."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from toyz.errors import ToyzError
from toyz_web.cli_common import ConfigFile, State, fail, load, text_of


def backup(
    target: Annotated[
        Path,
        typer.Argument(metavar="FILE.zip|DIR", help="File to write, or a directory for one named by the date."),
    ],
    config: ConfigFile = None,
    state: State = None,
) -> None:
    """Write users, grants, tokens, jobs, settings and the server's secrets into one file, while it runs or not.

    Whoever has the file can sign in as anybody: its mode is 0600.
    """
    from toyz_web.backup import back_up  # noqa: PLC0415

    loaded = load(config, state=text_of(state))
    if target.is_dir():
        target /= time.strftime("toyz-%Y-%m-%dT%H%M%S.zip")
    try:
        manifest = back_up(loaded, target)
    except ToyzError as error:
        fail(error.message)
    typer.echo(f"{target}: {target.stat().st_size} bytes, schema {manifest.schema}")


def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE.zip", help="What `toyz backup` has written.")],
    config: ConfigFile = None,
    state: State = None,
) -> None:
    """Put a backup in the place of the state of a server that does not run; what was there is kept aside."""
    from toyz_web.backup import restore as put_back  # noqa: PLC0415

    loaded = load(config, state=text_of(state))
    try:
        manifest, aside = put_back(loaded, source)
    except ToyzError as error:
        fail(error.message)
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(manifest.created))
    typer.echo(f"{loaded.state} is as it was on {when}.")
    if aside is not None:
        typer.echo(f"What was there before is in {aside}.")


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON, for programs.")] = False,
    config: ConfigFile = None,
    state: State = None,
) -> None:
    """Tell how the running server of this state folder is doing. It ends with 1 if none answers."""
    from toyz_web.ask_status import NoAnswer, ask  # noqa: PLC0415
    from toyz_web.show_status import show  # noqa: PLC0415

    loaded = load(config, state=text_of(state))
    try:
        found = ask(loaded)
    except NoAnswer as error:
        typer.echo(f"toyz: {error.message}", err=True)
        raise typer.Exit(1) from None
    except ToyzError as error:
        fail(error.message)
    if as_json:
        sys.stdout.write(found.text + "\n")
    else:
        show(found.status, found.address)

"""``toyz doctor``."""

from typing import Annotated

import typer

from toyz_web.cli_common import ConfigFile, State, load, text_of


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON, for programs.")] = False,
    config: ConfigFile = None,
    state: State = None,
) -> None:
    """Say what this host offers, what is in force, and what is wrong. It ends with 1 if something is bad."""
    from toyz_web.doctor import Level, examine  # noqa: PLC0415
    from toyz_web.doctor.report import as_bytes, show  # noqa: PLC0415
    from toyz_web.doctor.settings import file_of  # noqa: PLC0415

    loaded = load(config, state=text_of(state))
    found = examine(loaded)
    if config is not None:
        found["Configuration"] += file_of(config, loaded)
    if as_json:
        typer.echo(as_bytes(found).decode())
    else:
        show(found)
    if any(finding.level is Level.BAD for findings in found.values() for finding in findings):
        raise typer.Exit(1)

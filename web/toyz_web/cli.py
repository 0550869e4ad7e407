"""The command line: ``toyz``."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toyz import __version__
from toyz.config import Config, Share, check_directories, parse_share
from toyz.errors import ToyzError
from toyz_web import cli_accounts, cli_doctor, cli_operation, cli_shares
from toyz_web.cli_common import ConfigFile, State, fail, load, text_of, whole
from toyz_web.cli_surroundings import configured_by, read_surroundings

if TYPE_CHECKING:
    from toyz_web.surroundings import Surroundings

app = typer.Typer(
    name="toyz",
    help="Look at, and work on, astronomical images and catalogs that stay on the server.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(cli_accounts.users, name="user")
app.add_typer(cli_accounts.groups, name="group")
app.add_typer(cli_shares.shares, name="share")
app.command(no_args_is_help=False)(cli_operation.status)
app.command(no_args_is_help=False)(cli_doctor.doctor)
app.command(no_args_is_help=True)(cli_operation.backup)
app.command(no_args_is_help=True)(cli_operation.restore)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"toyz {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Look at, and work on, astronomical images and catalogs that stay on the server."""
    del version


@app.command(no_args_is_help=False)
def serve(
    directories: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME=]DIR…", help="Directories to show, each under its own name or the one given."),
    ] = None,
    *,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; 0.0.0.0 for all.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            parser=whole(0, 65535),
            metavar="NUMBER",
            help="Port; the next free one is taken if it is busy.",
            show_default="8642",
        ),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="/PREFIX", help="Prefix of every URL, behind a proxy.", show_default="/")
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where browsers find it behind a proxy; its path is the prefix of every URL."),
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Certificate with its chain (PEM), to speak https without a proxy."),
    ] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="The certificate's key (PEM).")] = None,
    config: ConfigFile = None,
    state: State = None,
    cache: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where pyramids and unpacked files are kept.", show_default="~/.cache/toyz"),
    ] = None,
    browser: Annotated[bool | None, typer.Option("--browser/--no-browser", help="Open the page in a browser.")] = None,
    sandbox: Annotated[
        bool | None,
        typer.Option(
            "--sandbox/--no-sandbox",
            help="Lock sessions in, so that a hostile file reaches nothing but what you may see (needs Linux ≥ 5.13).",
        ),
    ] = None,
    jupyterhub: Annotated[
        bool,
        typer.Option("--jupyterhub", help="Run as a service or a single-user server of the JupyterHub that starts it."),
    ] = False,
    unix_socket: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Listen at a socket of this machine instead of a port.")
    ] = None,
    spawner: Annotated[
        str | None,
        typer.Option(
            metavar="fork|account|bubblewrap",
            help="How sessions and jobs are started: by a fork, as the user's own account (as root), or in namespaces.",
            show_default="fork",
        ),
    ] = None,
    log_level: Annotated[
        str, typer.Option(metavar="LEVEL", help="Least level that is logged: debug, info, warning or error.")
    ] = "warning",
    log_format: Annotated[str, typer.Option(metavar="json|text", help="How a line of the log looks.")] = "json",
    log_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Log to a file, which may be rotated.", show_default="standard error"),
    ] = None,
) -> None:
    """Serve directories to your browser.

    It prints a link that signs you in once; Ctrl-C ends it. The token for scripts is what
    `toyz token` prints, or what TOYZ_TOKEN sets.
    """
    if log_level not in ("debug", "info", "warning", "error"):
        fail(f"not a log level: {log_level}")
    if log_format not in ("json", "text"):
        fail(f"not a format of logs: {log_format}")
    surroundings = read_surroundings(jupyterhub=jupyterhub, unix_socket=unix_socket)
    root = surroundings.hub.root if surroundings.hub is not None else ""
    options = {
        "host": host,
        "port": port,
        "base_url": base_url,
        "public_url": public_url,
        "certificate": text_of(certificate),
        "key": text_of(key),
        "state": text_of(state),
        "cache": text_of(cache),
        "browser": browser,
        "sandbox": sandbox,
        "spawner": spawner,
    }
    shares = tuple(_shares(directories or ([root] if root else ())))
    loaded = load(config, shares=shares, **(options | configured_by(surroundings)))
    if not loaded.shares:
        fail("nothing to serve: name a directory, as in `toyz serve ~/data`")
    try:
        check_directories(loaded.shares)
    except ToyzError as error:
        fail(error.message)
    _run(loaded, surroundings, log_level, log_format, log_file)


def _run(config: Config, surroundings: "Surroundings", log_level: str, log_format: str, log_file: Path | None) -> None:
    """Serve until Ctrl-C, and say at the beginning where."""
    # Imported here, so that --help and --version answer at once.
    from toyz_web.logs import configure_logs  # noqa: PLC0415
    from toyz_web.server import Server  # noqa: PLC0415
    from toyz_web.serving import serve as run  # noqa: PLC0415

    try:
        configure_logs(log_level, form=log_format, file=log_file)
    except OSError as error:
        fail(f"the log file {log_file} cannot be written: {(error.strerror or str(error)).lower()}")

    def announce(server: Server, link: str) -> None:
        names = ", ".join(share.name for share in config.shares)
        if not link:
            typer.echo(f"Toyz {__version__} serves {names} under {config.base_url}.")
            sys.stdout.flush()
            return
        typer.echo(f"Toyz {__version__} serves {names}. Open this link; it signs you in once:\n")
        typer.echo(f"    {link}\n")
        where = "that TOYZ_TOKEN or the configuration sets" if config.token else "that `toyz token` prints"
        typer.echo(f"Later, sign in at {server.address} with the token {where}. Ctrl-C ends the server.")
        sys.stdout.flush()

    def starting() -> None:
        typer.echo(
            "Starting … the first start after an installation compiles its loops, which may take a minute.", err=True
        )

    try:
        asyncio.run(run(config, announce, surroundings, starting))
    except ToyzError as error:
        fail(error.message)


@app.command()
def token(config: ConfigFile = None, state: State = None) -> None:
    """Print the token that scripts send as `Authorization: Bearer`, and that the sign-in page takes."""
    from toyz_web.instance import find_token  # noqa: PLC0415

    loaded = load(config, state=text_of(state))
    try:
        typer.echo(find_token(loaded))
    except ToyzError as error:
        fail(error.message)


@app.command()
def make_exposure(
    out: Annotated[Path, typer.Argument(metavar="OUT.fits[.fz]", help="File to write; .fz is RICE-compressed.")],
    ccds: Annotated[
        int | None, typer.Option(parser=whole(1, 61), metavar="NUMBER", help="How many CCDs.", show_default="all")
    ] = None,
    seed: Annotated[
        int,
        typer.Option(parser=whole(0, 10**9 - 1), metavar="NUMBER", help="The same seed makes the same exposure."),
    ] = 1,
    size: Annotated[str, typer.Option(metavar="small|decam", help="CCDs of DECam's size, or small ones.")] = "decam",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
) -> None:
    """Make a realistic DECam exposure, and the catalog of what is in it."""
    try:
        from toyz_exposures.cli import make_exposure as make  # noqa: PLC0415
    except ImportError:
        fail("this installation has no toyz_exposures")
    try:
        make(out, ccds=ccds, seed=seed, size=size, overwrite=overwrite)
    except ToyzError as error:
        fail(error.message)


def _shares(directories: "list[str] | tuple[str, ...]") -> list[Share]:
    try:
        return [parse_share(text) for text in directories]
    except ToyzError as error:
        fail(error.message)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()

"""The status of a server as people read it in a terminal."""

import time

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from toyz_web.status import Installation, ServerStatus, ShownSession

_UNITS = ("B", "kB", "MB", "GB", "TB")


def show(status: ServerStatus, address: str) -> None:
    """Print the status to the standard output."""
    console = Console(highlight=False)
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold")
    for name, value in _facts(status, address):
        facts.add_row(name, escape(value))
    console.print(facts)
    if status.sessions:
        console.print()
        console.print(_sessions(status.sessions))


def _facts(status: ServerStatus, address: str) -> list[tuple[str, str]]:
    load, found = status.load, [("Toyz", f"{status.version} at {address}")]
    found.append(("Up for", span(time.time() - status.started) + (", about to restart" if status.draining else "")))
    found.append(
        ("Users", f"{load.users}, with {load.windows} windows and {load.sessions} of {load.sessions_limit} sessions")
    )
    found.append(("Jobs", f"{load.jobs_running} running, {load.jobs_queued} queued"))
    found.append(("Builders", f"{load.builders_running} running, {load.builders_queued} queued"))
    machine = f"load {100 * load.processors:.0f} %"
    if load.memory_total:
        machine += f", memory {size(load.memory_used)} of {size(load.memory_total)}"
    found.append(("Machine", machine))
    return found + (_installation(status.installation) if status.installation is not None else [])


def _installation(own: Installation) -> list[tuple[str, str]]:
    memory = f"server {size(own.server_memory)}, fork server {size(own.forkserver_memory)}"
    backup = "never" if own.last_backup is None else f"{span(time.time() - own.last_backup)} ago"
    return [
        ("Memory", f"{memory}, sessions {size(own.sessions_memory)}"),
        ("Tiles kept", f"{size(own.tile_cache)} of {size(own.tile_cache_limit)} in memory"),
        ("Pyramids", f"{size(own.pyramids)} of {size(own.pyramids_limit)} on disk"),
        ("Unpacked", f"{size(own.unpacked)} of {size(own.unpacked_limit)} on disk"),
        ("Database", f"{size(own.database)}, schema {own.schema}"),
        ("Sandbox", own.sandbox),
        ("Last backup", backup),
    ]


def _sessions(sessions: list[ShownSession]) -> Table:
    table = Table(box=None, padding=(0, 2), pad_edge=False)
    for name, side in (("User", "left"), ("Window", "left"), ("State", "left"), ("Idle", "right"), ("Memory", "right")):
        table.add_column(name, justify="right" if side == "right" else "left", header_style="bold")
    for name in ("Images", "Process"):
        table.add_column(name, justify="right", header_style="bold")
    for each in sessions:
        window = escape(each.window[:10]) if each.window else "(requests)"
        table.add_row(
            escape(each.user),
            window,
            state_of(each),
            span(each.idle),
            size(each.memory) if each.memory else "–",
            str(each.images),
            str(each.pid or "–"),
        )
    return table


def state_of(session: ShownSession) -> str:
    """Say in a word what a session does."""
    if session.resting:
        return "resting"
    return "connected" if session.connected else "working" if not session.window else "left"


def size(count: float) -> str:
    """Give bytes in decimal units."""
    for unit in _UNITS[:-1]:
        if count < 999.5:
            return f"{count:.0f} {unit}" if count >= 99.5 or unit == "B" else f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} {_UNITS[-1]}"


def span(seconds: float) -> str:
    """Give seconds as people say them."""
    whole = max(0, int(seconds))
    for length, unit, next_length, next_unit in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= length:
            return f"{whole // length} {unit} {whole % length // next_length} {next_unit}"
    return f"{whole} s"

"""The report, as a table for people and as JSON for programs."""

from collections.abc import Mapping, Sequence

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from toyz_web.doctor.finding import Finding, Level

_STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.BAD: "bold red"}


def as_bytes(found: Mapping[str, Sequence[Finding]]) -> bytes:
    """Give the report as JSON: a list of findings for each part."""
    return msgspec.json.format(msgspec.json.encode(found))


def show(found: Mapping[str, Sequence[Finding]], console: Console | None = None) -> None:
    """Print the report: a line for what is fine, and below what is not so what it means and what to do."""
    console = console or Console()
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for part, findings in found.items():
        table.add_row("", Text(part, style="bold"), "")
        for finding in findings:
            text = Text(finding.found)
            if finding.level is not Level.OK:
                text.append(f"\n{finding.means}\n→ {finding.advice}", style=_STYLES[finding.level])
            table.add_row(Text(finding.level.value, style=_STYLES[finding.level]), finding.name, text)
    console.print(table)
    every = [finding.level for findings in found.values() for finding in findings]
    console.print(f"{every.count(Level.OK)} ok, {every.count(Level.WARN)} to look at, {every.count(Level.BAD)} bad")

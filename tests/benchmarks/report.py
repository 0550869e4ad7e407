"""The rows that benchmarks find: a table for people, JSON for what compares runs."""

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

RESULTS = Path("build/benchmarks.json")
"""Where a run leaves its rows, below the folder it is started in."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure beside what it is measured against, in the same run.

    Attributes
    ----------
    group : str
        The benchmark: rows of one group stand together.
    what : str
    ours : float
    unit : str
    beside : str
        The floor or the peer; empty for a figure that stands alone.
    theirs : float or None
    bar : str
        What must hold, in words; empty if nothing must.
    """

    group: str
    what: str
    ours: float
    unit: str
    beside: str = ""
    theirs: float | None = None
    bar: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours over theirs."""
        return self.ours / self.theirs if self.theirs else None


def machine() -> dict[str, Any]:
    """Say what the run ran on, and when."""
    processor = platform.processor() or platform.machine()
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        names = [line.partition(":")[2].strip() for line in info if line.startswith("model name")]
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "processor": names[0] if names else processor,
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def number(value: float | None) -> str:
    """Write a figure with three digits."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def table(rows: list[Row]) -> str:
    """Write rows as a Markdown table, group by group in the order in which they came."""
    lines: list[str] = []
    for group in dict.fromkeys(row.group for row in rows):
        lines += ["", f"### {group}", "", "| what | ours | beside | ratio | bar |", "|---|---|---|---|---|"]
        for row in rows:
            if row.group == group:
                beside = f"{row.beside}: {number(row.theirs)} {row.unit}" if row.beside else ""
                lines.append(
                    f"| {row.what} | {number(row.ours)} {row.unit} | {beside} | {number(row.ratio)} | {row.bar} |"
                )
    return "\n".join(lines[1:])


def save(rows: list[Row], path: Path = RESULTS) -> None:
    """Leave the rows of a run, in place of earlier rows of the same groups."""
    kept = [row for row in load(path)[1] if row.group not in {new.group for new in rows}]
    path.parent.mkdir(parents=True, exist_ok=True)
    described = [msgspec.to_builtins(row) | {"ratio": row.ratio} for row in (*kept, *rows)]
    path.write_text(json.dumps({"machine": machine(), "rows": described}, indent=1))


def load(path: Path = RESULTS) -> tuple[dict[str, Any], list[Row]]:
    """Read what runs have left; nothing if there was none."""
    if not path.is_file():
        return {}, []
    found = json.loads(path.read_text())
    return found["machine"], [msgspec.convert(row, Row) for row in found["rows"]]

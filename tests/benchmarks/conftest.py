"""Benchmarks hand in rows; the run ends with their table and leaves them as JSON."""

from typing import Protocol

import pytest

from tests.benchmarks.report import RESULTS, Row, save, table

_ROWS = pytest.StashKey[list[Row]]()


class Record(Protocol):
    """Hands a row in."""

    def __call__(
        self, what: str, ours: float, unit: str, beside: str = "", theirs: float | None = None, bar: str = ""
    ) -> Row: ...


@pytest.fixture
def record(request: pytest.FixtureRequest) -> Record:
    """Hand a row in, under the first line of the module's docstring."""
    group = (request.module.__doc__ or request.module.__name__).strip().splitlines()[0].partition(";")[0].rstrip(".")

    def hand_in(what: str, ours: float, unit: str, beside: str = "", theirs: float | None = None, bar: str = "") -> Row:
        row = Row(group=group, what=what, ours=ours, unit=unit, beside=beside, theirs=theirs, bar=bar)
        request.config.stash.setdefault(_ROWS, []).append(row)
        return row

    return hand_in


class Show(Protocol):
    """Hands in a row of seconds, as `compare` gives them."""

    def __call__(
        self, name: str, ours: float, floor: float, ratio: float, *, unit: float = 1e6, letter: str = "µs"
    ) -> None: ...


@pytest.fixture
def show(record: Record) -> Show:
    """Hand in a row beside the floor of its benchmark."""

    def hand_in(name: str, ours: float, floor: float, ratio: float, *, unit: float = 1e6, letter: str = "µs") -> None:
        del ratio
        record(name, ours * unit, letter, "floor", floor * unit)

    return hand_in


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table, and save the rows."""
    rows = config.stash.get(_ROWS, [])
    if rows:
        terminalreporter.write_line(f"\n{table(rows)}\n")
        save(rows, config.rootpath / RESULTS)
        terminalreporter.write_line(f"These rows are in {RESULTS}.")

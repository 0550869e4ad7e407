"""The table at the end of a run: for each row of the corpus how much was tried, and whether it held."""

from collections import defaultdict
from dataclasses import dataclass, field

import pytest

from tests.abuse.corpus import NO_WAY_IN, ROWS, rows_in

_PROPERTY = "abuse row"


@dataclass
class _Tried:
    held: int = 0
    failed: int = 0
    skipped: list[str] = field(default_factory=list)


class Table:
    """A pytest plugin; it sees the reports of the processes that run the tests, however many there are."""

    def __init__(self) -> None:
        self._tried: defaultdict[str, _Tried] = defaultdict(_Tried)

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what became of a test of the corpus."""
        rows = [str(value) for name, value in report.user_properties if name == _PROPERTY]
        if report.passed and report.when != "call":
            return
        for row in rows:
            tried = self._tried[row]
            if report.skipped:
                tried.skipped.append(_reason(report))
            elif report.passed:
                tried.held += 1
            else:
                tried.failed += 1

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table, if anything of the corpus ran."""
        if not self._tried:
            return
        terminalreporter.section("abuse corpus: row, tried, held")
        for row, words in ROWS.items():
            terminalreporter.write_line(f"{row:4} {self._outcome(row):14} {words}")
        counts = [sum(bool(each.held) for each in self._tried.values()), len(self._tried), len(NO_WAY_IN)]
        terminalreporter.write_line("{} of {} rows that ran held; {} have no way in yet.".format(*counts))

    def _outcome(self, row: str) -> str:
        tried = self._tried.get(row)
        if tried is None:
            return "no way in" if row in NO_WAY_IN else "not run"
        if tried.failed:
            return f"{tried.failed} FAILED"
        if not tried.held:
            return f"skipped: {tried.skipped[0]}"
        return f"{tried.held + len(tried.skipped):4} {tried.held:4}"


def note_rows(item: pytest.Item) -> None:
    """Write to a test which rows it tries, so that its report tells them."""
    marked = [str(row) for mark in item.iter_markers("row") for row in mark.args]
    for row in dict.fromkeys((*rows_in(item.name), *(row for row in marked if row in ROWS))):
        item.user_properties.append((_PROPERTY, row))


def _reason(report: pytest.TestReport) -> str:
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else "skipped"

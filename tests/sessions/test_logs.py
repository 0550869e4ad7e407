"""What processes log arrives in the server's log: one line, bounded, and no flood."""

import logging

import pytest

from toyz_sessions.logs import BURST, LONGEST, LogWriter
from toyz_sessions.messages import LogLine


def test_a_line_stays_one_line(caplog: pytest.LogCaptureFixture) -> None:
    writer = LogWriter("session w of ann")
    with caplog.at_level(logging.DEBUG):
        writer.write(LogLine("warning", "one\ntwo\r\x1b[31m\ud800 é", "call\n7"))
        writer.write(LogLine("no level", "x" * 5000))
    first, second = caplog.records
    assert first.levelno == logging.WARNING
    assert first.getMessage() == "session w of ann call\\n7: one\\ntwo\\r\\x1b[31m\\ud800 \\xe9"
    assert second.levelno == logging.INFO
    assert len(second.getMessage()) < LONGEST + 100


def test_a_flood_is_cut(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    writer = LogWriter("job 1 of ann")
    with caplog.at_level(logging.DEBUG):
        for _ in range(10_000):
            writer.write(LogLine("info", "again"))
        assert len(caplog.records) == BURST
        now[0] = 1.0
        writer.write(LogLine("info", "later"))
    assert caplog.records[-1].getMessage().endswith(f"({10_000 - BURST} lines before it were too many)")

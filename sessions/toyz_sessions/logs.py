"""Log records of a process go to the server, which has the log."""

import logging

from toyz_sessions.messages import LogLine
from toyz_sessions.session_channel import SessionChannel

LONGEST = 1000
"""Characters of a line."""
_WARNINGS = "py.warnings"


class ChannelHandler(logging.Handler):
    """Sends each record as a `LogLine`."""

    def __init__(self, channel: SessionChannel) -> None:
        super().__init__()
        self._channel = channel

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record; what libraries warn of is of interest to developers only."""
        try:
            level = "debug" if record.name == _WARNINGS else record.levelname.lower()
            self._channel.send(LogLine(level, self.format(record)[:LONGEST], getattr(record, "call", "")))
        except Exception:
            self.handleError(record)


def log_to_channel(channel: SessionChannel) -> None:
    """Send what this process logs, and Python's warnings, through `channel`."""
    root = logging.getLogger()
    root.handlers[:] = [ChannelHandler(channel)]
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)


def write_line(line: LogLine, origin: str) -> None:
    """Write to the server's log what a process, which nobody need trust, has sent."""
    level = logging.getLevelNamesMapping().get(line.level.upper(), logging.INFO)
    text = line.message[:LONGEST].encode("unicode_escape", "replace").decode("ascii")
    logging.getLogger("toyz_sessions").log(level, "%s %s: %s", origin, line.id[:64], text, extra={"call": line.id[:64]})

"""Logs: a line a record, of JSON or of text, none longer than a kilobyte."""

import json
import logging
import logging.handlers
import re
import sys
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

MAX_VALUE = 200
"""Characters of one value; a message and a traceback may have `MAX_TRACEBACK`, with their end."""
MAX_TRACEBACK = 600
MAX_LINE = 1024
"""Bytes of one line, with its newline."""


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SIGNATURE = re.compile(r"(signature(?:=|%3d))[^/;&\s\"']+", re.IGNORECASE)


def hide_signatures(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Cut the signatures out of addresses: who reads the log must not be able to use a link of another."""
    del logger, method
    for name, value in event.items():
        if isinstance(value, str) and "ignature" in value:
            event[name] = _SIGNATURE.sub(r"\1…", value)
    return event


def shorten(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Cut long values: what a client sends must not fill the disk."""
    del logger, method
    for name, value in event.items():
        text = value if isinstance(value, str) else str(value)
        if name == "exception":
            event[name] = text[-MAX_TRACEBACK:]
        elif name == "event" and len(text) > MAX_TRACEBACK:
            # What a session tells of a failure begins with the call and ends with what went wrong.
            event[name] = f"{text[: MAX_TRACEBACK // 3]} … {text[-MAX_TRACEBACK // 2 :]}"
        elif name != "event" and len(text) > MAX_VALUE:
            event[name] = text[: MAX_VALUE - 1] + "…"
    return event


def render_line(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """Make a line of JSON of at most `MAX_LINE` bytes; the least telling values go first."""
    del logger, method
    for _ in range(len(event) + 2):
        line = json.dumps(event, default=str)
        if len(line) < MAX_LINE:
            return line
        longest = max(event, key=lambda name: len(json.dumps(event[name], default=str)))
        text = str(event[longest])
        event[longest] = text[-len(text) // 3 :] if longest == "exception" else text[: len(text) // 3]
    return json.dumps({"event": "a line too long to log", "level": event.get("level", "")})[: MAX_LINE - 1]


def render_text(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """Make a line for people: time, level, what happened, where, and the rest as ``name=value``."""
    del logger, method
    first = [str(event.pop(name, "")) for name in ("timestamp", "level", "event")]
    where = str(event.pop("logger", ""))
    rest = [f"{name}={_quoted(value)}" for name, value in event.items()]
    first[1] = first[1].ljust(7)
    line = _CONTROL.sub(lambda found: repr(found[0])[1:-1], " ".join([*first, f"[{where}]", *rest]))
    encoded = line.encode(errors="backslashreplace")
    return line if len(encoded) < MAX_LINE else encoded[: MAX_LINE - 5].decode(errors="ignore") + "…"


def _quoted(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return json.dumps(text, ensure_ascii=False) if not text or set(' "=') & set(text) else text


def _drop_names(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    del logger, method
    for name in ("_record", "_from_structlog"):
        event.pop(name, None)
    return event


FORMATS = {"json": render_line, "text": render_text}


def configure_logs(
    level: str = "info", stream: TextIO | None = None, form: str = "json", file: Path | None = None
) -> None:
    """Send structlog's and the standard library's logs to a stream or a file, a line a record.

    Parameters
    ----------
    level : str
        The least level that is written: ``debug``, ``info``, ``warning`` or ``error``.
    stream : file, optional
        stderr by default.
    form : str
        Of `FORMATS`.
    file : Path, optional
        Instead of a stream; it is opened again when it was moved away, so that others may rotate it.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler: logging.Handler = logging.StreamHandler(stream or sys.stderr)
    if file is not None:
        handler = logging.handlers.WatchedFileHandler(file, encoding="utf-8")
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[_drop_names, hide_signatures, shorten, FORMATS[form]]
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Tornado words every dropped connection; what matters of it is logged here.
    logging.getLogger("tornado.general").setLevel(max(logging.WARNING, root.level))
    logging.getLogger("asyncio").setLevel(max(logging.WARNING, root.level))

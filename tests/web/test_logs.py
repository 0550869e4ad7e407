"""Logs are lines of JSON, and short."""

import io
import json
import logging

import pytest
import structlog

from toyz_web.logs import MAX_LINE, configure_logs


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    monkeypatch.setattr(root, "level", root.level)
    made = io.StringIO()
    configure_logs("debug", made)
    return made


@pytest.mark.parametrize(
    "value", ["x" * 10**6, "\x00\n" * 10**5, "é\u2028" * 10**5, {"a": ["b" * 1000] * 1000}, b"\xff" * 9999]
)
def test_a_hostile_value_makes_one_short_line(stream: io.StringIO, value: object) -> None:
    structlog.get_logger("toyz.test").info("got", value=value, other=value, more=value, path="/a")
    logging.getLogger("other").warning("%s said %s", value, value)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    for line in lines:
        assert len(line.encode()) < MAX_LINE
        assert json.loads(line)["level"] in ("info", "warning")


def test_signed_links_are_not_logged(stream: io.StringIO) -> None:
    log = structlog.get_logger("toyz.test")
    log.info("request", path="/iiif/3/sky~1a.fits;expires=17;signature=SECRET-_x/full/max/0/default.jpg", status=200)
    log.info("request", path="/dzi/sky~1a.fits;signature%3dSECRET.dzi")
    logging.getLogger("other").warning("call %s failed", "/iiif/3/a;Signature=SECRET")
    assert "SECRET" not in stream.getvalue()
    assert "/full/max/0/default.jpg" in stream.getvalue()


def test_a_traceback_fits_and_ends_with_the_error(stream: io.StringIO) -> None:
    def deep(level: int) -> None:
        if level:
            deep(level - 1)
        raise ValueError("the reason")

    try:
        deep(50)
    except ValueError:
        structlog.get_logger("toyz.test").exception("failed", id="c12")
    (line,) = stream.getvalue().splitlines()
    entry = json.loads(line)
    assert len(line) < MAX_LINE
    assert entry["id"] == "c12"
    assert entry["exception"].endswith("ValueError: the reason")

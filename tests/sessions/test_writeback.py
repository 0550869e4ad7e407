"""What goes to the disk while it is written is there in the end, or the failure is told."""

import os
import threading
from pathlib import Path

import pytest

from toyz_sessions import writeback


def test_a_failure_on_the_way_is_told_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = threading.Event()

    def fail(fd: int) -> None:
        failed.set()
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(writeback, "PERIOD", 0.001)
    monkeypatch.setattr("toyz_sessions.writeback.os.fdatasync", fail)
    with (
        (tmp_path / "file").open("wb") as file,
        pytest.raises(OSError, match="Input/output"),
        writeback.written_back(file.fileno()),
    ):
        assert failed.wait(30)


def test_it_syncs_along_and_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    along = threading.Event()
    monkeypatch.setattr(writeback, "PERIOD", 0.001)
    monkeypatch.setattr("toyz_sessions.writeback.os.fdatasync", lambda fd: along.set())
    monkeypatch.setattr("toyz_sessions.writeback.os.fsync", lambda fd: calls.append("all"))
    with (tmp_path / "file").open("wb") as file:
        with writeback.written_back(file.fileno()):
            file.write(b"x")
            assert along.wait(30)
            assert not calls
        with pytest.raises(KeyError), writeback.written_back(file.fileno()):
            raise KeyError
    assert calls == ["all"]
    assert os.path.getsize(tmp_path / "file") == 1

"""What is called again by itself, where an answer was lost, changes nothing; and all else is not called again."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from toyz.errors import Forbidden
from toyz_sessions.changes import Changes
from toyz_sessions.files import Shares
from toyz_sessions.messages import Grant
from toyz_sessions.repeatable import is_repeatable
from toyz_sessions.tasks import PLUGINS, find

FILES: dict[str, dict[str, Any]] = {
    "list": {"path": "data"},
    "describe": {"path": "data/a.txt"},
    "header": {"path": "data/a.txt"},
    "trash": {"share": "data"},
    "create_folder": {"path": "data/new"},
    "rename": {"path": "data/a.txt", "name": "b"},
    "move": {"path": "data/a.txt", "to": "data/b"},
    "delete": {"path": "data/a.txt"},
    "restore": {"share": "data", "id": "1-1"},
    "empty_trash": {"share": "data", "ids": ["1-1"]},
}
READS = {"list", "describe", "header", "trash"}


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Any]:
    """Give a context on a share that is granted for viewing."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("a")
    shares = Shares([Grant("data", str(tmp_path / "data"), str(tmp_path))])
    yield SimpleNamespace(shares=shares, changes=Changes(shares, "ada", lambda *_: None))
    shares.close()


def test_every_task_of_files_is_known_here() -> None:
    assert set(FILES) == set(PLUGINS["files"].tasks)


@pytest.mark.parametrize("task", sorted(set(FILES) - READS))
def test_what_needs_the_right_to_write_is_not_repeated(context: Any, task: str) -> None:
    found = find("files", task)
    assert found is not None
    with pytest.raises(Forbidden):
        found.call(context, found.decode(msgspec.json.encode(FILES[task])))
    assert not is_repeatable("files", task)
    assert os.listdir(context.shares.grants["data"].path) == ["a.txt"]


def test_what_is_repeated() -> None:
    assert {task for task in FILES if is_repeatable("files", task)} == READS
    assert {task for task in PLUGINS["transfers"].tasks if is_repeatable("transfers", task)} == {
        "describe",
        "read",
        "size",
    }
    assert all(is_repeatable("images", task) for task in PLUGINS["images"].tasks)
    assert not is_repeatable("a_plugin", "list")

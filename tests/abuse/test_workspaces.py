"""Workspaces of others, links that are none, and messages that no page of ours would send: rows A10, X1 and M."""

import base64
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.abuse.test_messages import call, refused, still_well
from tests.abuse.test_websocket import frame, raw
from tests.web.harness import Served, Window, get
from tests.web.test_accounts import PASSWORD, cookie_of, done
from tests.web.test_shares import eventually

ABSENT = "AAAAAAAAAAAAAAAA"
READERS = 20
"""Who do not read."""


@pytest.fixture(scope="module")
def windows(server: Served) -> Iterator[tuple[Window, Window]]:
    """Give the windows of an owner and of somebody else."""
    folder: Path = server.folder
    done(folder, "user", "add", "mallory", "--password-stdin", given=PASSWORD + "\n")
    done(folder, "user", "add", "owner", "--password-stdin", given=PASSWORD + "\n")
    pair = tuple(Window(server.url, headers=cookie_of(server, name)) for name in ("owner", "mallory"))
    yield pair[0], pair[1]
    for window in pair:
        window.close()


_ids = iter(range(10**6))


def do(window: Window, task: str, **parameters: Any) -> Any:
    return window.call(f"w{next(_ids)}", "workspaces", task, **parameters)


def error_of(window: Window, task: str, **parameters: Any) -> Any:
    return window.error(f"w{next(_ids)}", "workspaces", task, **parameters)


OF_A_WORKSPACE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("open", {}),
    ("changes", {"since": 0}),
    ("change", {"entries": {"shown": "x"}}),
    ("rename", {"name": "mine"}),
    ("duplicate", {"name": "mine"}),
    ("delete", {}),
    ("restore", {}),
    ("share", {"level": "edit"}),
    ("links", {}),
    ("revoke", {"link": "x"}),
    ("leave", {}),
)


@pytest.mark.parametrize(("task", "more"), OF_A_WORKSPACE)
def test_x1_another_s_workspace_is_as_one_that_is_not_there(
    windows: tuple[Window, Window], task: str, more: dict[str, Any]
) -> None:
    owner, mallory = windows
    workspace = do(owner, "create", name="private", entries={"shown": "secret"})["id"]
    theirs = error_of(mallory, task, workspace=workspace, **more)
    assert theirs == error_of(mallory, task, workspace=ABSENT, **more)
    assert theirs["code"] == "not_found"
    assert do(owner, "open", workspace=workspace)["state"]["entries"] == {"shown": "secret"}
    do(owner, "delete", workspace=workspace)
    assert error_of(mallory, task, workspace=workspace, **more) == theirs, "nor is its trash"


def test_x1_over_http(server: Served, windows: tuple[Window, Window]) -> None:
    owner, _ = windows
    workspace = do(owner, "create", name="private", entries={"shown": "secret"})["id"]
    headers = cookie_of(server, "mallory")
    theirs = get(f"{server.url}api/workspaces/{workspace}", headers=headers)
    absent = get(f"{server.url}api/workspaces/{ABSENT}", headers=headers)
    assert (theirs.status_code, theirs.content) == (absent.status_code, absent.content)
    assert theirs.status_code == 404
    assert get(f"{server.url}api/workspaces/{workspace}").status_code == 401


def test_a10_guessed_changed_expired_and_revoked_links_are_alike(windows: tuple[Window, Window]) -> None:
    owner, mallory = windows
    workspace = do(owner, "create", name="shared")["id"]
    revoked = do(owner, "share", workspace=workspace, level="view")
    do(owner, "revoke", workspace=workspace, link=revoked["id"])
    expired = do(owner, "share", workspace=workspace, level="edit", lifetime=1e-6)
    good = do(owner, "share", workspace=workspace, level="view")
    flipped = good["token"][:-1] + ("A" if good["token"][-1] != "A" else "B")
    padded = base64.urlsafe_b64encode(good["token"].encode()).decode()
    guesses = [revoked["token"], expired["token"], flipped, padded, good["token"].upper(), good["id"], workspace]
    guesses += ["", "0", "' or 1=1 --", "%", "*", "../" + good["token"], good["token"] + "\0", good["token"] + " "]
    answers = [error_of(mallory, "open_link", link=guess) for guess in guesses]
    assert all(answer == answers[0] for answer in answers), answers
    assert answers[0]["code"] == "not_found"
    assert do(mallory, "list") == []
    assert do(mallory, "open_link", link=good["token"])["workspace"]["level"] == "view"
    do(mallory, "leave", workspace=workspace)


def test_a10_a_link_to_look_does_not_become_one_to_edit(windows: tuple[Window, Window]) -> None:
    owner, mallory = windows
    workspace = do(owner, "create", name="shared", entries={"shown": "a"})["id"]
    link = do(owner, "share", workspace=workspace, level="view")["token"]
    frame = call("workspaces", "open_link", json.dumps({"link": link, "level": "edit"}), "l")
    assert refused(mallory, frame)["code"] == "invalid_parameter"
    do(mallory, "open_link", link=link)
    for task, more in (
        ("change", {"entries": {"shown": "b"}}),
        ("rename", {"name": "x"}),
        ("share", {"level": "edit"}),
    ):
        assert error_of(mallory, task, workspace=workspace, **more)["code"] == "forbidden"
    mallory.send({"presence": {"leading": True, "cursor": [1, 1]}})
    assert do(owner, "open", workspace=workspace)["state"]["entries"] == {"shown": "a"}
    people = do(owner, "open", workspace=workspace)["people"]
    assert not any((each["presence"] or {}).get("leading") for each in people)


def test_links_and_workspaces_are_digests_and_ids_in_the_database(
    server: Served, windows: tuple[Window, Window]
) -> None:
    owner, _ = windows
    workspace = do(owner, "create", name="shared")["id"]
    token = do(owner, "share", workspace=workspace, level="edit")["token"]
    files = [each for each in (server.folder / "state").rglob("*") if each.is_file()]
    assert not any(token.encode() in each.read_bytes() for each in files)
    assert token not in (server.folder / "log").read_text()


@pytest.mark.parametrize(
    ("task", "parameters", "field"),
    [
        ("open", '{"workspace": 5}', "parameters.workspace"),
        ("open", '{"workspace": "x", "user": "owner"}', "parameters.user"),
        ("open", '{"workspace": ""}', "parameters.workspace"),
        ("open", '{"workspace": "x", "since": -1}', "parameters.since"),
        ("create", '{"name": 5}', "parameters.name"),
        ("create", '{"entries": []}', "parameters.entries"),
        ("create", '{"name": "' + "x" * 101 + '"}', "parameters.name"),
        ("change", '{"workspace": "x", "entries": null}', "parameters.entries"),
        ("change", '{"workspace": "x"}', "parameters.entries"),
        ("share", '{"workspace": "x", "level": "own"}', "parameters.level"),
        ("share", '{"workspace": "x", "lifetime": -1}', "parameters.lifetime"),
        ("share", '{"workspace": "x", "lifetime": 1e999}', "parameters.lifetime"),
        ("open_link", '{"link": "' + "x" * 201 + '"}', "parameters.link"),
    ],
)
def test_m4_parameters_are_what_was_declared(server: Served, task: str, parameters: str, field: str) -> None:
    with server.window() as window:
        error = refused(window, call("workspaces", task, parameters))
        assert error["code"] in ("invalid_parameter", "protocol_error")
        if error["code"] == "invalid_parameter":
            assert error["field"] == field
        still_well(server, window)


STYLE = '{"low": 0, "high": 1}'


@pytest.mark.parametrize(
    "presence",
    [
        "5",
        "[]",
        '{"user": "owner"}',
        '{"cursor": [1]}',
        '{"cursor": ["a", 1]}',
        '{"cursor": [NaN, 1]}',
        '{"cursor": [1e999, 1]}',
        '{"leading": 1}',
        '{"view": {"x": 1, "y": 1, "zoom": 0, "width": 1, "height": 1}}',
        '{"view": {"x": 1, "y": 1, "zoom": 1}}',
        '{"image": {"path": "", "hdu": 0}}',
        '{"image": {"path": "sky/a", "hdu": "os"}}',
        '{"image": {"path": "sky/a", "hdu": 0, "components": [1, 2, 3, 4]}}',
        f'{{"style": {STYLE[:-1]}, "bad": "url(x)"}}}}',
        "[" * 20_000 + "]" * 20_000,
        '{"image": {"path": "' + "x" * 5000 + '", "hdu": 0}}',
    ],
)
def test_m4_m5_m6_presence_is_what_was_declared(server: Served, presence: str) -> None:
    with server.window() as window:
        assert refused(window, f'{{"presence": {presence}}}')["code"] == "protocol_error"
        still_well(server, window)


def test_presence_outside_of_a_workspace_goes_nowhere(server: Served) -> None:
    with server.window() as window:
        for _ in range(1000):
            window.send({"presence": {"cursor": [1, 1]}})
        still_well(server, window)
        assert not any(each.get("event") == "presence" for each in window.seen)


@pytest.mark.row("W6")
def test_who_does_not_read_in_a_shared_workspace_costs_little(server: Served) -> None:
    """What all are told is held once: a copy for each of these would be some 200 MB."""
    process = psutil.Process(server.process.pid)
    with server.window() as writer, ExitStack() as stack:
        workspace = do(writer, "create")["id"]
        do(writer, "open", workspace=workspace)
        opening = call("workspaces", "open", json.dumps({"workspace": workspace})).encode()
        for _ in range(READERS):
            stack.enter_context(raw(server)).sendall(frame(0x81, opening))
        eventually(lambda: len(do(writer, "open", workspace=workspace)["people"]) == READERS + 1)
        before = process.memory_info().rss
        for number in range(200):
            do(writer, "change", workspace=workspace, entries={"plugin/x": f"{number:055000}"})
        assert process.memory_info().rss - before < 80 << 20


def test_no_session_speaks_in_the_name_of_workspaces(server: Served) -> None:
    from toyz_web.window import _OWN_MODULES

    assert "workspaces" in _OWN_MODULES
    with server.window() as window:
        assert refused(window, call("workspaces", "__init__"))["code"] == "unknown_task"
        assert refused(window, call("workspaces", "_store"))["code"] == "unknown_task"

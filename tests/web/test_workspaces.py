"""Workspaces through real sockets: what is answered is kept, who may what, and what others see of it at once."""

import json
import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.harness import BEARER, PATIENCE, Served, Window, get, post, served
from tests.web.test_accounts import PASSWORD, cookie_of, done
from toyz.errors import BadRequest
from toyz_web.store.workspace_rows import MAX_DEPTH, MAX_VALUE
from toyz_web.workspace_file import make_schema, read_file, write_file

RAMP = {"path": "sky/ramp.fits", "hdu": 0}
CONTENT: dict[str, Any] = {
    "image/a": {**RAMP, "order": 0},
    "style/a": {"style": {"low": 0, "high": 500, "stretch": "log"}, "cuts": {"method": "zscale"}},
    "view/a": {"x": 350.5, "y": 250.5, "zoom": 1},
    "shown": "a",
    "mark/1": {"kind": "of a plugin", "x": 10},
    "region/1": {"image": RAMP, "shape": {"type": "circle", "x": 10, "y": 20, "radius": 5}, "label": "a star"},
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve with three users: only the first two may see the share."""
    folder: Path = tmp_path_factory.mktemp("lab")
    with served(folder) as running:
        for name in ("ada", "bob", "eve"):
            done(folder, "user", "add", name, "--password-stdin", given=PASSWORD + "\n")
        yield running


@pytest.fixture(scope="module")
def cookies(lab: Served) -> dict[str, dict[str, str]]:
    return {name: cookie_of(lab, name) for name in ("ada", "bob", "eve")}


@pytest.fixture
def people(lab: Served, cookies: dict[str, dict[str, str]]) -> Iterator[dict[str, Window]]:
    """Give a window of each."""
    windows = {name: Window(lab.url, headers=headers) for name, headers in cookies.items()}
    yield windows
    for window in windows.values():
        window.close()


_ids = iter(range(10**6))


def do(window: Window, task: str, **parameters: Any) -> Any:
    return window.call(f"w{next(_ids)}", "workspaces", task, **parameters)


def fails(window: Window, task: str, **parameters: Any) -> Any:
    return window.error(f"w{next(_ids)}", "workspaces", task, **parameters)


def made(window: Window, name: str = "night") -> str:
    """Make a workspace and go into it."""
    workspace: str = do(window, "create", name=name, entries=CONTENT)["id"]
    do(window, "open", workspace=workspace)
    return workspace


def shared(owner: Window, workspace: str, level: str, *guests: Window) -> dict[str, Any]:
    """Share a workspace with these by a link of their own."""
    link: dict[str, Any] = do(owner, "share", workspace=workspace, level=level)
    for guest in guests:
        assert do(guest, "open_link", link=link["token"])["workspace"]["level"] == level
    return link


def told(window: Window, event: str) -> Any:
    return window.event("workspaces", event)


def test_it_is_kept_listed_renamed_duplicated_deleted_and_had_back(people: dict[str, Window]) -> None:
    ada = people["ada"]
    workspace = made(ada)
    assert do(ada, "open", workspace=workspace)["state"]["entries"] == CONTENT
    do(ada, "rename", workspace=workspace, name="Fornax, second night")
    copy = do(ada, "duplicate", workspace=workspace, name="a copy")
    assert copy["id"] != workspace
    do(ada, "change", workspace=workspace, entries={"mark/1": None})
    assert do(ada, "open", workspace=copy["id"])["state"]["entries"] == CONTENT
    do(ada, "delete", workspace=workspace)
    assert fails(ada, "open", workspace=workspace)["code"] == "not_found"
    listed = {each["id"]: each for each in do(ada, "list")}
    assert listed[workspace]["deleted"] > 0
    assert listed[copy["id"]]["deleted"] == 0
    do(ada, "restore", workspace=workspace)
    opened = do(ada, "open", workspace=workspace)
    assert opened["workspace"]["name"] == "Fornax, second night"
    assert "mark/1" not in opened["state"]["entries"]


def test_two_see_each_others_changes_in_one_order(people: dict[str, Window]) -> None:
    ada, bob = people["ada"], people["bob"]
    workspace = made(ada)
    shared(ada, workspace, "edit", bob)
    for number in range(20):
        ada.ask(f"a{number}", "workspaces", "change", workspace=workspace, entries={"mark/x": {"by": f"ada {number}"}})
        bob.ask(f"b{number}", "workspaces", "change", workspace=workspace, entries={"mark/x": {"by": f"bob {number}"}})
    seen = {ada: {}, bob: {}}  # type: dict[Window, dict[int, str]]
    for window, other in ((ada, "a"), (bob, "b")):
        answered = [window.answer(f"{other}{number}")["result"] for number in range(20)]
        assert answered == sorted(answered)
        while len(seen[window]) < 20:
            window_events = [each for each in window.seen if each.get("event") == "changed"]
            seen[window] = {each["data"]["revision"]: each["data"]["entries"]["mark/x"]["by"] for each in window_events}
            if len(seen[window]) < 20:
                window.receive()
        # On one socket, answers and events come in the order of their revisions.
        order = [each["data"]["revision"] if "event" in each else each["result"] for each in window.seen if _of(each)]
        assert order == sorted(order)
    last = do(ada, "changes", workspace=workspace, since=1)
    revisions = {**seen[ada], **seen[bob]}
    assert len(revisions) == 40
    assert last["entries"]["mark/x"]["by"] == revisions[max(revisions)]


def _of(message: dict[str, Any]) -> bool:
    return message.get("event") == "changed" or str(message.get("id", ""))[:1] in ("a", "b")


def test_who_comes_back_asks_for_what_changed_since(people: dict[str, Window]) -> None:
    ada = people["ada"]
    workspace = made(ada)
    first = do(ada, "change", workspace=workspace, entries={"mark/2": {"n": 2}})
    second = do(ada, "change", workspace=workspace, entries={"mark/1": None, "mark/3": {"n": 3}})
    assert do(ada, "changes", workspace=workspace, since=first) == {
        "revision": second,
        "entries": {"mark/1": None, "mark/3": {"n": 3}},
        "whole": False,
    }
    assert do(ada, "changes", workspace=workspace, since=second)["entries"] == {}
    # A number from elsewhere says nothing of what is known.
    assert do(ada, "changes", workspace=workspace, since=10**6)["whole"] is True


def test_what_is_answered_survives_a_kill(tmp_path: Path) -> None:
    with served(tmp_path) as running:
        window = Window(running.url, headers=BEARER)
        workspace = made(window)
        for number in range(10):
            revision = do(window, "change", workspace=workspace, entries={f"mark/{number}": {"n": number}})
        window.ask("late", "workspaces", "change", workspace=workspace, entries={"mark/late": {"n": 99}})
        running.process.send_signal(signal.SIGKILL)
        running.process.wait(PATIENCE)
        window.close()
    with served(tmp_path, share=tmp_path / "sky") as running, running.window() as window:
        state = do(window, "open", workspace=workspace)["state"]
        late = state["entries"].pop("mark/late", None)
        assert late in (None, {"n": 99}), "a change is there, or it is not"
        assert state["revision"] == revision + (late is not None)
        assert [state["entries"][f"mark/{number}"]["n"] for number in range(10)] == list(range(10))


def test_to_view_is_not_to_change(people: dict[str, Window]) -> None:
    ada, bob = people["ada"], people["bob"]
    workspace = made(ada)
    shared(ada, workspace, "view", bob)
    assert fails(bob, "change", workspace=workspace, entries={"shown": "b"})["code"] == "forbidden"
    for task in ("rename", "delete", "share", "links"):
        more = {"name": "mine"} if task == "rename" else {}
        assert fails(bob, task, workspace=workspace, **more)["code"] == "forbidden"
    assert do(ada, "open", workspace=workspace)["state"]["entries"] == CONTENT
    shared(ada, workspace, "edit", bob)
    do(bob, "change", workspace=workspace, entries={"shown": "b"})
    assert fails(bob, "share", workspace=workspace)["code"] == "forbidden"


def test_a_revoked_link_closes_at_once(people: dict[str, Window]) -> None:
    ada, bob, eve = people["ada"], people["bob"], people["eve"]
    workspace = made(ada)
    link = shared(ada, workspace, "edit", bob)
    shared(ada, workspace, "view", eve)
    assert [each["users"] for each in do(ada, "links", workspace=workspace)] == [["eve"], ["bob"]]
    do(ada, "revoke", workspace=workspace, link=link["id"])
    assert told(bob, "closed") == {"workspace": workspace}
    assert fails(bob, "change", workspace=workspace, entries={"shown": "b"})["code"] == "not_found"
    assert fails(bob, "open_link", link=link["token"])["code"] == "not_found"
    assert workspace not in [each["id"] for each in do(bob, "list")]
    do(ada, "change", workspace=workspace, entries={"shown": "c"})
    assert told(eve, "changed")["entries"] == {"shown": "c"}
    assert not any(each.get("event") == "changed" for each in bob.seen)


def test_a_link_with_an_end_ends_also_for_who_is_in(people: dict[str, Window]) -> None:
    ada, bob = people["ada"], people["bob"]
    workspace = made(ada)
    link = do(ada, "share", workspace=workspace, level="edit", lifetime=1.0)
    do(bob, "open_link", link=link["token"])
    assert told(bob, "closed") == {"workspace": workspace}
    assert fails(bob, "open_link", link=link["token"])["code"] == "not_found"
    assert do(ada, "links", workspace=workspace) == []


def test_deleting_closes_it_for_all(people: dict[str, Window]) -> None:
    ada, bob = people["ada"], people["bob"]
    workspace = made(ada)
    link = shared(ada, workspace, "edit", bob)
    do(ada, "delete", workspace=workspace)
    assert told(bob, "closed") == {"workspace": workspace}
    do(ada, "restore", workspace=workspace)
    assert fails(bob, "open_link", link=link["token"])["code"] == "not_found", "links do not come back"


def test_the_owner_who_is_shut_out_shares_nothing(lab: Served, people: dict[str, Window]) -> None:
    done(lab.folder, "user", "add", "guest", "--password-stdin", given=PASSWORD + "\n")
    guest, bob = Window(lab.url, headers=cookie_of(lab, "guest")), people["bob"]
    workspace = made(guest)
    link = shared(guest, workspace, "edit", bob)
    done(lab.folder, "user", "disable", "guest")
    assert told(bob, "closed") == {"workspace": workspace}
    assert fails(bob, "open_link", link=link["token"])["code"] == "not_found"
    done(lab.folder, "user", "delete", "guest", "--yes")
    done(lab.folder, "user", "add", "guest", "--password-stdin", given=PASSWORD + "\n")
    guest.close()
    again = Window(lab.url, headers=cookie_of(lab, "guest"))
    assert do(again, "list") == [], "another of the same name inherits nothing"
    again.close()


def test_what_one_does_is_shown_to_the_others_and_kept_nowhere(people: dict[str, Window]) -> None:
    ada, bob, eve = people["ada"], people["bob"], people["eve"]
    workspace = made(ada)
    shared(ada, workspace, "edit", bob)
    view = {"x": 100.5, "y": 20, "zoom": 2, "width": 800, "height": 600}
    ada.send({"presence": {"image": RAMP, "view": view, "cursor": [3, 4], "leading": True}})
    shown = told(bob, "presence")
    assert shown["presence"] == {"image": RAMP, "view": view, "cursor": [3, 4], "leading": True}
    opened = do(bob, "open", workspace=workspace)
    mine = {person["id"]: person for person in opened["people"]}
    assert mine[shown["person"]]["presence"] == shown["presence"], "who comes later sees it too"
    assert mine[shown["person"]]["name"] == "ada"
    assert all("seq" not in each for each in bob.seen if each.get("event") in ("presence", "people"))
    # Who may only look, asks nobody to follow.
    shared(ada, workspace, "view", eve)
    eve.send({"presence": {"cursor": [1, 1], "leading": True}})
    assert told(bob, "presence")["presence"] == {"cursor": [1, 1]}


def test_movements_come_at_most_twenty_times_a_second_and_the_last_arrives(people: dict[str, Window]) -> None:
    ada, bob = people["ada"], people["bob"]
    workspace = made(ada)
    shared(ada, workspace, "view", bob)
    for number in range(300):
        ada.send({"presence": {"cursor": [number, 0]}})
    last = bob.wait_for(lambda each: each.get("event") == "presence" and each["data"]["presence"]["cursor"][0] == 299)
    assert last["data"]["workspace"] == workspace
    assert sum(each.get("event") == "presence" for each in bob.seen) < 100


def test_a_class_of_thirty_follows(people: dict[str, Window], lab: Served, cookies: dict[str, dict[str, str]]) -> None:
    """Each is shown where the leader is at last, and never what the leader did before it."""
    ada = people["ada"]
    workspace = made(ada)
    link = do(ada, "share", workspace=workspace, level="view")["token"]
    students = [Window(lab.url, headers=cookies[("bob", "eve")[number % 2]]) for number in range(30)]
    try:
        for student in students:
            opened = do(student, "open_link", link=link)
        assert len(opened["people"]) == 31
        for number in range(120):
            view = {"x": float(number), "y": 20, "zoom": 2, "width": 800, "height": 600}
            ada.send({"presence": {"image": RAMP, "view": view, "leading": True}})
            for student in students[:5]:  # their own cursors move meanwhile
                student.send({"presence": {"cursor": [number, 1]}})
        for student in students:

            def led(each: dict[str, Any]) -> bool:
                return each.get("event") == "presence" and bool(each["data"]["presence"].get("leading"))

            last = student.wait_for(lambda each: led(each) and each["data"]["presence"]["view"]["x"] == 119)
            assert last["data"]["presence"]["image"] == RAMP
            places = [each["data"]["presence"]["view"]["x"] for each in student.seen if led(each)]
            assert places == sorted(places)
    finally:
        for student in students:
            student.close()


def test_people_come_and_go(people: dict[str, Window], lab: Served, cookies: dict[str, dict[str, str]]) -> None:
    ada, bob = people["ada"], people["bob"]
    workspace = made(ada)
    shared(ada, workspace, "view", bob)

    def names(window: Window, *wanted: str) -> None:
        window.wait_for(
            lambda each: (
                each.get("event") == "people"
                and sorted(person["name"] for person in each["data"]["people"]) == list(wanted)
            )
        )

    names(ada, "ada", "bob")
    name = bob.name
    bob.close()
    names(ada, "ada")
    with_seq = Window(lab.url, name=name, seq=bob.seq, headers=cookies["bob"])
    assert with_seq.hello["resumed"]
    names(ada, "ada", "bob")
    do(with_seq, "close")
    names(ada, "ada")
    with_seq.close()


def test_the_last_one_is_found_on_another_machine_unless_it_is_in_use(
    people: dict[str, Window], lab: Served, cookies: dict[str, dict[str, str]]
) -> None:
    ada = people["ada"]
    workspace = made(ada, "")
    other = Window(lab.url, headers=cookies["ada"])
    assert do(other, "latest")["elsewhere"]["id"] == workspace
    do(ada, "close")
    assert do(other, "latest")["workspace"]["id"] == workspace
    other.close()


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ({"mark/big": "x" * MAX_VALUE}, "too_large"),
        ({"Region/1": 1}, "invalid_parameter"),
        ({"__proto__": 1}, "invalid_parameter"),
        ({"mark/../1": 1}, "invalid_parameter"),
        ({"a/b/c/d": 1}, "invalid_parameter"),
        ({"mark/deep": json.loads("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))}, "too_large"),
        ({"image/x": {"path": ""}}, "invalid_parameter"),
        ({"image/x": {"path": "sky/ramp.fits", "hdu": "os"}}, "invalid_parameter"),
        ({"view/x": {"x": 1, "y": 1, "zoom": 0}}, "invalid_parameter"),
        ({"region/x": {"image": RAMP, "shape": {"type": "circle", "x": 1, "y": 1, "radius": -5}}}, "invalid_parameter"),
        ({"note/x": {"about": {"type": "os"}, "text": "x"}}, "invalid_parameter"),
        ({f"mark/{number}": 1 for number in range(1001)}, "invalid_parameter"),
        ({"mark/long": [1, {"a": 1 << 64}]}, "invalid_parameter"),
        ({"mark/long": -(1 << 63) - 1}, "invalid_parameter"),
        ({"layout": {"width": 1 << 70}}, "invalid_parameter"),
    ],
)
def test_limits_and_shapes(people: dict[str, Window], entries: dict[str, Any], code: str) -> None:
    workspace = made(people["ada"])
    assert fails(people["ada"], "change", workspace=workspace, entries={"shown": "b", **entries})["code"] == code
    assert do(people["ada"], "open", workspace=workspace)["state"]["entries"] == CONTENT, "all or nothing"


def test_numbers_of_64_bits_are_kept_as_they_are(people: dict[str, Window]) -> None:
    workspace = made(people["ada"])
    kept = {"mark/long": [-(1 << 63), (1 << 64) - 1, 1.5e300, "9" * 50, 0.1234567890123456789012345]}
    do(people["ada"], "change", workspace=workspace, entries=kept)
    assert do(people["ada"], "open", workspace=workspace)["state"]["entries"] == CONTENT | kept


def test_limits_of_the_whole(people: dict[str, Window]) -> None:
    ada = people["ada"]
    workspace = made(ada)
    for start in range(0, 5000 - len(CONTENT), 999):
        stop = min(start + 999, 5000 - len(CONTENT))
        do(ada, "change", workspace=workspace, entries={f"other/{number}": "" for number in range(start, stop)})
    assert fails(ada, "change", workspace=workspace, entries={"other/more": ""})["code"] == "too_large"
    do(ada, "change", workspace=workspace, entries={"other/1": None, "other/more": ""})
    full = made(ada)
    answers = []
    for number in range(75):
        ada.ask(f"full{number}", "workspaces", "change", workspace=full, entries={f"other/{number}": "x" * 59_000})
        answers.append(ada.answer(f"full{number}"))
    assert {each["error"]["code"] for each in answers if each["phase"] == "ERROR"} == {"too_large"}
    assert sum(each["phase"] == "COMPLETED" for each in answers) == (4 << 20) // 59_010


def test_a_user_has_a_number_of_workspaces_and_the_unnamed_ones_make_room(people: dict[str, Window]) -> None:
    eve = people["eve"]
    first = do(eve, "create")["id"]
    for _ in range(20):
        do(eve, "create")
    unnamed = [each["id"] for each in do(eve, "list") if each["level"] == "own"]
    assert len(unnamed) == 20
    assert first not in unnamed
    for number in range(180):
        do(eve, "create", name=f"n {number}")
    assert fails(eve, "create", name="one more")["code"] == "too_large"


def test_a_file_opens_in_another_account(
    lab: Served, people: dict[str, Window], cookies: dict[str, dict[str, str]]
) -> None:
    ada = people["ada"]
    workspace = made(ada, "Fornax / night 2")
    address = f"{lab.url}api/workspaces"
    file = get(f"{address}/{workspace}", headers=cookies["ada"])
    assert file.headers["Content-Disposition"] == 'attachment; filename="Fornax_night_2.toyz.json"'
    assert file.json()["entries"] == CONTENT
    assert len(file.text.splitlines()) > 20, "people can read it"
    jsonschema.Draft202012Validator(make_schema()).validate(file.json())
    at_bob = cookies["bob"] | {"Content-Type": "application/json"}
    assert post(address, content=file.content, headers=at_bob).status_code == 403, "as another site would"
    token = re.search(r"_xsrf=([^;]+)", at_bob["Cookie"])
    assert token is not None
    new = post(address, content=file.content, headers=at_bob | {"X-XSRFToken": token[1]})
    assert new.status_code == 201, new.text
    opened = do(people["bob"], "open", workspace=new.json()["id"])
    assert opened["state"]["entries"] == CONTENT
    assert opened["workspace"]["name"] == "Fornax / night 2"
    theirs = get(f"{address}/{workspace}", headers=cookies["bob"])
    assert (theirs.status_code, theirs.text) == (404, get(f"{address}/none", headers=cookies["bob"]).text)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b'{"toyz_workspace": 2, "entries": {}}', 400),
        (b'{"toyz_workspace": "1", "entries": {}}', 400),
        (b'{"toyz_workspace": 1, "entries": {"image/a": {"path": 5, "hdu": 0}}}', 400),
        (b'{"toyz_workspace": 1, "entries": {"Not a key": 5}}', 400),
        (b'{"toyz_workspace": 1, "name": "\\u0007"}', 400),
        (b'{"toyz_workspace": 1, "entries": {"mark/a": "' + b"x" * 70_000 + b'"}}', 413),
        (b'{"toyz_workspace": 1, "entries": {"mark/a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}", 400),
        (b'{"toyz_workspace": 1, "entries": {"mark/a": "\xff\xfe"}}', 400),
        (b'{"toyz_workspace": 1, "more": "\xff\xfe"}', 400),
        (b'{"toyz_workspace": 1, "entries": {"mark/a": ' + b"9" * 59_000 + b"}}", 400),
        (b'{"toyz_workspace": 1, "entries": {"mark/a": [0, 1e999]}}', 400),
        (b"x" * (7 << 20), 413),
    ],
)
def test_a_file_that_is_none_is_refused_and_nothing_kept(lab: Served, body: bytes, status: int) -> None:
    before = lab.http.get("api/workspaces").json()
    answer = lab.http.post("api/workspaces", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert "Traceback" not in answer.text
    if body == b"x" * (7 << 20):
        assert answer.json()["message"] == "This is not a workspace file, or larger than 6 MB."
    assert lab.http.get("api/workspaces").json() == before


def test_what_is_done_is_in_the_audit_log(lab: Served, people: dict[str, Window]) -> None:
    ada, bob = people["ada"], people["bob"]
    workspace = made(ada)
    link = shared(ada, workspace, "view", bob)
    do(ada, "revoke", workspace=workspace, link=link["id"])
    do(ada, "delete", workspace=workspace)
    with lab.window() as admin:
        entries = admin.call("audit", "admin", "audit", limit=10, text=workspace)
    assert [(each["user"], each["action"]) for each in entries] == [
        ("ada", "delete_workspace"),
        ("ada", "revoke_link"),
        ("bob", "open_link"),
        ("ada", "share_workspace"),
        ("ada", "create_workspace"),
    ]
    assert link["token"] not in json.dumps(entries)


# ---- the file, by itself -------------------------------------------------------------------

_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_keys = st.from_regex(r"[a-z][a-z0-9_]{0,9}(/[A-Za-z0-9_][A-Za-z0-9_.:-]{0,8}){0,2}", fullmatch=True)


@given(st.text(max_size=50), st.dictionaries(_keys, _json, max_size=5))
@settings(max_examples=100, deadline=None)
def test_what_is_written_is_read_again(name: str, entries: dict[str, Any]) -> None:
    raw = {key: msgspec.Raw(msgspec.json.encode(value)) for key, value in entries.items()}
    again = read_file(write_file(name, raw))
    assert again.name == name
    assert {key: msgspec.json.decode(bytes(value)) for key, value in again.entries.items()} == entries


@given(st.binary(max_size=300) | _json.map(msgspec.json.encode) | st.dictionaries(st.sampled_from(
    ["toyz_workspace", "name", "entries", "saved", "more"]), _json).map(msgspec.json.encode))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_anything_else_is_a_typed_error(data: bytes) -> None:
    with suppress(BadRequest):
        assert read_file(data).toyz_workspace == 1


def test_the_schema_in_the_docs_is_that_of_the_code() -> None:
    published = Path(__file__).parents[2] / "docs" / "schemas" / "workspace-1.json"
    assert json.loads(published.read_text()) == make_schema()
    jsonschema.Draft202012Validator.check_schema(make_schema())
    validator = jsonschema.Draft202012Validator(make_schema())
    assert not validator.is_valid({"toyz_workspace": 1, "entries": {"view/a": {"x": 1, "y": 2, "zoom": -1}}})
    assert not validator.is_valid({"toyz_workspace": 2, "entries": {}})


def test_one_that_a_script_makes_does_not_take_the_place_of_the_one_that_was_worked_in(
    people: dict[str, Window], lab: Served, cookies: dict[str, dict[str, str]]
) -> None:
    ada = people["ada"]
    worked_in = made(ada, "")
    do(ada, "close")
    script = Window(lab.url, headers=cookies["ada"])
    aside = do(script, "create", name="of a script", entries={})
    assert aside["opened"] == 0
    assert do(script, "latest")["workspace"]["id"] == worked_in
    assert do(script, "list")[0]["id"] == aside["id"], "the newest comes first all the same"
    # A page that makes one works in it, even if it is left before it has opened it.
    found = do(script, "create", name="", entries={}, opened=True)
    assert do(script, "latest")["workspace"]["id"] == found["id"]
    script.close()

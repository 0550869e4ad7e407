"""What survives: a dropped socket, a killed session, a killed server."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from tests.web.harness import PATIENCE, Served, Window, get, install_plugin, served


def session_since(server: Served, known: set[int]) -> int:
    """Give the pid of the one process that was started since these were known."""
    (pid,) = server.pids() - known
    return pid


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve with a plugin, for tests that kill sessions."""
    folder: Path = tmp_path_factory.mktemp("resume")
    with served(folder, site=install_plugin(folder)) as running:
        yield running


def test_missed_messages_are_replayed(own: Served) -> None:
    first = Window(own.url)
    first.call("a", "patience", "say", text="heard")
    heard = first.seq
    first.ask("b", "patience", "wait_for", path="sky/replay")
    first.wait_for(lambda each: each.get("id") == "b")
    seen = first.seq
    first.socket.socket.close()  # the network drops: no close frame
    (own.share / "replay").touch()
    second = Window(own.url, name=first.name, seq=seen)
    assert second.hello["resumed"]
    assert second.hello["session"] == 1
    answer = second.answer("b")
    assert answer["phase"] == "COMPLETED"
    assert [each["seq"] for each in second.seen] == list(range(seen + 1, answer["seq"] + 1))
    # From further back, more is replayed, and what was heard comes again with the same numbers.
    third = Window(own.url, name=first.name, seq=heard - 1)
    numbers = [third.wait_for(lambda each: True)["seq"] for _ in range(answer["seq"] - heard + 1)]
    assert numbers == list(range(heard, answer["seq"] + 1))
    for window in (first, second, third):
        window.close()


def test_too_far_back_means_asking_again(tmp_path: Path) -> None:
    with served(tmp_path, site=install_plugin(tmp_path), toml="[limits]\nreplay = 3\n") as running:
        first = Window(running.url)
        for number in range(6):
            first.call(f"c{number}", "patience", "count")
        second = Window(running.url, name=first.name, seq=1)
        assert not second.hello["resumed"]
        assert second.hello["seq"] == 6
        third = Window(running.url, name=first.name, seq=4)
        assert third.hello["resumed"]
        assert [third.receive()["seq"] for _ in range(2)] == [5, 6]  # type: ignore[call-overload]
        never = Window(running.url, name=first.name, seq=99)
        assert not never.hello["resumed"]
        for window in (first, second, third, never):
            window.close()


def test_a_killed_session_is_back_within_a_second_with_its_images(own: Served) -> None:
    known = own.pids()
    with own.window() as window:
        window.call("first", "files", "list")
        pid = session_since(own, known)
        info = window.call("a", "images", "open", path="sky/ramp.fits")
        window.ask("waits", "patience", "wait_for", path="sky/never")
        window.wait_for(lambda each: each.get("id") == "waits")
        began = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        lost = window.event("server", "session_lost")
        assert lost == {"session": 1}
        restored = window.event("server", "session_restored")
        assert restored == {"session": 2}
        header, _ = window.tile("t", info["image"], 0, 1, 1)
        took = time.monotonic() - began
        assert (header.phase, header.format) == ("COMPLETED", "jpeg"), header
        assert took < 1, f"{took:.2f} s"
        waits = next(each for each in window.seen if each.get("id") == "waits" and each["phase"] == "ERROR")
        assert waits["error"]["code"] == "session_lost"
        # A read and a tile that come while there is no process are answered by the next one.
        assert window.call("p", "images", "pixel", image=info["image"], x=1, y=1)["value"] == 0
        name = window.name
    with own.window(name=name) as again:
        assert again.hello["session"] == 2


def test_a_composite_comes_back_too(own: Served) -> None:
    known = own.pids()
    with own.window() as window:
        window.call("first", "files", "list")
        pid = session_since(own, known)
        part = {"path": "sky/ramp.fits"}
        info = window.call("a", "images", "compose", red=part, green=part, blue=part)
        os.kill(pid, signal.SIGKILL)
        window.event("server", "session_restored")
        header, _ = window.tile("t", info["image"], 0, 1, 1, stretch="lupton", channel_cuts=[[0, 1], [0, 2], [0, 3]])
        assert (header.phase, header.format) == ("COMPLETED", "jpeg"), header
        assert window.call("p", "images", "pixel", image=info["image"], x=1, y=1)["values"] == [0, 0, 0]


def test_a_frame_is_back_too_and_nothing_is_built_for_it(own: Served) -> None:
    known = own.pids()
    with own.window() as window:
        window.call("first", "files", "list")
        pid = session_since(own, known)
        frame = window.call("a", "images", "frame", path="sky/ramp.fits")
        os.kill(pid, signal.SIGKILL)
        window.event("server", "session_restored")
        header, _ = window.tile("t", frame["image"], 0, 1, 1)
        assert (header.phase, header.format) == ("COMPLETED", "jpeg"), header
        assert not [each for each in window.seen if each.get("event") == "pyramid"]


def test_reads_and_tiles_asked_while_a_session_is_down_are_answered(own: Served) -> None:
    known = own.pids()
    with own.window() as window:
        window.call("first", "files", "list")
        pid = session_since(own, known)
        info = window.call("a", "images", "open", path="sky/ramp.fits")
        os.kill(pid, signal.SIGKILL)
        window.ask("p", "images", "pixel", image=info["image"], x=350, y=1)
        window.ask_tile("t", info["image"], 1, 0, 0)
        assert window.answer("p")["result"]["value"] == pytest.approx(0.349)
        while "t" not in window.tiles:
            window.receive()
        assert window.tiles["t"][0].phase == "COMPLETED"


def test_scripts_do_not_notice_a_killed_session(own: Served) -> None:
    known = own.pids()
    value = own.http.get("api/images/sky/ramp.fits/pixel", params={"x": 1, "y": 500}).json()["value"]
    pid = session_since(own, known)
    os.kill(pid, signal.SIGKILL)
    answer = own.http.get("api/images/sky/ramp.fits/pixel", params={"x": 1, "y": 500})
    assert answer.json()["value"] == value == 499


def test_a_window_is_forgotten_after_its_grace(tmp_path: Path) -> None:
    with served(tmp_path, toml="[limits]\ngrace = 0.2\n") as running:
        known = running.pids()
        window = Window(running.url)
        window.call("a", "files", "list")
        session = next(child for child in running.children() if child.pid not in known)
        window.close()
        session.wait(PATIENCE)
        with running.window(name=window.name) as again:
            assert again.hello["seq"] == 0


def test_clients_and_jobs_after_a_killed_server(tmp_path: Path) -> None:
    site = install_plugin(tmp_path)
    with served(tmp_path, site=site) as first:
        share = first.share
        window = Window(first.url)
        window.ask("j", "patience", "wait_long", path="sky/never")
        job = window.wait_for(lambda each: each.get("id") == "j")["result"]["job"]
        window.wait_for(lambda each: each.get("id") == "j" and each["phase"] == "EXECUTING")
        browser = first.sign_in()
        first.process.kill()
        first.process.wait(PATIENCE)
        with pytest.raises(ConnectionClosed):
            window.wait_for(lambda each: False)
    with served(tmp_path, site=site, share=share) as second:
        record = second.http.get(f"api/jobs/{job}").json()
        assert record["phase"] == "ERROR"
        assert "restart" in record["error"]["message"]
        again = Window(second.url, name=window.name, seq=window.seq)
        assert not again.hello["resumed"]
        assert again.name == window.name
        # A login outlives the server that made it.
        cookies = {cookie.name: str(cookie.value) for cookie in browser.cookies.jar}
        assert get(f"{second.url}api/files", cookies=cookies).status_code == 200
        again.close()
        window.close()


def test_replayed_messages_are_the_same_bytes(own: Served) -> None:
    with own.window() as window:
        result = window.call("a", "patience", "say", text="é\u2028<script>")
        name = window.name
    with own.window(name=name, seq=0) as again:
        answer = again.answer("a")
        assert answer["result"] == result
        assert json.dumps(answer)


def test_a_new_window_comes_before_one_that_was_closed(tmp_path: Path) -> None:
    with served(tmp_path, toml="[limits]\nsessions_per_user = 3\n") as running, running.window() as kept:
        kept.call("a", "files", "list")
        for _ in range(6):
            with running.window() as other:
                other.call("a", "files", "list")
        kept.call("b", "files", "list", path="sky")

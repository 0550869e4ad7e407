"""The websocket of a window: calls, tiles, events, jobs, taking over."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from websockets.exceptions import ConnectionClosed

from tests.web.harness import Served
from toyz.protocol import VERSION


def test_hello_names_the_window(server: Served) -> None:
    with server.window() as window:
        assert window.hello["version"] == VERSION
        assert window.hello["seq"] == 0
        assert window.hello["session"] == 0
        assert not window.hello["resumed"]
        assert len(window.name) >= 8


def test_a_window_has_a_session_from_when_something_is_asked_of_one(server: Served) -> None:
    known = server.pids()
    with server.window() as window:
        window.call("a", "settings", "keys")
        window.send({"ping": 1})
        assert window.receive() == {"pong": 1}
        assert not server.pids() - known
        window.call("b", "files", "list")
        assert len(server.pids() - known) == 1
        name = window.name
    with server.window(name=name) as again:
        assert again.hello["session"] == 1


def test_calls_reach_the_session_and_the_server(server: Served) -> None:
    with server.window() as window:
        listing = window.call("a", "files", "list", path="sky")
        assert [entry["name"] for entry in listing["entries"]] == ["night 1", "notes.txt", "ramp.fits"]
        assert window.call("b", "patience", "count", step=2) == 2
        assert window.call("c", "patience", "count") == 3
        window.call("d", "settings", "set", key="theme", value={"dark": True})
        assert window.call("e", "settings", "get", key="theme") == {"dark": True}
        assert window.call("f", "settings", "get", key="nothing") is None
        assert "theme" in window.call("h", "settings", "keys")
        window.call("i", "settings", "set", key="theme", value=None)
        assert window.call("j", "settings", "get", key="theme") is None
        assert "theme" not in window.call("k", "settings", "keys")
        plugins = window.call("g", "server", "plugins")
        patience = next(each for each in plugins["modules"] if each["name"] == "patience")
        assert patience["panels"][0]["url"] == "plugins/patience/panel.js"
        assert {task["name"] for task in patience["tasks"] if task["long"]} == {"wait_long", "say_long", "fail"}


def test_state_belongs_to_one_window(server: Served) -> None:
    with server.window() as one, server.window() as two:
        one.call("a", "patience", "count", step=5)
        assert two.call("a", "patience", "count") == 1


def test_messages_are_numbered_without_gaps(server: Served) -> None:
    with server.window() as window:
        for number in range(5):
            window.call(f"c{number}", "patience", "say", text=str(number))
        window.call("last", "patience", "count")
        numbers = [message["seq"] for message in window.seen]
        assert numbers == list(range(1, len(numbers) + 1))


def test_events_and_log_lines_reach_the_page(server: Served) -> None:
    with server.window() as window:
        window.ask("a", "patience", "say", text="hello")
        window.answer("a")
        window.call("b", "patience", "count")
        events = {(each["module"], each["event"]): each["data"] for each in window.seen if "event" in each}
        assert events["patience", "said"] == {"text": "hello"}
        line = events["server", "log"]
        assert (line["level"], line["message"], line["id"], line["module"]) == ("info", "said hello", "a", "patience")


def test_tiles_come_as_binary_frames_and_from_the_cache(server: Served) -> None:
    with server.window() as window:
        info = window.call("a", "images", "open", path="sky/ramp.fits")
        assert (info["width"], info["height"], info["levels"]) == (700, 500, 3)
        header, data = window.tile("t1", info["image"], 0, 0, 0)
        assert (header.phase, header.format) == ("COMPLETED", "jpeg")
        picture = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
        assert picture.shape == (256, 256)
        # Row 0 of the screen is the top row of the FITS image, which holds the largest values.
        assert abs(int(picture[0, 0]) - round(499 / 500 * 255)) <= 3
        assert abs(int(picture[255, 0]) - round(244 / 500 * 255)) <= 3
        assert window.tile("t2", info["image"], 0, 0, 0)[1] == data
    # Another window has not opened the image, so it is not given the tile that the server keeps.
    with server.window() as other:
        header, _ = other.tile("t1", info["image"], 0, 0, 0)
        assert (header.phase, header.error.code if header.error else "") == ("ERROR", "not_found")


def test_pixels_come_as_an_array(server: Served) -> None:
    with server.window() as window:
        info = window.call("a", "images", "open", path="sky/ramp.fits")
        window.ask("b", "images", "pixels", image=info["image"], x=10, y=0, width=3, height=2)
        while "b" not in window.tiles:
            window.receive()
        header, data = window.tiles["b"]
        assert header.format == "npy"
        assert header.result == {"x": 10, "y": 0, "width": 3, "height": 2, "step": 1}
        pixels = np.load(io.BytesIO(data))
        np.testing.assert_allclose(pixels[0], [499.010, 499.011, 499.012], rtol=1e-6)


def test_a_call_is_taken_back(server: Served) -> None:
    with server.window() as window:
        window.ask("a", "patience", "wait_for", path="sky/never")
        window.wait_for(lambda each: each.get("id") == "a" and each.get("progress") == 0.25)
        window.send({"id": "a", "cancel": True})
        assert window.answer("a")["phase"] == "ABORTED"
        window.send({"id": "unknown", "cancel": True})
        assert window.call("b", "patience", "count") == 1


def test_errors_name_the_field(server: Served) -> None:
    with server.window() as window:
        error = window.error("a", "patience", "count", step=0)
        assert (error["code"], error["field"]) == ("invalid_parameter", "parameters.step")
        error = window.error("b", "settings", "set", key="a b", value=1)
        assert (error["code"], error["field"]) == ("invalid_parameter", "parameters.key")


def test_ping(server: Served) -> None:
    with server.window() as window:
        window.send({"ping": 7})
        assert window.receive() == {"pong": 7}


def test_the_newest_socket_takes_over(server: Served) -> None:
    with server.window() as old:
        old.call("a", "patience", "count")
        with server.window(name=old.name) as new:
            assert new.hello["session"] == 1
            assert new.call("b", "patience", "count") == 2
            with pytest.raises(ConnectionClosed) as closed:
                old.wait_for(lambda each: False)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4001


def test_a_window_of_another_name_is_another_window(server: Served) -> None:
    with server.window(name="a-name-of-mine") as window:
        assert window.name == "a-name-of-mine"
        assert window.hello["seq"] == 0


def test_a_long_task_becomes_a_job(server: Served) -> None:
    with server.window() as window:
        window.ask("j", "patience", "wait_long", path="sky/.go 1")
        first = window.wait_for(lambda each: each.get("id") == "j")
        job = first["result"]["job"]
        assert first["phase"] == "PENDING"
        window.wait_for(lambda each: each.get("id") == "j" and each.get("progress") == 0.5)
        (server.share / ".go 1").touch()
        answer = window.answer("j")
        assert (answer["phase"], answer["result"]) == ("COMPLETED", {"found": "sky/.go 1"})
        record = window.call("s", "jobs", "show", id=job)
        assert (record["phase"], record["result"]) == ("COMPLETED", {"found": "sky/.go 1"})
        assert record["parameters"] == {"path": "sky/.go 1"}
        assert window.call("l", "jobs", "list", limit=1)[0]["id"] == job
        phases = [each["data"]["phase"] for each in window.seen if each.get("event") == "update"]
        assert phases[-1] == "COMPLETED"


def test_cancelling_the_call_kills_the_job(server: Served) -> None:
    with server.window() as window:
        window.ask("j", "patience", "wait_long", path="sky/never")
        window.wait_for(lambda each: each.get("id") == "j" and each.get("progress") == 0.5)
        window.send({"id": "j", "cancel": True})
        assert window.answer("j")["phase"] == "ABORTED"


def test_a_failed_job_tells_no_path(server: Served) -> None:
    with server.window() as window:
        window.ask("j", "patience", "fail")
        answer = window.answer("j")
        assert (answer["phase"], answer["error"]["code"]) == ("ERROR", "internal")
        assert "shadow" not in answer["error"]["message"]


@pytest.mark.parametrize("task", ["fail", "break_down"])
def test_what_failed_in_the_code_stays_in_the_log(server: Served, task: str) -> None:
    with server.window() as window:
        window.ask("f", "patience", task)
        assert window.answer("f")["phase"] == "ERROR"
        window.call("after", "patience", "say", text="something else")
        told = json.dumps(window.seen)
        assert "said something else" in told
        assert "Traceback" not in told
        assert "shadow" not in told
    assert any("Traceback" in json.dumps(line) and "shadow" in json.dumps(line) for line in server.log)


def test_what_a_job_says_reaches_the_window(server: Served) -> None:
    with server.window() as window:
        window.ask("a", "patience", "say_long", text="hello")
        assert window.event("patience", "said") == {"text": "hello"}
        line = window.event("server", "log")
        assert (line["message"], line["module"]) == ("said hello", "patience")

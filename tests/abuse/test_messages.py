"""Messages that no client of ours would send: rows M1 to M7."""

import json
from typing import Any

import pytest

from tests.web.harness import Served, Window

SECRETS = ("/root", "/home", "/tmp", "Traceback", "site-packages", ".py")


def refused(window: Window, frame: str) -> dict[str, Any]:
    """Send a frame and give the error that comes back."""
    window.send(frame)
    answer = window.wait_for(lambda each: each.get("phase") == "ERROR")
    assert not any(secret in json.dumps(answer) for secret in SECRETS)
    error: dict[str, Any] = answer["error"]
    return error


def still_well(server: Served, window: Window) -> None:
    """See that neither the window nor the server suffered."""
    assert window.call("well", "patience", "count") >= 1
    window.send({"ping": 1})
    window.wait_for(lambda each: each.get("pong") == 1)
    assert server.http.get("healthz").status_code == 200
    assert all(len(line) <= 1024 for line in (server.folder / "log").read_bytes().splitlines(keepends=True))


def call(module: str, task: str, parameters: str = "{}", id: str = "x") -> str:  # noqa: A002
    names = f'"id": {json.dumps(id)}, "module": {json.dumps(module)}, "task": {json.dumps(task)}'
    return f'{{{names}, "parameters": {parameters}}}'


def tile(level: str = "0", x: str = "0", style: str = '{"low": 0, "high": 1}', priority: str = "0") -> str:
    address = f'{{"image": "a", "level": {level}, "x": {x}, "y": 0, "style": {style}}}'
    return f'{{"id": "t", "tile": {address}, "priority": {priority}}}'


def shaped(shape: str) -> str:
    return f'{{"image": "x", "shape": {shape}}}'


def composed(blue: str) -> str:
    ramp = '{"path": "sky/ramp.fits"}'
    return f'{{"red": {ramp}, "green": {ramp}, "blue": {blue}}}'


@pytest.mark.parametrize(
    ("module", "task"),
    [
        ("os", "system"),
        ("patience", "time"),  # imported by the plugin
        ("patience", "plugin"),
        ("patience", "__init__"),
        ("patience", "__class__"),
        ("images", "__init__"),
        ("images", "np"),
        ("files", "os.listdir"),
        ("server", "__dict__"),
        ("settings", "plugin"),
        ("patience:count", "count"),
        ("../patience", "count"),
        ("toyz_web.server", "serve"),
        ("__main__", "x"),
    ],
)
def test_m1_m2_names_are_looked_up_and_nothing_else(server: Served, module: str, task: str) -> None:
    with server.window() as window:
        assert refused(window, call(module, task))["code"] == "unknown_task"
        still_well(server, window)


def test_m3_half_a_character_is_refused_under_the_id_of_its_call(server: Served) -> None:
    with server.window() as window:
        for half in (r"\ud800", r"\udfff", r"a\ud83d"):
            window.send(call("files", "list", f'{{"path": "{half}"}}', "mine"))
            answer = window.wait_for(lambda each: each.get("phase") == "ERROR")
            assert (answer["id"], answer["error"]["code"]) == ("mine", "protocol_error")
        window.send(r'{"id": "\ud800", "module": "files", "task": "list"}')
        assert window.wait_for(lambda each: each.get("phase") == "ERROR")["id"] == ""
        still_well(server, window)


def test_m1_m2_over_http(server: Served) -> None:
    for module, task in (("os", "system"), ("patience", "__init__"), ("files", "list")):
        answer = server.http.post("api/jobs", json={"module": module, "task": task, "parameters": {}})
        assert answer.status_code in (400, 404)


def test_m3_a_user_in_a_message_is_refused_or_ignored(server: Served) -> None:
    with server.window() as window:
        window.call("s", "settings", "set", key="whose", value="mine")
        forged = json.loads(call("settings", "get", '{"key": "whose"}')) | {"user": "somebody"}
        assert refused(window, json.dumps(forged))["code"] == "protocol_error"
        error = refused(window, call("settings", "get", '{"key": "whose", "user": "somebody"}', "y"))
        assert error["code"] == "invalid_parameter"
        still_well(server, window)


def test_m3_a_job_of_nobody_looks_like_one_of_somebody_else(server: Served) -> None:
    with server.window() as window:
        for number, task in enumerate(("show", "cancel")):
            error = refused(window, call("jobs", task, '{"id": "0123456789abcdef"}', f"j{number}"))
            assert error["code"] == "not_found"


@pytest.mark.parametrize(
    ("module", "task", "parameters", "field"),
    [
        ("patience", "count", '{"step": "1"}', "parameters.step"),
        ("patience", "count", '{"step": 1.5}', "parameters.step"),
        ("patience", "count", '{"step": null}', "parameters.step"),
        ("patience", "count", '{"step": 1, "more": 2}', "parameters.more"),
        ("patience", "say", "{}", "parameters.text"),
        ("patience", "say", '{"text": ["a"]}', "parameters.text"),
        ("patience", "say", "[]", "parameters"),
        ("patience", "say", "null", "parameters"),
        ("images", "open", '{"path": 1}', "parameters.path"),
        ("images", "open", '{"path": "sky/ramp.fits", "plane": -1}', "parameters.plane"),
        ("images", "frame", '{"path": ["sky/ramp.fits"]}', "parameters.path"),
        ("images", "frame", '{"path": "sky/ramp.fits", "plane": 1e300}', "parameters.plane"),
        ("images", "frame", '{"path": "sky/ramp.fits", "hdu": "../mosaic"}', "parameters.hdu"),
        ("images", "open", '{"path": "sky/ramp.fits", "layout": "sideways"}', "parameters.layout"),
        ("images", "open", '{"path": "sky/ramp.fits", "layout": ["wcs"]}', "parameters.layout"),
        ("images", "open", '{"path": "sky/ramp.fits", "layout": null}', "parameters.layout"),
        ("images", "open", '{"path": "sky/ramp.fits", "match": "__class__"}', "parameters.match"),
        ("images", "open", '{"path": "sky/ramp.fits", "match": 1e999}', "parameters.match"),
        ("images", "open", '{"path": "sky/ramp.fits", "hdu": 0, "match": "gain"}', "parameters.match"),
        ("images", "open", '{"path": "sky/ramp.fits", "hdu": 0, "layout": "grid"}', "parameters.layout"),
        ("images", "pixel", '{"image": "x", "x": "1", "y": 1}', "parameters.x"),
        ("images", "compose", '{"red": {"path": "sky/ramp.fits"}}', "parameters.green"),
        ("images", "compose", '{"red": "x", "green": "x", "blue": "x"}', "parameters.red"),
        ("images", "compose", composed('{"path": "x", "hdu": -1}'), "parameters.blue.hdu"),
        ("images", "compose", composed('{"path": "x", "id": 1}'), "parameters.blue.id"),
        ("images", "histogram", '{"image": "x", "channel": 3}', "parameters.channel"),
        ("files", "list", '{"path": "sky", "limit": 100000}', "parameters.limit"),
        ("files", "list", '{"path": "sky", "sort": "rm"}', "parameters.sort"),
        ("regions", "statistics", shaped('{"type": "circle", "x": 1, "y": 1, "radius": 0}'), "parameters.shape.radius"),
        ("regions", "statistics", shaped('{"type": "circle", "x": 1e999, "y": 1, "radius": 1}'), "parameters.shape.x"),
        ("regions", "statistics", shaped('{"type": "circle", "x": 1e9, "y": 1, "radius": 1}'), "parameters.shape.x"),
        ("regions", "statistics", shaped('{"type": "line", "vertices": [[0, 0], [1, 1]]}'), "parameters.shape.type"),
        ("regions", "statistics", shaped('{"type": "__class__", "x": 1, "y": 1}'), "parameters.shape.type"),
        ("regions", "sky", shaped('{"type": "polygon", "vertices": [[0, 0], [1, 1]]}'), "parameters.shape.vertices"),
        (
            "regions",
            "sky",
            shaped('{"type": "box", "x": 1, "y": 1, "width": 1, "height": 1, "angle": 1, "id": 2}'),
            "parameters.shape.id",
        ),
        ("regions", "write", '{"image": "x", "regions": []}', "parameters.regions"),
        (
            "regions",
            "write",
            '{"image": "x", "regions": [{"shape": 1}], "system": "image"}',
            "parameters.regions[0].shape",
        ),
        ("regions", "read", '{"image": "x", "text": ""}', "parameters.text"),
        ("regions", "read", '{"image": "x", "path": 5}', "parameters.path"),
        ("jobs", "list", '{"limit": -1}', "parameters.limit"),
        ("settings", "set", '{"key": "a"}', "parameters.value"),
    ],
)
def test_m4_parameters_are_what_was_declared(
    server: Served, module: str, task: str, parameters: str, field: str
) -> None:
    with server.window() as window:
        error = refused(window, call(module, task, parameters))
        assert error["code"] == "invalid_parameter"
        assert error["field"] == field


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "null",
        "[]",
        "{",
        '{"id": "x"}',
        '{"id": 5, "module": "patience", "task": "count"}',
        '{"id": "", "module": "patience", "task": "count"}',
        f'{{"id": "{"i" * 65}", "module": "patience", "task": "count"}}',
        '{"id": "x", "module": "patience", "task": "count", "tile": {}}',
        '{"id": "x", "cancel": false}',
        tile(level="-1"),
        tile(x="1e300"),
        tile(style='{"low": 0, "high": 1, "bad": "url(x)"}'),
        tile(style='{"low": 0, "high": 1, "more": 1}'),
        tile(style='{"low": 0, "high": 1, "channel_cuts": [[0, 1], [0, 1]]}'),
        tile(style='{"low": 0, "high": 1, "channel_cuts": [[0, 1], [0, 1], [0, "1"]]}'),
        tile(style='{"low": 0, "high": 1, "channel_cuts": [[0, 1], [0, 1], [0, 1, 2]]}'),
        "\x00\x01",
        '{"ping": "1"}',
    ],
)
def test_m4_frames_that_are_no_messages(server: Served, frame: str) -> None:
    with server.window() as window:
        assert refused(window, frame)["code"] == "protocol_error"
        still_well(server, window)


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "sky/../../state/toyz.sqlite", "sky/ramp.fits[1]", "sky/ramp.fits/", "ramp.fits", ""]
)
def test_m4_a_composite_reaches_what_an_image_reaches(server: Served, path: str) -> None:
    with server.window() as window:
        error = refused(window, call("images", "compose", composed(json.dumps({"path": path}))))
        assert error["code"] in ("not_found", "unsupported_file", "forbidden")
        still_well(server, window)


@pytest.mark.parametrize(
    "query",
    [
        {"layout": "sideways"},
        {"layout": "WCS"},
        {"layout": "wcs/../detsec"},
        {"layout": ""},
        {"match": "x" * 5000},
        {"match": "gain\0"},
        {"match": "none", "layout": "auto", "sky": "1"},
    ],
)
def test_m4_layouts_over_http(server: Served, query: dict[str, str]) -> None:
    for route in ("", "/tiles/0/0/0", "/pixels", "/cuts", "/pixel"):
        window = {"x": "0", "y": "0", "width": "1", "height": "1"} if route.startswith("/pixel") else {}
        answer = server.http.get(f"api/images/sky/ramp.fits{route}", params=query | window)
        assert answer.status_code in (400, 422), answer.text
        assert answer.json()["code"] == "invalid_parameter"
        assert not any(secret in answer.text for secret in SECRETS)


def test_m5_depth_and_digits(server: Served) -> None:
    with server.window() as window:
        deep = "[" * 30_000 + "]" * 30_000
        assert refused(window, call("settings", "set", f'{{"key": "a", "value": {deep}}}', "a"))["code"] in (
            "protocol_error",
            "invalid_parameter",
        )
        assert refused(window, call("patience", "count", f'{{"step": {deep}}}', "b"))["code"] in (
            "protocol_error",
            "invalid_parameter",
        )
        digits = "9" * 60_000
        assert refused(window, call("patience", "count", f'{{"step": {digits}}}', "c"))["code"] == "invalid_parameter"
        assert refused(window, f'{{"ping": {digits}}}')["code"] == "protocol_error"
        for number, value in enumerate((digits[:59_000], str(1 << 64), f"[-1, {-(1 << 63) - 1}]")):
            kept = f'{{"key": "long", "value": {value}}}'
            assert refused(window, call("settings", "set", kept, f"s{number}"))["code"] == "invalid_parameter"
        assert window.call("none", "settings", "get", key="long") is None
        still_well(server, window)


def test_m5_over_http(server: Served) -> None:
    headers = {"Content-Type": "application/json"}
    deep = "[" * 200_000 + "]" * 200_000
    for value in (deep, "9" * 100_000, '"\xff\xfe"'):
        body = f'{{"module": "patience", "task": "wait_long", "parameters": {{"path": {value}}}}}'
        answer = server.http.post("api/jobs", content=body.encode("latin-1"), headers=headers)
        assert answer.status_code == 400, answer.text[:200]
        assert answer.json()["code"] in ("bad_request", "invalid_parameter")
    assert server.http.get("healthz").status_code == 200


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_m6_numbers_are_finite(server: Served, number: str) -> None:
    with server.window() as window:
        assert refused(window, tile(style=f'{{"low": {number}, "high": 1}}'))["code"] == "protocol_error"
        balance = f'{{"low": 0, "high": 1, "channel_cuts": [[0, 1], [{number}, 1], [0, 1]]}}'
        assert refused(window, tile(style=balance))["code"] == "protocol_error"
        frame = call("images", "pixel", f'{{"image": "a", "x": {number}, "y": 1}}')
        assert refused(window, frame)["code"] in ("protocol_error", "invalid_parameter")
        assert refused(window, tile(priority=number))["code"] == "protocol_error"
        frame = call("settings", "set", f'{{"key": "a", "value": [{number}]}}', "kept")
        assert refused(window, frame)["code"] in ("protocol_error", "invalid_parameter")
        still_well(server, window)
    for query in ({"x": number, "y": "1"}, {"x": "1", "y": number}):
        assert server.http.get("api/images/sky/ramp.fits/pixel", params=query).status_code == 400


def test_m7_the_same_id_twice_is_one_call(server: Served) -> None:
    with server.window() as window:
        frame = call("patience", "count", id="once")
        for _ in range(3):
            window.send(frame)
        first = window.answer("once")
        window.send(frame)
        assert window.answer("once") == first
        assert window.call("after", "patience", "count") == first["result"] + 1


def test_m7_while_it_runs(server: Served) -> None:
    with server.window() as window:
        frame = call("patience", "wait_for", '{"path": "sky/twice"}', "slow")
        window.send(frame)
        progress = window.wait_for(lambda each: each.get("id") == "slow")
        window.send(frame)
        again = window.wait_for(lambda each: each.get("id") == "slow")
        assert again == progress
        (server.share / "twice").touch()
        assert window.answer("slow")["phase"] == "COMPLETED"


def test_m7_a_job_is_submitted_once(server: Served) -> None:
    with server.window() as window:
        before = len(window.call("a", "jobs", "list", limit=1000))
        frame = call("patience", "wait_long", '{"path": "sky/job"}', "job")
        window.send(frame)
        window.send(frame)
        (server.share / "job").touch()
        assert window.answer("job")["phase"] == "COMPLETED"
        assert len(window.call("b", "jobs", "list", limit=1000)) == before + 1


def test_m7_binary_answers_of_reads_are_given_again(server: Served) -> None:
    with server.window() as window:
        image = window.call("a", "images", "open", path="sky/ramp.fits")["image"]
        frames = []
        for _ in range(2):
            window.ask("p", "images", "pixels", image=image, x=0, y=0, width=2, height=2)
            while "p" not in window.tiles:
                window.receive()
            frames.append(window.tiles.pop("p")[1])
        assert frames[0] == frames[1]


def test_too_many_calls_at_once_are_refused_and_the_rest_answered(server: Served) -> None:
    with server.window() as window:
        for number in range(2100):
            window.ask(f"w{number}", "patience", "wait_for", path="sky/flood")
        refusal = window.wait_for(lambda each: each.get("phase") == "ERROR")
        assert refusal["error"]["code"] == "busy"
        (server.share / "flood").touch()
        assert window.answer("w0")["phase"] == "COMPLETED"
    assert server.http.get("healthz").status_code == 200

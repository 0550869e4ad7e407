"""Floods: of jobs, windows, form parts and sign-ins; each is refused in words, and others go on."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.web.harness import BEARER, PATIENCE, Served, Window, client, form_token, install_plugin, served
from tests.web.test_accounts import PASSWORD, done, sign_in
from toyz_sessions.jobs import WAITING

SOCKETS = 1000
JOBS = 10_000
PARTS = 5000


@pytest.fixture(scope="module")
def flooded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve with few places, so that they are soon taken."""
    folder: Path = tmp_path_factory.mktemp("flooded")
    limits = "[limits]\nsessions_per_user = 4\ngrace = 0.1\n"
    with served(folder, site=install_plugin(folder), toml=limits) as running:
        done(folder, "user", "add", "ada", "--password-stdin", given=PASSWORD + "\n")
        yield running


def test_w9_a_thousand_windows_of_one_user(flooded: Served) -> None:
    address = f"ws{flooded.url.removeprefix('http')}api/socket"

    async def open_one() -> int:
        async with connect(address, additional_headers=BEARER, compression=None, open_timeout=PATIENCE) as socket:
            first = await asyncio.wait({asyncio.create_task(socket.recv())})
            if isinstance(closed := first[0].pop().exception(), ConnectionClosed):
                return closed.rcvd.code if closed.rcvd is not None else -1
            await full.wait()
            return 0

    async def flood() -> list[int]:
        tasks = [asyncio.create_task(open_one()) for _ in range(SOCKETS)]
        while sum(task.done() for task in tasks) < SOCKETS - 4:
            await asyncio.wait([task for task in tasks if not task.done()], return_when=asyncio.FIRST_COMPLETED)
        full.set()
        return await asyncio.gather(*tasks)

    full = asyncio.Event()
    codes = asyncio.run(flood())
    assert sorted(set(codes)) == [0, 1013]
    assert codes.count(0) == 4
    # Once they are closed there is room again.
    while asyncio.run(open_one()) != 0:
        continue
    # Others have their places all the while.
    assert sign_in(flooded, "ada", PASSWORD).status_code == 303


def test_w8_ten_thousand_jobs_at_once(flooded: Served) -> None:
    with flooded.window() as window:
        for number in range(JOBS):
            window.ask(f"j{number}", "patience", "wait_long", path="sky/never there")
        refused = 0
        while refused < JOBS - WAITING:
            message = window.receive()
            if isinstance(message, dict) and message.get("phase") == "ERROR":
                assert message["error"]["code"] == "busy"
                refused += 1
        window.call("after", "patience", "count")
    jobs = flooded.http.get("api/jobs", params={"limit": 1000}).json()
    assert len(jobs) == WAITING
    for job in jobs:
        flooded.http.post(f"api/jobs/{job['id']}/cancel")
    assert {job["phase"] for job in flooded.http.get("api/jobs").json()} == {"ABORTED"}


def test_m10_a_filter_that_would_never_end(server: Served) -> None:
    folder = server.share / "long names"
    folder.mkdir()
    for number in range(200):
        (folder / (f"{number:03}" + "a" * 200)).touch()
    begin = time.monotonic()
    for pattern in ("*a" * 99 + "b", "(a+)+$", "[" * 200, "?" * 200):
        answer = server.http.get("api/files/sky/long names", params={"filter": pattern})
        assert answer.status_code == 200
        assert answer.json()["total"] == 0
    assert time.monotonic() - begin < 5.0


def test_m11_an_error_names_no_path(server: Served) -> None:
    with server.window() as window:
        for module, task, parameters in (
            ("patience", "break_down", {}),
            ("patience", "fail", {}),
            ("images", "open", {"path": "sky/not there.fits"}),
            ("images", "open", {"path": "sky/notes.txt"}),
            ("files", "list", {"path": "sky/not there"}),
        ):
            error = window.error(f"{task}{len(window.seen)}", module, task, **parameters)
            text = f"{error}"
            assert "/etc" not in text
            assert str(server.share) not in text
            assert "Traceback" not in text
            assert ".py" not in text


def test_r1_a_form_of_thousands_of_parts(server: Served) -> None:
    boundary = "-" * 20
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="p"\r\n\r\nx\r\n'
    body = part * PARTS + f"--{boundary}--\r\n"
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    begin = time.monotonic()
    with client(server.url) as browser:
        browser.get("login")
        answer = browser.post("login", content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    assert "Traceback" not in answer.text
    assert time.monotonic() - begin < 5.0
    assert server.http.get("healthz").status_code == 200
    lines = [line for line in (server.folder / "log").read_text().splitlines() if "multipart" in line.lower()]
    assert all(len(line) <= 1000 for line in lines)


def test_r3_a_hundred_sign_ins_hold_nobody_up(flooded: Served) -> None:
    """Others are answered all the while; were passwords looked at in the loop, none would be before the last."""
    browsers = [client(flooded.url) for _ in range(100)]
    forms = [
        {"username": "ada", "password": PASSWORD, "_xsrf": form_token(each.get("login").text)} for each in browsers
    ]
    with ThreadPoolExecutor(100) as pool:
        begin = time.monotonic()
        waiting = [pool.submit(each.post, "login", data=form) for each, form in zip(browsers, forms, strict=True)]
        answered: list[float] = []
        while not all(each.done() for each in waiting):
            asked = time.monotonic()
            assert flooded.http.get("api/plugins").status_code == 200
            answered.append(time.monotonic() - asked)
        lasted = time.monotonic() - begin
    assert {each.result().status_code for each in waiting} == {303}
    assert max(answered) < lasted / 2
    for browser in browsers:
        browser.close()


def test_x1_anothers_job_and_image_are_as_if_there_were_none(flooded: Served) -> None:
    ada = sign_in(flooded, "ada", PASSWORD).headers["cookie"]
    done(flooded.folder, "share", "grant", "sky", "ada")
    job = flooded.http.post(
        "api/jobs", json={"module": "patience", "task": "wait_long", "parameters": {"path": "sky/x"}}
    )
    name = job.json()["id"]
    token = ada.partition("_xsrf=")[2].partition(";")[0]
    with client(flooded.url, headers={"Cookie": ada, "X-XSRFToken": token}) as other:
        for method, end in (("GET", ""), ("GET", "/progress"), ("GET", "/result"), ("POST", "/cancel"), ("DELETE", "")):
            theirs = other.request(method, f"api/jobs/{name}{end}")
            absent = other.request(method, f"api/jobs/{'0' * 32}{end}")
            assert (theirs.status_code, theirs.content) == (absent.status_code, absent.content)
            assert theirs.status_code == 404
        assert other.get("api/jobs").json() == []
    with flooded.window() as mine:
        image = mine.call("open", "images", "open", path="sky/ramp.fits")["image"]
        theirs_too = Window(flooded.url, headers={"Cookie": ada, "Origin": flooded.url.rstrip("/")})
        theirs_too.ask_tile("t", image, 0, 0, 0)
        theirs_too.ask_tile("n", "f" * len(image), 0, 0, 0)
        while len(theirs_too.tiles) < 2:
            theirs_too.receive()
        errors = [theirs_too.tiles[each][0].error for each in ("t", "n")]
        assert errors[0] == errors[1] is not None
        theirs_too.close()
    assert flooded.http.post(f"api/jobs/{name}/cancel").json()["phase"] == "ABORTED"

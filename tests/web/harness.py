"""A real server process, a share with small exposures in it, and a plugin whose task takes its time."""

import json
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
from astropy.io import fits
from websockets.sync.client import ClientConnection, connect

from toyz.protocol import BinaryHeader, decode_binary

TOKEN = "a-token-for-the-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
PATIENCE = 30.0
_PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Loads no certificates, which takes longer than a request; `trust` adds those of the few tests that speak https."""
_LINK = re.compile(r"(https?://\S+/)login\?token=(\S+)")
_PLUGIN = '''
import time
from typing import Annotated

from msgspec import Meta
from toyz import Context, Plugin
from toyz.errors import NotFound

plugin = Plugin("patience", title="Patience", description="Tasks for the tests.")
plugin.panel("show", title="Show", module="panel.js")


@plugin.task
def count(context: Context, step: Annotated[int, Meta(ge=1)] = 1) -> int:
    """Count the calls of this session."""
    context.session["count"] = context.session.get("count", 0) + step
    return context.session["count"]


@plugin.task
def say(context: Context, text: str) -> str:
    """Emit an event and write to the log."""
    context.emit("said", {"text": text})
    context.log("said " + text)
    return text


@plugin.task(long=True)
def say_long(context: Context, text: str) -> str:
    """Do the same as a job."""
    return say(context, text)


@plugin.task
def wait_for(context: Context, path: str) -> str:
    """Wait until a file of a share is there."""
    context.progress(0.25, "waiting")
    while True:
        context.check()
        try:
            context.open(path).close()
            return path
        except NotFound:
            time.sleep(0.01)


@plugin.task(long=True)
def wait_long(context: Context, path: str) -> dict[str, str]:
    """Do the same as a job."""
    context.progress(0.5, "waiting")
    while True:
        try:
            context.open(path).close()
            return {"found": path}
        except NotFound:
            time.sleep(0.01)


@plugin.task(long=True)
def fail(context: Context) -> None:
    """Fail with words that name a path."""
    raise ValueError("/etc/shadow is not for you")


@plugin.task(title="Break down")
def break_down(context: Context) -> None:
    """Fail in the session."""
    raise ValueError("/etc/shadow is not for you")
'''


def write_share(folder: Path) -> Path:
    """Make a share: a FITS image of 700 × 500 with a WCS, one with three HDUs, and a text file."""
    share = folder / "sky"
    (share / "night 1").mkdir(parents=True)
    rows, columns = np.mgrid[0:500, 0:700]
    pixels = (rows + columns / 1000).astype(np.float32)
    image = fits.PrimaryHDU(pixels)
    cards = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 59.0, "CRVAL2": -52.0}
    cards |= {"CRPIX1": 350.5, "CRPIX2": 250.5, "CDELT1": -1e-4, "CDELT2": 1e-4, "CUNIT1": "deg", "CUNIT2": "deg"}
    image.header.update(cards)
    image.writeto(share / "ramp.fits")
    parts = [fits.ImageHDU(np.full((300, 300), number, np.int16), name=f"N{number}") for number in (1, 2, 3)]
    fits.HDUList([fits.PrimaryHDU(), *parts]).writeto(share / "night 1" / "three #1.fits")
    (share / "notes.txt").write_text("clear sky\n")
    return share


def install_plugin(folder: Path, name: str = "patience", code: str = _PLUGIN) -> Path:
    """Install a plugin as a wheel would: a package with an entry point."""
    site = folder / "site"
    (site / name / "static").mkdir(parents=True)
    (site / name / "__init__.py").write_text(code)
    (site / name / "static" / "panel.js").write_text("export function activate(toyz) {}\n")
    (site / name / "static" / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>\n")
    record = site / f"{name}-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (record / "entry_points.txt").write_text(f"[toyz.plugins]\n{name} = {name}:plugin\n")
    return site


class Served:
    """A running server.

    Attributes
    ----------
    url : str
        Of the page, with the token's one-time link in `ticket`.
    share : Path
    process : subprocess.Popen
    """

    def __init__(self, process: "subprocess.Popen[str]", url: str, ticket: str, share: Path, folder: Path) -> None:
        self.process = process
        self.url = url
        self.ticket = ticket
        self.share = share
        self.folder = folder
        self.http = client(url, headers=BEARER)
        self._clients = [self.http]

    @property
    def log(self) -> list[dict[str, Any]]:
        """What the server logged, one object a line."""
        return [json.loads(line) for line in self._lines if line.startswith("{")]

    @property
    def foreign_log(self) -> list[str]:
        """What came between: C libraries write what they will, last of all when they abort."""
        return [line for line in self._lines if not line.startswith("{")]

    @property
    def _lines(self) -> list[str]:
        return (self.folder / "log").read_text(errors="replace").splitlines()

    def sign_in(self) -> httpx.Client:
        """Give a browser's client: signed in by the form, with cookies."""
        browser = client(self.url)
        self._clients.append(browser)
        form = browser.get("login")
        answer = browser.post("login", data={"token": TOKEN, "_xsrf": form_token(form.text)})
        assert answer.status_code == 303, answer.text
        return browser

    def close(self) -> None:
        """Close the clients."""
        for client in self._clients:
            client.close()

    def children(self) -> list[psutil.Process]:
        """Give every process that the server started."""
        children: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return children

    def pids(self) -> set[int]:
        """Give the pids of every process that the server started."""
        return {child.pid for child in self.children()}

    @contextmanager
    def window(self, **options: Any) -> Iterator["Window"]:
        """Open a window."""
        window = Window(self.url, **options)
        try:
            yield window
        finally:
            window.close()


class Window:
    """A client of the websocket that waits for what it wants to see.

    Parameters
    ----------
    url : str
        Of the server.
    name : str
        Of the window; empty for a new one.
    seq : int, optional
        The last message seen.
    headers : dict, optional
        Instead of the bearer.
    """

    def __init__(
        self, url: str, name: str = "", seq: int | None = None, headers: dict[str, str] | None = None, query: str = ""
    ) -> None:
        address = f"ws{url.removeprefix('http')}api/socket?window={name}{query}" + (
            f"&seq={seq}" if seq is not None else ""
        )
        self._connection = connect(
            address,
            additional_headers=BEARER if headers is None else headers,
            max_size=None,
            compression=None,
            open_timeout=PATIENCE,
            close_timeout=0.5,
            ssl=_PLAIN if address.startswith("wss:") else None,
        )
        self.socket: ClientConnection = self._connection.__enter__()
        self.seen: list[dict[str, Any]] = []
        self.tiles: dict[str, tuple[BinaryHeader, bytes]] = {}
        self.hello: dict[str, Any] = json.loads(self.socket.recv(timeout=PATIENCE))
        self.name: str = self.hello["window"]

    @property
    def seq(self) -> int:
        """The last number seen."""
        first: int = 0 if self.hello["resumed"] else self.hello["seq"]
        return max([first, *(int(each.get("seq", 0)) for each in self.seen)])

    def send(self, message: dict[str, Any] | str) -> None:
        """Send a frame."""
        self.socket.send(message if isinstance(message, str) else json.dumps(message))

    def receive(self, timeout: float = PATIENCE) -> dict[str, Any] | tuple[BinaryHeader, bytes]:
        """Give the next frame."""
        frame = self.socket.recv(timeout=timeout)
        if isinstance(frame, bytes):
            header, payload = decode_binary(frame)
            self.tiles[header.id] = header, payload
            return header, payload
        message: dict[str, Any] = json.loads(frame)
        self.seen.append(message)
        return message

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Give the next JSON message of a kind."""
        while True:
            message = self.receive()
            if isinstance(message, dict) and wanted(message):
                return message

    def event(self, module: str, event: str) -> Any:
        """Give the data of the next event of a kind."""
        return self.wait_for(lambda each: each.get("event") == event and each["module"] == module).get("data")

    def ask(self, id: str, module: str, task: str, /, **parameters: Any) -> None:  # noqa: A002
        """Send a call."""
        self.send({"id": id, "module": module, "task": task, "parameters": parameters})

    def answer(self, id: str) -> dict[str, Any]:  # noqa: A002
        """Give the final update of a call."""
        final = {"COMPLETED", "ERROR", "ABORTED"}
        return self.wait_for(lambda each: each.get("id") == id and each.get("phase") in final)

    def call(self, id: str, module: str, task: str, /, **parameters: Any) -> Any:  # noqa: A002
        """Call a task and give its result."""
        self.ask(id, module, task, **parameters)
        answer = self.answer(id)
        assert answer["phase"] == "COMPLETED", answer
        return answer.get("result")

    def error(self, id: str, module: str, task: str, /, **parameters: Any) -> dict[str, Any]:  # noqa: A002
        """Call a task that fails and give its error."""
        self.ask(id, module, task, **parameters)
        answer = self.answer(id)
        assert answer["phase"] == "ERROR", answer
        error: dict[str, Any] = answer["error"]
        return error

    def tile(self, id: str, image: str, level: int, x: int, y: int, **style: Any) -> tuple[BinaryHeader, bytes]:  # noqa: A002
        """Ask for a tile and wait for it."""
        self.ask_tile(id, image, level, x, y, **style)
        while id not in self.tiles:
            self.receive()
        return self.tiles.pop(id)

    def ask_tile(
        self, call: str, image: str, level: int, x: int, y: int, *, priority: float = 0.0, **style: Any
    ) -> None:
        """Ask for a tile."""
        address = {"image": image, "level": level, "x": x, "y": y, "style": {"low": 0, "high": 500, **style}}
        self.send({"id": call, "tile": address, "priority": priority})

    def close(self) -> None:
        """Close the socket."""
        with suppress(Exception):
            self._connection.__exit__(None, None, None)


def client(url: str, **options: Any) -> httpx.Client:
    """Make a client that is patient with a busy machine and follows nothing."""
    return httpx.Client(base_url=url, timeout=PATIENCE, verify=_PLAIN, **options)


def get(url: str, **options: Any) -> httpx.Response:
    """Ask as somebody of whom nothing is known but what is given here."""
    return httpx.get(url, timeout=PATIENCE, verify=_PLAIN, **options)


def post(url: str, **options: Any) -> httpx.Response:
    """Post as somebody of whom nothing is known but what is given here."""
    return httpx.post(url, timeout=PATIENCE, verify=_PLAIN, **options)


def trust(pem: bytes) -> None:
    """Have all clients trust an authority from now on."""
    _PLAIN.load_verify_locations(cadata=pem.decode())


def form_token(page: str) -> str:
    """Find the XSRF token in the sign-in form."""
    match = re.search(r'name="_xsrf" value="([^"]+)"', page)
    assert match is not None
    return match[1]


@contextmanager
def served(
    folder: Path,
    *options: str,
    share: Path | None = None,
    site: Path | None = None,
    token: str = TOKEN,
    toml: str = "",
) -> Iterator[Served]:
    """Run a server on a free port until the end of the block.

    Parameters
    ----------
    folder : Path
        For its state, cache and log.
    *options
        Of ``toyz serve``.
    share, site : Path, optional
        The directory to serve and where the plugin of the tests is installed.
    token : str
        Empty to have one made up.
    toml : str
        Its configuration file.
    """
    share = share or write_share(folder)
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "TOYZ_TOKEN")}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(site or ""), *sys.path]))
    if token:
        environment["TOYZ_TOKEN"] = token
    (folder / "toyz.toml").write_text(toml)
    command = [sys.executable, "-m", "toyz_web.cli", "serve", str(share), "--no-browser", "--log-level", "debug"]
    command += ["--config", str(folder / "toyz.toml")]
    command += ["--state", str(folder / "state"), "--cache", str(folder / "cache")]
    if "--port" not in options:
        command += ["--port", "0"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([*command, *options], env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        url, ticket = _wait_for_link(process, folder)
        running = Served(process, url, ticket, share, folder)
        try:
            yield running
        finally:
            running.close()
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _wait_for_link(process: "subprocess.Popen[str]", folder: Path) -> tuple[str, str]:
    """Read what the server prints until it prints its link."""
    assert process.stdout is not None
    watchdog = threading.Timer(2 * PATIENCE, process.kill)
    watchdog.start()
    try:
        for line in process.stdout:
            match = _LINK.search(line)
            if match is not None:
                return match[1], match[2]
    finally:
        watchdog.cancel()
    raise AssertionError(f"the server did not start: {(folder / 'log').read_text()[-3000:]}")

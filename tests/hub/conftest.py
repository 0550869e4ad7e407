"""A real JupyterHub with its own proxy, and Toyz as its service and as what it spawns."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from tests.services.obtain import NODE, PROXY, obtain
from tests.services.provider import free_port
from tests.web.harness import PATIENCE, client, get, write_share

PASSWORD = "of all users of the hub"
TOKEN = "a-token-for-the-tests-of-the-hub"
CONFIG = Path(__file__).with_name("jupyterhub_config.py")


class JupyterHub:
    """A running Hub.

    Attributes
    ----------
    url : str
        Of its proxy, with a slash at its end.
    api : httpx.Client
        Of its REST API, with the rights of a service that administers it.
    folder : Path
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.api = client(f"{url}hub/api/", headers={"Authorization": f"token {TOKEN}"})

    @property
    def log(self) -> str:
        """What the Hub and all that it started have printed."""
        return (self.folder / "log").read_text()

    @contextmanager
    def browser(self, user: str) -> Iterator[httpx.Client]:
        """Give the client of a browser in which a user has signed in at the Hub."""
        with client(self.url) as browser:
            form = browser.get("hub/login")
            found = re.search(r'name="_xsrf"\s+value="([^"]+)"', form.text)
            assert found is not None, form.text
            data = {"username": user, "password": PASSWORD, "_xsrf": found[1]}
            answer = browser.post("hub/login", data=data)
            assert answer.status_code == 302, answer.text
            yield browser

    def start_server(self, user: str) -> None:
        """Have a user's server spawned, and wait until it is ready."""
        self.api.post(f"users/{user}")
        assert self.api.post(f"users/{user}/server").status_code in (201, 202)
        wait_until(lambda: bool(self.server(user).get("ready")), lambda: self.log)

    def server(self, user: str) -> dict[str, Any]:
        """Give what the Hub knows of a user's server; nothing if there is none."""
        servers: dict[str, Any] = self.api.get(f"users/{user}").json()["servers"]
        return dict(servers.get("", {}))


def follow(browser: httpx.Client, url: str) -> httpx.Response:
    """Get a page as a browser does, through all redirects."""
    answer = browser.get(url)
    for _ in range(12):
        if not answer.is_redirect:
            return answer
        answer = browser.get(urljoin(str(answer.url), answer.headers["location"]))
    raise AssertionError("it leads round and round")


def wait_until(holds: Callable[[], bool], why: Callable[[], str] = str, within: float = 2 * PATIENCE) -> None:
    """Ask another program until it says so; it has no way to tell by itself."""
    until = time.monotonic() + within
    pause = threading.Event()
    while not holds():
        assert time.monotonic() < until, why()[-3000:]
        pause.wait(0.1)


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterHub]:
    """Run a Hub with its proxy."""
    obtain()
    folder: Path = tmp_path_factory.mktemp("hub")
    (folder / "toyz.toml").write_text("[jupyterhub]\ncheck = 2\n")
    url = f"http://127.0.0.1:{free_port()}/"
    given = {
        "folder": str(folder),
        "url": url,
        "hub": f"http://127.0.0.1:{free_port()}/hub/",
        "proxy_api": f"http://127.0.0.1:{free_port()}",
        "proxy": [str(NODE), str(PROXY)],
        "service": f"http://127.0.0.1:{free_port()}",
        "password": PASSWORD,
        "token": TOKEN,
        "toml": str(folder / "toyz.toml"),
        "share": str(write_share(folder)),
    }
    environment = os.environ | {"TOYZ_HUB": json.dumps(given), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "jupyterhub", "--config", str(CONFIG)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    running = JupyterHub(url, folder)
    try:
        wait_until(lambda: process.poll() is not None or is_up(f"{url}services/toyz/healthz"), lambda: running.log)
        assert process.poll() is None, running.log[-3000:]
        yield running
    finally:
        running.api.close()
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def is_up(url: str) -> bool:
    """Whether anything answers well there."""
    try:
        return get(url).status_code == 200
    except httpx.HTTPError:
        return False

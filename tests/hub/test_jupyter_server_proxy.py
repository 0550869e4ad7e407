"""Toyz behind jupyter-server-proxy, in a real Jupyter server."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import psutil
import pytest
from websockets.exceptions import InvalidStatus

from tests.hub.conftest import is_up, wait_until
from tests.services.provider import free_port
from tests.web.harness import PATIENCE, Window, client, get, write_share

TOKEN = "of-the-jupyter-server"
BODY = {"module": "images", "task": "open", "parameters": {"path": "sky/ramp.fits"}}


class Jupyter:
    """A running Jupyter server, and a browser that has signed in at it."""

    def __init__(self, root: str, process: "subprocess.Popen[bytes]", browser: httpx.Client) -> None:
        self.root, self.url, self.process, self.browser = root, f"{root}toyz/", process, browser

    @property
    def cookies(self) -> str:
        """What the browser sends."""
        request = self.browser.build_request("GET", self.url)
        return str(request.headers["cookie"])

    def toyz(self) -> psutil.Process:
        """Give the process of Toyz."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return next(each for each in children if "toyz_web.cli" in each.cmdline())


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """Run Jupyter under a prefix, as a JupyterHub does."""
    folder: Path = tmp_path_factory.mktemp("jupyter")
    share = write_share(folder)
    port = free_port()
    home = {"HOME": str(folder / "home"), "JUPYTER_PLATFORM_DIRS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    home |= {"XDG_STATE_HOME": str(folder / "state"), "XDG_CACHE_HOME": str(folder / "cache")}
    command = [sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser", f"--port={port}"]
    command += [f"--IdentityProvider.token={TOKEN}", "--ServerApp.base_url=/user/ada/", "--ServerApp.port_retries=0"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=share, env={**os.environ, **home}, stdout=log, stderr=log)
    root = f"http://127.0.0.1:{port}/user/ada/"
    try:
        wait_until(lambda: is_up(f"{root}api/status?token={TOKEN}"), (folder / "log").read_text)
        with client(root) as browser:
            browser.get("tree", params={"token": TOKEN})
            yield Jupyter(root, process, browser)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def test_the_page_an_image_and_tiles_without_signing_in_again(jupyter: Jupyter) -> None:
    page = jupyter.browser.get(jupyter.url)
    assert page.status_code == 200, page.text
    assert '<base href="/user/ada/toyz/" />' in page.text
    window = Window(jupyter.url, headers={"Cookie": jupyter.cookies, "Origin": jupyter.root.partition("/user")[0]})
    assert window.call("me", "account", "show")["admin"]
    opened = window.call("open", "images", "open", path="sky/ramp.fits")
    header, data = window.tile("t", opened["image"], 0, 0, 0)
    assert (header.format, data[:2]) == ("jpeg", b"\xff\xd8")
    info = jupyter.browser.get(f"{jupyter.url}api/images/sky/ramp.fits").json()
    address = urljoin(jupyter.url, info["tiles"].format(z=0, x=0, y=0))
    assert address.startswith(jupyter.url)
    tiles = [jupyter.browser.get(address) for _ in range(3)]
    assert {each.status_code for each in tiles} == {200}
    window.close()


def test_who_has_not_signed_in_at_jupyter_gets_nothing(jupyter: Jupyter) -> None:
    jupyter.browser.get(jupyter.url)
    assert get(f"{jupyter.url}api/files").status_code in (302, 401, 403)
    with pytest.raises(InvalidStatus) as refused:
        Window(jupyter.url, headers={})
    assert refused.value.response.status_code == 403
    # Nor by a header of one's own making, through the proxy or past it.
    assert get(f"{jupyter.url}api/files", headers={"X-Toyz-Proxy": "made up"}).status_code in (302, 401, 403)


def test_a_script_with_the_token_of_jupyter(jupyter: Jupyter) -> None:
    headers = {"Authorization": f"token {TOKEN}"}
    listed = get(f"{jupyter.url}api/files", headers=headers)
    assert [each["name"] for each in listed.json()["entries"]] == ["sky"]


def test_a_page_of_another_site_can_do_nothing(jupyter: Jupyter) -> None:
    """Row A5: Jupyter's cookie is enough to be let in, so a post must prove where it comes from."""
    jupyter.browser.get(jupyter.url)
    url = f"{jupyter.url}api/jobs"
    token = next(str(each.value) for each in jupyter.browser.cookies.jar if each.name.startswith("_xsrf-"))
    evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert jupyter.browser.post(url, json=BODY).status_code == 403
    assert jupyter.browser.post(url, json=BODY, headers={**evil, "X-XSRFToken": token}).status_code == 403
    assert jupyter.browser.post(url, json=BODY, headers={"X-XSRFToken": token}).status_code in (201, 400)
    with pytest.raises(InvalidStatus):
        Window(jupyter.url, headers={"Cookie": jupyter.cookies, "Origin": "https://evil.example"})


def test_the_socket_is_of_its_owner_and_the_secret_of_nobody_else(jupyter: Jupyter) -> None:
    jupyter.browser.get(jupyter.url)
    process = jupyter.toyz()
    path = Path(process.cmdline()[process.cmdline().index("--unix-socket") + 1])
    assert path.stat().st_mode & 0o077 == 0
    transport = httpx.HTTPTransport(uds=str(path))
    with httpx.Client(transport=transport, base_url="http://localhost/user/ada/toyz/", timeout=PATIENCE) as past:
        assert past.get("healthz").status_code == 200
        assert past.get("api/files").status_code == 401
        assert past.get("api/files", headers={"X-Toyz-Proxy": ""}).status_code == 401
        assert past.get("api/files", headers={"X-Toyz-Proxy": "x" * 4000}).status_code == 401
    secret = process.environ()["TOYZ_PROXY_SECRET"]
    assert not any(secret in child.environ().values() for child in process.children(recursive=True))
    assert not process.net_connections("tcp")

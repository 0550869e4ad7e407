"""A real OpenID Connect provider (the npm package oidc-provider), and a browser's client that signs in at it."""

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from tests.services.obtain import FOLDER, NODE, obtain

CLIENT_SECRET = "a secret: of +the client/"
_ACTION = re.compile(r'<form[^>]* action="([^"]+)"')
_FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def free_port() -> int:
    """Give a port that is free now: the provider must know the address of the server before that starts."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def provider(site: str, people: dict[str, dict[str, Any]], log: Path) -> Iterator[str]:
    """Run a provider until the end of the block; gives its issuer.

    Parameters
    ----------
    site : str
        The server's URL, with a slash at its end.
    people : dict
        Claims by what they sign in as, which is their ``sub``.
    log : Path
    """
    obtain()
    given = {
        "redirect_uris": [f"{site}login/oidc/callback"],
        "post_logout_redirect_uris": [f"{site}login"],
        "people": people,
    }
    with log.open("w") as errors:
        command = [str(NODE), str(FOLDER / "provider.mjs"), json.dumps(given)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert process.stdout is not None
        try:
            issuer = process.stdout.readline().strip()
            assert issuer, log.read_text()
            yield issuer
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def go_through(browser: httpx.Client, url: str, login: str) -> str:
    """Sign in at the provider and consent; gives the URL with which it sends the browser back."""
    answer = browser.get(url)
    issuer = answer.url.copy_with(raw_path=b"/")
    for _ in range(12):
        while answer.is_redirect:
            target = urljoin(str(answer.url), answer.headers["location"])
            if not target.startswith(str(issuer)):
                return target
            answer = browser.get(target)
        assert answer.status_code == 200, answer.text
        action = _ACTION.search(answer.text)
        assert action is not None, answer.text
        fields = dict(_FIELD.findall(answer.text)) | {"login": login, "password": "any"}
        answer = browser.post(urljoin(str(answer.url), action[1]), data=fields)
    raise AssertionError("the provider does not come to an end")

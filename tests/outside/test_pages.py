"""Every page as a validator sees it (vnu), and the headers of every answer."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.web.harness import BEARER, Served, client, served
from tests.web.test_accounts import PASSWORD, done

JAR = Path(__file__).parents[2] / "build" / "vnu" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
"""Where `make outside` puts it."""
KINDS = {
    "text/html": ("", "login", "nothing here"),
    "application/json": ("healthz", "api/files", "api/nothing"),
    "image/jpeg": ("api/images/sky/ramp.fits/tiles/2/0/0?cuts=0,500",),
}


@pytest.fixture(scope="module", params=["plain", "https"])
def server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Served]:
    """Serve as it is, and as one whom browsers reach over https."""
    folder: Path = tmp_path_factory.mktemp("pages")
    with served(folder, toml="https = true\n" if request.param == "https" else "") as running:
        done(folder, "user", "add", "ada", "--password-stdin", given=PASSWORD + "\n")
        running.https = request.param == "https"  # type: ignore[attr-defined]
        yield running


def answers(server: Served) -> Iterator[tuple[str, str, httpx.Response]]:
    """Give an answer of each kind, to who is signed in and to who is not."""
    for headers in (BEARER, {}):
        with client(server.url, headers=headers) as http:
            for kind, paths in KINDS.items():
                for path in paths:
                    yield kind, path, http.get(path, headers={"Accept": kind})


def test_headers(server: Served) -> None:
    for _, path, answer in answers(server):
        headers = answer.headers
        policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'self'", path
        assert policy["frame-ancestors"] == "'none'"
        assert policy["object-src"] == "'none'"
        assert "unsafe" not in policy["script-src"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert ("strict-transport-security" in headers) == server.https  # type: ignore[attr-defined]
        assert "/" not in headers.get("server", "")
        for cookie in headers.get_list("set-cookie"):
            assert "samesite=lax" in cookie.lower()
            assert ("secure" in cookie.lower()) == server.https  # type: ignore[attr-defined]


@pytest.mark.outside
def test_html(server: Served, tmp_path: Path) -> None:
    if shutil.which("java") is None or not JAR.is_file():
        pytest.fail("vnu needs Java (apt-get install default-jre-headless) and its program: run 'make outside'")
    number = 0
    for kind, _, answer in answers(server):
        if kind == "text/html" and answer.content and answer.headers["content-type"].startswith("text/html"):
            number += 1
            (tmp_path / f"{number}.html").write_bytes(answer.content)
    assert number >= 3
    # Tornado writes the hidden field of a form with a slash.
    command = ["java", "-jar", str(JAR), "--Werror", "--filterpattern", ".*Trailing slash.*", str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.stderr == ""
    assert found.returncode == 0

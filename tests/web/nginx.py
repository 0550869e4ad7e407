"""A real nginx with the configuration of ``examples/deploy``, on ports of its own."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "deploy" / "nginx.conf"
_MAIN = """
daemon off;
error_log stderr;
pid {folder}/nginx.pid;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def obtain() -> str:
    """Give the path of an nginx, installed from Debian if this may be done."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is not None:
        return found
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        pytest.skip("there is no nginx, and it can be installed by root on a Debian-like system only")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
    subprocess.run(["apt-get", "install", "-y", "-qq", "nginx-light"], env=environment, check=False)
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        pytest.fail("nginx could not be installed: do it by hand (apt-get install nginx-light), then test again")
    return found


def free_ports(count: int) -> list[int]:
    """Give ports that nobody listens on."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


@contextmanager
def proxied(
    folder: Path, upstream: int, http: int, https: int, certificate: Path, prefix: str = "/toyz/"
) -> Iterator["subprocess.Popen[str]"]:
    """Run nginx before a server, under a prefix."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in (
        ("127.0.0.1:8642", f"127.0.0.1:{upstream}"),
        ("listen 80;", f"listen 127.0.0.1:{http};"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{https} ssl http2;"),
        ("https://$host$request_uri", f"https://$host:{https}$request_uri"),
        ("/etc/ssl/certs/sky.example.org.pem", str(certificate)),
        ("/etc/ssl/private/sky.example.org.key", str(certificate)),
        ("location /toyz/ {", f"location {prefix} {{"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "site.conf").write_text(text)
    (folder / "nginx.conf").write_text(("user root;" if os.geteuid() == 0 else "") + _MAIN.format(folder=folder))
    command = [obtain(), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log")]
    with (folder / "nginx.err").open("w") as errors:
        process = subprocess.Popen(command, stderr=errors, text=True)
    try:
        _wait_until_it_listens(process, folder, https)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_it_listens(process: "subprocess.Popen[str]", folder: Path, port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except ConnectionRefusedError:
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError((folder / "nginx.err").read_text()) from None
        return

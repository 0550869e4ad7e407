"""The sockets that a server listens on."""

import errno
import ipaddress
import os
import socket

from tornado.netutil import bind_unix_socket

from toyz.config import Config
from toyz.errors import BadRequest
from toyz_web.surroundings import Surroundings

TRIED_PORTS = 50
_BACKLOG = 256


def listen(host: str, port: int, tried: int = TRIED_PORTS) -> list[socket.socket]:
    """Bind the port, or the next free one.

    Parameters
    ----------
    host : str
        Address or name; empty for all addresses.
    port : int
        0 takes any.
    tried : int, optional
        How many ports are tried.

    Raises
    ------
    BadRequest
        In a plain sentence, if there is none to be had.
    """
    for candidate in range(port, min(port + tried, 65536)):
        try:
            return _bind(host, candidate)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
            reason = error.strerror or str(error)
            raise BadRequest(f"cannot listen on {host or '*'} port {candidate}: {reason}") from None
    if tried == 1:
        raise BadRequest(f"port {port} is in use")
    raise BadRequest(f"ports {port} to {port + tried - 1} are all in use: name another with --port")


def listen_in(config: Config, surroundings: Surroundings) -> list[socket.socket]:
    """Bind what the configuration names, or what the program that starts the server expects: that and no other.

    Raises
    ------
    BadRequest
    """
    if surroundings.unix_socket:
        return [_listen_at(surroundings.unix_socket)]
    return listen(config.host, config.port, tried=1 if surroundings.hub is not None else TRIED_PORTS)


def _listen_at(path: str) -> socket.socket:
    """Bind a socket that only its owner may open; one that is there already was left by a server that is gone."""
    before = os.umask(0o177)
    try:
        return bind_unix_socket(path, mode=0o600, backlog=_BACKLOG)
    except (OSError, ValueError) as error:
        raise BadRequest(f"cannot listen at {path}: {error}") from None
    finally:
        os.umask(before)


def _bind(host: str, port: int) -> list[socket.socket]:
    """Bind one port on every address of the host; for no host, on all addresses of both families."""
    if not host and socket.has_dualstack_ipv6():
        return [_server((host, port), socket.AF_INET6, dualstack=True)]
    addresses = socket.getaddrinfo(host or "0.0.0.0", port, type=socket.SOCK_STREAM)  # noqa: S104
    bound: list[socket.socket] = []
    try:
        for family, _, _, _, address in addresses:
            # The second address of a name takes the port that the first was given.
            chosen = bound[0].getsockname()[1] if bound else port
            bound.append(_server((str(address[0]), chosen), family))
    except OSError:
        for each in bound:
            each.close()
        raise
    return bound


def _server(address: tuple[str, int], family: int, *, dualstack: bool = False) -> socket.socket:
    made = socket.create_server(address, family=family, backlog=_BACKLOG, dualstack_ipv6=dualstack)
    made.setblocking(False)
    return made


def port_of(sockets: list[socket.socket]) -> int:
    """Give the port that was bound; 0 for a socket that has none."""
    return 0 if sockets[0].family == socket.AF_UNIX else int(sockets[0].getsockname()[1])


def is_loopback(host: str) -> bool:
    """Whether only this machine can connect."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def address_of(host: str, port: int, base_url: str, scheme: str = "http") -> str:
    """Give the URL to type into a browser."""
    name = socket.gethostname() if host in ("", "0.0.0.0", "::") else host  # noqa: S104
    shown = f"[{name}]" if ":" in name else name
    return f"{scheme}://{shown}:{port}{base_url}"


def addresses_of(config: Config, port: int) -> tuple[str, str]:
    """Give the URL for browsers, and the one to reach the server with from this machine."""
    scheme = "https" if config.certificate else "http"
    address = config.public_url or address_of(config.host, port, config.base_url, scheme)
    loopback = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
    return address, address_of(loopback.get(config.host, config.host), port, config.base_url, scheme)

"""What ``toyz serve`` is told by a program that starts it: a JupyterHub, or a proxy that signs its user in."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toyz.errors import ToyzError
from toyz_web.cli_common import fail, text_of

if TYPE_CHECKING:
    from toyz_web.surroundings import Surroundings

PROXY_SECRET = "TOYZ_PROXY_SECRET"  # noqa: S105 (the name of a variable)


def read_surroundings(*, jupyterhub: bool, unix_socket: Path | None) -> "Surroundings":
    """Read the surroundings from options and the environment; their secrets are taken out of it."""
    from toyz_web.surroundings import Surroundings  # noqa: PLC0415
    from toyz_web.ways.hub_environment import read_hub_environment  # noqa: PLC0415

    # Sessions and jobs inherit the environment, and must not be able to speak as the proxy.
    secret = os.environ.pop(PROXY_SECRET, "")
    try:
        hub = read_hub_environment() if jupyterhub else None
    except ToyzError as error:
        fail(error.message)
    return Surroundings(hub=hub, proxy_secret=secret, unix_socket=text_of(unix_socket) or "")


def configured_by(surroundings: "Surroundings") -> dict[str, Any]:
    """Give the options that a Hub has decided."""
    hub = surroundings.hub
    if hub is None:
        return {}
    host, port = hub.listens_at
    https = True if hub.public_url.startswith("https://") else None
    return {"base_url": hub.prefix, "host": host, "port": port, "https": https, "browser": False}

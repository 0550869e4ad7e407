"""What a JupyterHub tells the services and the servers that it starts, in their environment."""

import json
import os
from collections.abc import MutableMapping
from urllib.parse import urlsplit

import msgspec

from toyz.errors import BadRequest

_NEEDED = ("API_TOKEN", "API_URL", "CLIENT_ID", "SERVICE_PREFIX")
INTERVAL = 300.0
"""Seconds between two reports of activity, if the Hub does not say otherwise."""


class HubEnvironment(msgspec.Struct, frozen=True, kw_only=True):
    """A JupyterHub, and what this server is in it.

    Attributes
    ----------
    api_url, api_token : str
        Of the Hub's REST API.
    client_id : str
        What the Hub's OAuth calls this server.
    prefix : str
        Of all URLs of this server; begins and ends with a slash.
    callback : str
        Where browsers come back to, a path or a URL.
    hub : str
        Where browsers find the Hub: a path or a URL with a slash at its end.
    scopes : tuple of str
        One of these lets somebody in.
    owner : str
        Whose single-user server this is; empty for a service.
    server : str
        The name of that server, among several of its owner.
    activity_url : str
        Where activity is reported; empty for a service.
    activity_interval : float
        Seconds.
    bind : str
        URL of the address to listen at; empty if the Hub does not say.
    public_url : str
        Where browsers find this server, if the Hub knows.
    root : str
        The folder that the Hub names for a single-user server, or empty.
    """

    api_url: str
    api_token: str
    client_id: str
    prefix: str
    callback: str
    hub: str
    scopes: tuple[str, ...]
    owner: str = ""
    server: str = ""
    activity_url: str = ""
    activity_interval: float = INTERVAL
    bind: str = ""
    public_url: str = ""
    root: str = ""

    @property
    def listens_at(self) -> tuple[str | None, int | None]:
        """Host and port to listen at, as far as the Hub says."""
        address = urlsplit(self.bind)
        return address.hostname, address.port


def read_hub_environment(environ: MutableMapping[str, str] | None = None) -> HubEnvironment:
    """Read what the Hub has told, and take its secret out of the environment: sessions and jobs must not have it.

    Raises
    ------
    BadRequest
        If this was not started by a Hub, or by one that asks for what is not offered.
    """
    environ = os.environ if environ is None else environ
    told = {
        name.removeprefix("JUPYTERHUB_"): value for name, value in environ.items() if name.startswith("JUPYTERHUB_")
    }
    missing = [f"JUPYTERHUB_{name}" for name in _NEEDED if not told.get(name)]
    if missing:
        raise BadRequest(f"--jupyterhub: a JupyterHub sets {', '.join(missing)}; see docs/jupyterhub.md")
    bind = told.get("SERVICE_URL", "")
    if told.get("SSL_CERTFILE") or urlsplit(bind).scheme not in ("", "http"):
        raise BadRequest("--jupyterhub: the Hub's internal_ssl and unix sockets are not offered; it must speak http")
    for name in ("JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN"):
        environ.pop(name, None)
    prefix = told["SERVICE_PREFIX"].rstrip("/") + "/"
    try:
        scopes = tuple(json.loads(told.get("OAUTH_ACCESS_SCOPES") or told.get("OAUTH_SCOPES") or "[]"))
        interval = float(told.get("ACTIVITY_INTERVAL") or INTERVAL)
    except ValueError:
        raise BadRequest("--jupyterhub: what the Hub has set in the environment cannot be read") from None
    service = told.get("SERVICE_NAME", "")
    return HubEnvironment(
        api_url=told["API_URL"].rstrip("/"),
        api_token=told["API_TOKEN"],
        client_id=told["CLIENT_ID"],
        prefix=prefix,
        callback=told.get("OAUTH_CALLBACK_URL") or f"{prefix}oauth_callback",
        hub=f"{told.get('HOST', '')}{told.get('BASE_URL', '/').rstrip('/')}/hub/",
        scopes=scopes or ((f"access:services!service={service}",) if service else ()),
        owner=told.get("USER", ""),
        server=told.get("SERVER_NAME", ""),
        activity_url=told.get("ACTIVITY_URL", ""),
        activity_interval=interval,
        bind=bind,
        public_url=told.get("PUBLIC_URL", ""),
        root=told.get("ROOT_DIR", ""),
    )

"""A JupyterHub with Toyz: one server for everybody as a service, and one for each user as what is spawned.

Start it with ``jupyterhub --config examples/deploy/jupyterhub_config.py``. Take the half that you need;
docs/jupyterhub.md explains both.
"""

from typing import Any

c: Any = get_config()  # type: ignore[name-defined]  # noqa: F821

# ---- a service for all users, at /services/toyz/ -----------------------------------------
c.JupyterHub.services = [
    {
        "name": "toyz",
        "url": "http://127.0.0.1:10101",
        "command": ["toyz", "serve", "--jupyterhub", "--config", "/etc/toyz/toyz.toml"],
        "oauth_no_confirm": True,
        # So that administrators of the Hub are administrators there.
        "oauth_client_allowed_scopes": ["read:users!user"],
    }
]
c.JupyterHub.load_roles = [{"name": "user", "scopes": ["self", "access:services!service=toyz"]}]

# ---- a server for each user, at /user/NAME/ ----------------------------------------------
c.Spawner.cmd = ["toyz", "serve", "--jupyterhub"]
c.Spawner.args = ["/data/decam"]
# Its own folders lie in the user's home (~/.local/state/toyz, ~/.cache/toyz), which is therefore not served.
c.Spawner.http_timeout = 60

"""The JupyterHub of the tests; what differs stands in TOYZ_HUB, as JSON."""

import json
import os
import sys
from typing import Any

given = json.loads(os.environ["TOYZ_HUB"])
c: Any = get_config()  # type: ignore[name-defined]  # noqa: F821
toyz = [sys.executable, "-m", "toyz_web.cli", "serve", "--jupyterhub", "--log-level", "debug", "--state"]
folder = given["folder"]

c.JupyterHub.bind_url = given["url"]
c.JupyterHub.hub_bind_url = given["hub"]
c.JupyterHub.db_url = f"sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{folder}/cookie_secret"
c.ConfigurableHTTPProxy.pid_file = f"{folder}/proxy.pid"
c.ConfigurableHTTPProxy.api_url = given["proxy_api"]
c.ConfigurableHTTPProxy.command = given["proxy"]
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = given["password"]
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {"boss"}
c.JupyterHub.load_groups = {"astro": {"users": ["ada"]}}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = f"{folder}/homes/{{username}}"
c.Spawner.cmd = [*toyz, f"{folder}/single", "--cache", f"{folder}/cache-single", given["share"]]
c.Spawner.environment = {"PYTHONPATH": os.pathsep.join(sys.path), "JUPYTERHUB_ACTIVITY_INTERVAL": "1"}
c.Spawner.http_timeout = c.Spawner.start_timeout = 60
c.JupyterHub.services = [
    {
        "name": "toyz",
        "url": given["service"],
        "command": [*toyz, f"{folder}/state", "--cache", f"{folder}/cache", "--config", given["toml"], given["share"]],
        "environment": {"PYTHONPATH": os.pathsep.join(sys.path)},
        "oauth_no_confirm": True,
        "oauth_client_allowed_scopes": ["read:users!user"],
    },
    {"name": "tests", "api_token": given["token"]},
]
c.JupyterHub.load_roles = [
    {"name": "user", "scopes": ["self", "access:services!service=toyz"]},
    {"name": "tests", "services": ["tests"], "scopes": ["admin:users", "admin:servers", "tokens", "admin:groups"]},
]

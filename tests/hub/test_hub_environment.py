"""What is read from the environment that a JupyterHub sets."""

import pytest

from toyz.errors import BadRequest
from toyz_web.cli_surroundings import configured_by
from toyz_web.surroundings import Surroundings
from toyz_web.ways.hub_environment import read_hub_environment

SET = {
    "JUPYTERHUB_API_TOKEN": "secret",
    "JPY_API_TOKEN": "secret",
    "JUPYTERHUB_API_URL": "http://127.0.0.1:8081/hub/api",
    "JUPYTERHUB_CLIENT_ID": "jupyterhub-user-ada",
    "JUPYTERHUB_SERVICE_PREFIX": "/lab/user/ada/",
    "JUPYTERHUB_BASE_URL": "/lab/",
    "JUPYTERHUB_OAUTH_ACCESS_SCOPES": '["access:servers!server=ada/", "access:servers!user=ada"]',
    "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:5005/lab/user/ada/",
    "JUPYTERHUB_USER": "ada",
    "JUPYTERHUB_PUBLIC_URL": "https://lab.example.org/lab/user/ada/",
}


def test_all_of_it_and_the_secret_is_gone() -> None:
    environ = dict(SET)
    hub = read_hub_environment(environ)
    assert (hub.hub, hub.callback) == ("/lab/hub/", "/lab/user/ada/oauth_callback")
    assert hub.scopes == ("access:servers!server=ada/", "access:servers!user=ada")
    assert (hub.owner, hub.api_token) == ("ada", "secret")
    assert "secret" not in environ.values()
    options = configured_by(Surroundings(hub=hub))
    assert options == {
        "base_url": "/lab/user/ada/",
        "host": "127.0.0.1",
        "port": 5005,
        "https": True,
        "browser": False,
    }
    assert not Surroundings(hub=hub).has_link


@pytest.mark.parametrize(
    "changes",
    [
        {"JUPYTERHUB_API_TOKEN": ""},
        {"JUPYTERHUB_SERVICE_PREFIX": ""},
        {"JUPYTERHUB_SSL_CERTFILE": "/etc/cert.pem"},
        {"JUPYTERHUB_SERVICE_URL": "http+unix://%2Frun%2Ftoyz.sock"},
        {"JUPYTERHUB_OAUTH_ACCESS_SCOPES": "not JSON"},
        {"JUPYTERHUB_ACTIVITY_INTERVAL": "often"},
    ],
)
def test_what_is_no_hubs_is_told_in_a_sentence(changes: dict[str, str]) -> None:
    with pytest.raises(BadRequest, match="--jupyterhub"):
        read_hub_environment(SET | changes)


def test_a_service_is_let_in_to_by_its_own_scope() -> None:
    environ = {name: value for name, value in SET.items() if "SCOPES" not in name and name != "JUPYTERHUB_USER"}
    hub = read_hub_environment(environ | {"JUPYTERHUB_SERVICE_NAME": "toyz"})
    assert (hub.scopes, hub.owner) == (("access:services!service=toyz",), "")

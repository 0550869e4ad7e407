"""Toyz in a JupyterHub: as a service for all its users, and as the server of one."""

import re
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.hub.conftest import JupyterHub, follow, wait_until
from tests.web.harness import Window, get

SERVICE = "services/toyz/"


def shown(browser: httpx.Client, url: str) -> dict[str, str]:
    """Give the headers of a page of this browser."""
    request = browser.build_request("GET", f"{url}api/socket")
    return {"Cookie": request.headers["cookie"], "Origin": str(browser.base_url).rstrip("/")}


def looks(browser: httpx.Client, url: str) -> None:
    """Open an image over the websocket, see a tile of it, and one over HTTP."""
    window = Window(url, headers=shown(browser, url))
    opened = window.call("open", "images", "open", path="sky/ramp.fits")
    header, data = window.tile("tile", opened["image"], opened["levels"] - 1, 0, 0)
    assert (header.format, data[:2]) == ("jpeg", b"\xff\xd8")
    info = browser.get(f"{url}api/images/sky/ramp.fits").json()
    tile = browser.get(info["tiles"].format(z=0, x=0, y=0))
    assert (tile.status_code, tile.headers["content-type"]) == (200, "image/jpeg")
    assert info["iiif"].startswith(f"{url}iiif/")
    window.close()


def test_a_service_takes_people_groups_and_administrators_from_the_hub(hub: JupyterHub) -> None:
    site = f"{hub.url}{SERVICE}"
    with hub.browser("ada") as browser, hub.browser("boss") as boss:
        page = follow(browser, f"{site}?from=elsewhere")
        assert page.status_code == 200, page.text
        assert str(page.url) == f"{site}?from=elsewhere"
        window = Window(site, headers=shown(browser, site))
        me: dict[str, Any] = window.call("me", "account", "show")
        assert me == {"name": "ada", "groups": ["astro"], "admin": False, "password": False, "invited": False}
        assert window.error("o", "images", "open", path="sky/ramp.fits")["code"] == "not_found"
        follow(boss, site)
        theirs = Window(site, headers=shown(boss, site))
        assert theirs.call("me", "account", "show")["admin"]
        theirs.call("g", "admin", "grant", share="sky", who="@astro", level="view")
        looks(browser, site)
        for each in (window, theirs):
            each.close()


def test_signing_out_of_the_hub_ends_what_is_open(hub: JupyterHub) -> None:
    site = f"{hub.url}{SERVICE}"
    with hub.browser("cleo") as browser:
        follow(browser, site)
        window = Window(site, headers=shown(browser, site))
        cookie = shown(browser, site)
        assert window.call("me", "account", "show")["name"] == "cleo"
        browser.get("hub/logout")
        with pytest.raises(ConnectionClosed) as closed:
            window.wait_for(lambda each: False)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4003
        assert get(f"{site}api/colormaps", headers=cookie).status_code == 401


def test_other_groups_in_the_hub_are_other_groups_here(hub: JupyterHub) -> None:
    site = f"{hub.url}{SERVICE}"
    with hub.browser("dora") as browser:
        follow(browser, site)
        window = Window(site, headers=shown(browser, site))
        assert window.call("me", "account", "show")["groups"] == []
        assert hub.api.post("groups/astro/users", json={"users": ["dora"]}).status_code == 200
        with pytest.raises(ConnectionClosed):
            window.wait_for(lambda each: False)
        # The Hub is asked again without a question to the user.
        assert follow(browser, site).status_code == 200
        again = Window(site, headers=shown(browser, site))
        assert again.call("me", "account", "show")["groups"] == ["astro"]
        again.close()


def test_signing_out_here_signs_out_of_the_hub(hub: JupyterHub) -> None:
    site = f"{hub.url}{SERVICE}"
    with hub.browser("finn") as browser:
        follow(browser, site)
        token = next(str(each.value) for each in browser.cookies.jar if each.name.startswith("_xsrf-"))
        out = browser.post(f"{site}logout", headers={"X-XSRFToken": token})
        assert out.status_code == 200
        assert "sign you out of JupyterHub as well" in out.text
        there = re.search(r'content="1; url=([^"]+)"', out.text)
        assert there is not None
        browser.get(there[1])
        assert "hub/login" in str(follow(browser, site).url)


def test_strangers_and_forged_answers(hub: JupyterHub) -> None:
    """Rows A1, A3 and W3 for this way in."""
    site = f"{hub.url}{SERVICE}"
    assert get(f"{site}api/colormaps").status_code == 401
    away = get(f"{site}login")
    assert away.headers["location"] == f"/{SERVICE}login/jupyterhub?next=%2Fservices%2Ftoyz%2F"
    with hub.browser("mallory") as mallory, hub.browser("eve") as eve:
        asked = mallory.get(f"{site}login/jupyterhub").headers["location"]
        back = mallory.get(asked).headers["location"]
        assert back.startswith(f"/{SERVICE}oauth_callback?")
        assert eve.get(back).status_code == 401
        assert mallory.get(f"{back}x").status_code == 401
        assert mallory.get(back).status_code == 303
        assert mallory.get(back).status_code == 401
    with pytest.raises(InvalidStatus):
        Window(site, headers={"Origin": hub.url.rstrip("/")})


def test_a_server_of_ones_own(hub: JupyterHub) -> None:
    hub.start_server("bob")
    site = f"{hub.url}user/bob/"
    with hub.browser("bob") as browser, hub.browser("ada") as another:
        page = follow(browser, site)
        assert (page.status_code, str(page.url)) == (200, site)
        window = Window(site, headers=shown(browser, site))
        me = window.call("me", "account", "show")
        assert (me["name"], me["admin"]) == ("bob", True)
        looks(browser, site)
        refused = follow(another, site)
        assert refused.status_code == 403
        assert get(f"{site}api/colormaps", headers=shown(another, site)).status_code == 401
        # What the Hub told is no business of sessions and jobs.
        assert "JUPYTERHUB_API_TOKEN" not in hub.log
        before = hub.server("bob")["last_activity"]
        window.call("again", "images", "open", path="sky/ramp.fits")
        wait_until(lambda: hub.server("bob")["last_activity"] > before, lambda: hub.log)
        assert hub.api.delete("users/bob/server").status_code in (202, 204)
        with pytest.raises(ConnectionClosed):
            window.wait_for(lambda each: False)
        wait_until(lambda: hub.server("bob") == {}, lambda: hub.log)

"""IIIF and DZI over a real server: pictures, access, other sites, caching."""

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import httpx
import jsonschema  # type: ignore[import-untyped]
import numpy as np
import pytest
from astropy.io import fits
from numpy.typing import NDArray
from PIL import Image

from tests.web.harness import BEARER, TOKEN, Served, client, get, post, served
from toyz.client import Client
from toyz_web.openapi import make_openapi
from toyz_web.routes import ROUTES

RAMP = "iiif/3/sky~1ramp.fits"
OPEN = "iiif/3/open~1ramp.fits"
SITE = "https://viewer.example.org"


def write_ramp(path: Path) -> None:
    rows, columns = np.mgrid[0:1500, 0:2000]
    fits.PrimaryHDU((rows + columns / 10).astype(np.float32)).writeto(path)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve two shares, one of them to everybody, and both to pages of one site."""
    folder = tmp_path_factory.mktemp("shown")
    for name in ("sky", "open"):
        (folder / name).mkdir()
        write_ramp(folder / name / "ramp.fits")
    (folder / "sky" / "night #1;~").mkdir()
    write_ramp(folder / "sky" / "night #1;~" / "50%.fits")
    toml = f'cors_origins = ["{SITE}"]\n[shares]\nopen = {{ path = "{folder}/open", anonymous = true, write = true }}\n'
    with served(folder, share=folder / "sky", toml=toml) as running:
        yield running


def picture(answer: httpx.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content))


def array(answer: httpx.Response) -> NDArray[Any]:
    return np.asarray(picture(answer).convert("L")).astype(int)


# ---- pictures -----------------------------------------------------------------------------


def test_the_description_of_an_image(shown: Served) -> None:
    info = shown.http.get(f"{RAMP}/info.json")
    assert info.headers["content-type"] == "application/json"
    assert info.headers["vary"].split(", ") == ["Origin", "Accept"] or "Accept" in info.headers.get_list("vary")
    document = info.json()
    assert document["id"] == f"{shown.url}{RAMP}"
    assert (document["width"], document["height"], document["profile"]) == (2000, 1500, "level2")
    assert document["tiles"] == [{"width": 256, "height": 256, "scaleFactors": [1, 2, 4, 8]}]
    assert document["sizes"][0] == {"width": 250, "height": 188}
    linked = shown.http.get(
        f"{RAMP}/info.json", headers={"Accept": "application/ld+json;q=0.9, application/json;q=0.1"}
    )
    assert linked.headers["content-type"].startswith("application/ld+json;profile=")
    plain = shown.http.get(f"{RAMP}/info.json", headers={"Accept": "application/json, application/ld+json;q=0.5"})
    assert plain.headers["content-type"] == "application/json"
    document = make_openapi(ROUTES, "/")
    described = document["paths"]["/iiif/3/{identifier}/info.json"]["get"]["responses"]["200"]
    schema = described["content"]["application/ld+json"]["schema"]
    jsonschema.validate(linked.json(), {**schema, "components": document["components"]})


def test_the_base_url_leads_to_the_description(shown: Served) -> None:
    for asker in (shown.http.get, lambda path: get(shown.url + path)):
        answer = asker("iiif/3/sky%2Framp.fits;hdu=0")
        assert (answer.status_code, answer.headers["location"]) == (303, "/iiif/3/sky~1ramp.fits;hdu=0/info.json")


def test_every_tile_is_a_tile_of_the_other_route(shown: Served) -> None:
    style = "colormap=viridis;stretch=asinh;cuts=0,1700"
    for level, x, y in ((0, 0, 0), (0, 7, 5), (1, 3, 2), (2, 0, 0), (3, 0, 0)):
        step = 256 << level
        region = f"{x * step},{y * step},{step},{step}"
        size = f"{min(256, -(-2000 >> level) - x * 256)},{min(256, -(-1500 >> level) - y * 256)}"
        mine = shown.http.get(f"{RAMP};{style}/{region}/{size}/0/default.jpg")
        other = shown.http.get(f"api/images/sky/ramp.fits/tiles/{3 - level}/{x}/{y}?{style.replace(';', '&')}")
        assert mine.content == other.content, (level, x, y)
        assert mine.headers["etag"] == other.headers["etag"]
    gray = shown.http.get(f"{RAMP};cuts=0,1700/0,0,256,256/256,256/0/gray.jpg")
    assert gray.headers["etag"] == shown.http.get(f"{RAMP};cuts=0,1700/0,0,256,256/max/0/default.jpg").headers["etag"]


def test_regions_and_sizes(shown: Served) -> None:
    address = f"{RAMP};cuts=0,1700"
    expected = (np.add.outer(np.arange(1500)[::-1], np.arange(2000) / 10)) / 1700 * 255
    whole = array(shown.http.get(f"{address}/full/max/0/default.png"))
    assert np.abs(whole - expected).max() <= 1
    part = array(shown.http.get(f"{address}/pct:10,20,30,40/300,200/0/default.png"))
    cells = expected[300:900, 200:800].reshape(200, 3, 300, 2).mean(axis=(1, 3))
    assert np.abs(part - cells).max() <= 1
    assert picture(shown.http.get(f"{address}/square/!100,200/90/default.jpg")).size == (100, 100)
    assert picture(shown.http.get(f"{address}/0,0,100,50/50,/90/default.jpg")).size == (25, 50)


def test_turned_and_mirrored(shown: Served) -> None:
    address = f"{RAMP};cuts=0,1700/0,0,400,200/max"
    straight = array(shown.http.get(f"{address}/0/default.png"))
    for rotation, expected in (
        ("90", np.rot90(straight, -1)),
        ("180", straight[::-1, ::-1]),
        ("!0", straight[:, ::-1]),
        ("!90", np.rot90(straight[:, ::-1], -1)),
    ):
        np.testing.assert_array_equal(array(shown.http.get(f"{address}/{rotation}/default.png")), expected)


def test_qualities(shown: Served) -> None:
    address = f"{RAMP};colormap=viridis/0,0,300,300/max/0"
    assert [
        picture(shown.http.get(f"{address}/{quality}.jpg")).mode for quality in ("default", "color", "gray", "bitonal")
    ] == ["RGB", "RGB", "L", "L"]
    two = np.unique(array(shown.http.get(f"{RAMP}/full/200,/0/bitonal.png")))
    assert two.tolist() == [0, 255]


def test_links_in_headers(shown: Served) -> None:
    answer = shown.http.get(f"{RAMP}/pct:0,0,50,50/^1000,/360/gray.png")
    canonical, profile = answer.headers["link"].split(",<")
    assert canonical == f'<{shown.url}{RAMP}/0,0,1000,750/max/0/default.png>;rel="canonical"'
    assert profile == 'http://iiif.io/api/image/3/level2.json>;rel="profile"'
    again = get(canonical[1:].partition(">")[0], headers=BEARER)
    assert (again.content, again.headers["link"]) == (answer.content, answer.headers["link"])


def test_odd_names(shown: Served) -> None:
    path = "sky/night #1;~/50%.fits"
    base = shown.http.get(f"api/images/{quote(path)}").json()["iiif"]
    assert base.startswith(f"{shown.url}iiif/3/sky~1night%20%231~2~0~150%25.fits;hdu=0;version=")
    info = get(f"{base}/info.json", headers=BEARER)
    assert info.json()["id"] == base
    assert picture(get(f"{base}/full/100,/0/default.jpg", headers=BEARER)).size == (100, 75)


def test_a_deep_zoom_image(shown: Served) -> None:
    descriptor = shown.http.get("dzi/sky~1ramp.fits;cuts=0,1700.dzi")
    assert descriptor.headers["content-type"] == "application/xml"
    assert 'TileSize="256" Overlap="0"' in descriptor.text
    assert 'Width="2000" Height="1500"' in descriptor.text
    files = "dzi/sky~1ramp.fits;cuts=0,1700_files"
    tile = shown.http.get(f"{files}/11/7_5.jpg")
    same = shown.http.get("api/images/sky/ramp.fits/tiles/3/7/5?cuts=0,1700")
    assert tile.content == same.content
    assert picture(shown.http.get(f"{files}/0/0_0.jpg")).size == (1, 1)
    assert picture(shown.http.get(f"{files}/7/0_0.png")).size == (125, 94)
    for address, status in (("12/0_0.jpg", 404), ("11/8_0.jpg", 404), ("11/0_0.gif", 501), ("11/0_0.exe", 400)):
        assert shown.http.get(f"{files}/{address}").status_code == status, address


# ---- errors -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "status", "field"),
    [
        (f"{RAMP}/2000,0,5,5/max/0/default.jpg", 400, "region"),
        (f"{RAMP}/full/2001,/0/default.jpg", 400, "size"),
        (f"{RAMP}/full/^2001,/0/default.jpg", 501, "size"),
        (f"{RAMP}/full/max/45/default.jpg", 501, "rotation"),
        (f"{RAMP}/full/max/x/default.jpg", 400, "rotation"),
        (f"{RAMP}/full/max/0/native.jpg", 400, "quality"),
        (f"{RAMP}/full/max/0/default.tif", 501, "format"),
        (f"{RAMP}/full/max/0/default.exe", 400, "format"),
        (f"{RAMP};hdu=7/info.json", 404, None),
        (f"{RAMP};colormap=zork/full/max/0/default.jpg", 400, None),
        (f"{RAMP};cuts=5,1/full/max/0/default.jpg", 400, "cuts"),
        (f"{RAMP};version={'0' * 32}/info.json", 404, None),
        (f"{RAMP};zork=1/info.json", 400, "zork"),
        ("iiif/3/sky~1nothing.fits/info.json", 404, None),
        ("iiif/3/sky/info.json", 404, None),
        (f"{RAMP}/full/max/0/default", 404, None),
        (f"{RAMP}/info.xml", 404, None),
    ],
)
def test_errors_are_json_with_a_code(shown: Served, address: str, status: int, field: str | None) -> None:
    answer = shown.http.get(address, headers={"Origin": SITE})
    assert answer.status_code == status
    error = answer.json()
    if field is not None:
        assert error["field"].endswith(field)
    assert error["code"] in ("invalid_parameter", "not_implemented", "not_found")
    assert str(shown.share.parent) not in answer.text


# ---- who may see --------------------------------------------------------------------------


def test_what_everybody_may_see(shown: Served) -> None:
    info = get(f"{shown.url}{OPEN}/info.json")
    assert info.status_code == 200
    assert info.headers["cache-control"] == "public, max-age=300"
    assert picture(get(f"{shown.url}{OPEN}/full/100,/0/default.jpg")).size == (100, 75)
    assert picture(get(f"{shown.url}dzi/open~1ramp.fits_files/11/0_0.jpg")).size == (256, 256)
    assert get(f"{shown.url}iiif/3/open~1nothing.fits/info.json").status_code == 404
    assert shown.http.get(f"{OPEN}/info.json").headers["cache-control"] == "private, max-age=300"


def test_what_needs_a_login(shown: Served) -> None:
    answers = [
        get(f"{shown.url}iiif/3/{name}/{rest}")
        for name in ("sky~1ramp.fits", "sky~1nothing.fits", "nothing~1ramp.fits")
        for rest in ("info.json", "full/max/0/default.jpg")
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert get(f"{shown.url}dzi/sky~1ramp.fits.dzi").status_code == 401
    for path in ("api/images/open/ramp.fits", "api/images/open/ramp.fits/tiles/0/0/0", "api/files/open"):
        assert get(shown.url + path).status_code == 401
    browser = shown.sign_in()
    assert browser.get(f"{RAMP}/info.json").status_code == 200
    assert browser.get(f"{RAMP}/info.json", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_the_session_of_everybody_holds_what_everybody_may_see(shown: Served) -> None:
    """Besides the check of the share's name, its sandbox has one share in it."""
    for path in ("open~1..~1sky~1ramp.fits", "open~1ramp.fits~1..~1..~1sky~1ramp.fits", "open~1link.fits"):
        (shown.share.parent / "open" / "link.fits").unlink(missing_ok=True)
        (shown.share.parent / "open" / "link.fits").symlink_to("../sky/ramp.fits")
        assert get(f"{shown.url}iiif/3/{path}/info.json").status_code == 404, path


# ---- signed links -------------------------------------------------------------------------


def new_link(shown: Served, **body: Any) -> str:
    answer = shown.http.post("api/images/sky/ramp.fits/link", json=body)
    assert answer.status_code == 200, answer.text
    address: str = answer.json()["iiif"]
    return address


def test_a_signed_link_opens_without_a_login(shown: Served) -> None:
    base = new_link(shown, lifetime=3600, colormap="viridis", cuts="99.5%")
    info = get(f"{base}/info.json")
    assert info.json()["id"] == base
    tile = get(f"{base}/0,0,512,512/256,256/0/default.jpg")
    assert picture(tile).size == (256, 256)
    assert tile.headers["cache-control"].startswith("private, max-age=3")
    assert tile.headers["cache-control"].endswith(", immutable")
    assert int(tile.headers["cache-control"].split("=")[1].split(",")[0]) <= 3600
    assert (
        tile.content
        == shown.http.get(f"{RAMP};colormap=viridis;cuts=99.5%25/0,0,512,512/256,256/0/default.jpg").content
    )
    assert picture(get(base.replace("/iiif/3/", "/dzi/") + "_files/11/0_0.jpg")).size == (256, 256)


def test_a_link_opens_what_was_signed_and_nothing_else(shown: Served) -> None:
    base = new_link(shown)
    for changed in (
        base.replace("ramp.fits", "other.fits"),
        base.replace("sky~1", "open~1"),
        base.replace(";expires=1", ";expires=2"),
        base.replace(";hdu=0", ";hdu=0;stretch=asinh"),
        base[:-1] + ("A" if base[-1] != "A" else "Q"),
        base.partition(";signature=")[0],
        base.partition(";signature=")[0] + ";signature=" + "A" * 43,
        base.replace(";expires=", ";plane=1;expires="),
    ):
        for asker in ({}, BEARER):
            answer = get(f"{changed}/info.json", headers=asker)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), changed
            assert "expired" not in answer.text


def test_links_that_cannot_be(shown: Served) -> None:
    for path, body, status in (
        ("sky/ramp.fits", {"lifetime": 1}, 400),
        ("sky/ramp.fits", {"lifetime": 10**9}, 400),
        ("sky/ramp.fits", {"cuts": "nonsense"}, 400),
        ("sky/ramp.fits", {"zork": 1}, 400),
        ("sky/ramp.fits", {"hdu": "9"}, 404),
        ("sky/nothing.fits", {}, 404),
        ("other/ramp.fits", {}, 404),
    ):
        assert shown.http.post(f"api/images/{path}/link", json=body).status_code == status, (path, body)
    anonymous = post(f"{shown.url}api/images/open/ramp.fits/link", json={})
    assert anonymous.status_code == 401
    assert shown.http.get("api/images/sky/ramp.fits/link").status_code == 405
    browser = shown.sign_in()
    assert browser.post("api/images/sky/ramp.fits/link", json={}).status_code == 403


def test_a_link_to_a_file_follows_it_or_does_not(shown: Served) -> None:
    path = shown.share / "changing.fits"
    fits.PrimaryHDU(np.full((10, 10), 1.0)).writeto(path)
    both = [
        shown.http.post("api/images/sky/changing.fits/link", json={"pinned": pinned}).json()["iiif"]
        for pinned in (True, False)
    ]
    assert [get(f"{each}/info.json").json()["width"] for each in both] == [10, 10]
    fits.PrimaryHDU(np.full((20, 20), 2.0)).writeto(shown.share / "next.fits")
    (shown.share / "next.fits").rename(path)
    until = time.monotonic() + 20
    while get(f"{both[0]}/info.json").status_code == 200 and time.monotonic() < until:
        pass
    pinned, following = (get(f"{each}/info.json") for each in both)
    assert (pinned.status_code, following.json()["width"]) == (404, 20)
    path.unlink()


def test_the_client_makes_links(shown: Served) -> None:
    with Client(shown.url, TOKEN) as toyz:
        image = toyz.image("sky/ramp.fits")
        assert image.info.iiif.startswith(f"{shown.url}iiif/3/sky~1ramp.fits;")
        link = image.link(lifetime=600, stretch="log", invert=True)
    assert 500 < link.expires - time.time() < 700
    assert "stretch=log;invert=true" in unquote(link.iiif)
    assert picture(get(f"{link.iiif}/full/100,/0/default.jpg")).size == (100, 75)


def test_links_die_with_the_token(tmp_path: Path) -> None:
    share = tmp_path / "sky"
    share.mkdir()
    write_ramp(share / "ramp.fits")
    with served(tmp_path, share=share) as running:
        base = new_link(running)
        port = str(httpx.URL(running.url).port)
        assert get(f"{base}/info.json").status_code == 200
    with served(tmp_path, "--port", port, share=share):
        assert get(f"{base}/info.json").status_code == 200
    with served(tmp_path, "--port", port, share=share, token="another"):
        assert get(f"{base}/info.json").status_code == 404


# ---- other sites, and how long answers keep -----------------------------------------------


def test_pages_of_the_site_may_read(shown: Served) -> None:
    for address in (
        f"{OPEN}/info.json",
        f"{OPEN}/full/9,/0/default.jpg",
        f"{OPEN}/x/max/0/default.jpg",
        "dzi/open~1ramp.fits.dzi",
    ):
        answer = get(shown.url + address, headers={"Origin": SITE})
        assert answer.headers["access-control-allow-origin"] == SITE, address
        assert "Origin" in ", ".join(answer.headers.get_list("vary"))
        assert "access-control-allow-credentials" not in answer.headers
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        other = get(shown.url + address, headers={"Origin": "https://evil.example.org"})
        assert "access-control-allow-origin" not in other.headers


def test_no_other_route_is_opened(shown: Served) -> None:
    for address in (
        "api/images/sky/ramp.fits",
        "api/files",
        "api/images/sky/ramp.fits/tiles/0/0/0",
        "healthz",
        "login",
    ):
        answer = shown.http.get(address, headers={"Origin": SITE})
        assert "access-control-allow-origin" not in answer.headers, address
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert shown.http.request("OPTIONS", address).status_code == 405


def test_a_browser_asks_before_it_asks(shown: Served) -> None:
    asking = {"Origin": SITE, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    stranger = client(shown.url)
    for address in (f"{RAMP}/info.json", RAMP, f"{RAMP}/full/max/0/default.jpg", "dzi/sky~1ramp.fits.dzi"):
        answer = stranger.request("OPTIONS", address, headers=asking)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["access-control-allow-origin"] == SITE
        assert "Authorization" in answer.headers["access-control-allow-headers"]
        assert answer.headers["access-control-allow-methods"] == answer.headers["allow"] == "GET, HEAD, OPTIONS"
        assert "access-control-allow-credentials" not in answer.headers
        evil = stranger.request("OPTIONS", address, headers=asking | {"Origin": "null"})
        assert not any(name.startswith("access-control") for name in evil.headers)
    stranger.close()
    assert shown.http.post(f"{RAMP}/info.json").status_code == 405


def test_pictures_of_a_login_are_not_for_other_sites(shown: Served) -> None:
    """A page of another site may put our address into an <img>, and the browser may send the cookie along."""
    answer = shown.sign_in().get(f"{RAMP}/full/9,/0/default.jpg", headers={"Origin": SITE})
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["cache-control"].startswith("private")


def test_without_configuration_no_site_may_read(server: Served) -> None:
    answer = server.http.get("iiif/3/sky~1ramp.fits/info.json", headers={"Origin": SITE})
    assert answer.status_code == 200
    assert not any(name.startswith("access-control") for name in answer.headers)
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert get(f"{server.url}iiif/3/sky~1ramp.fits/info.json").status_code == 401


def test_an_address_that_names_the_file_is_kept_for_ever(shown: Served) -> None:
    base = shown.http.get("api/images/sky/ramp.fits").json()["iiif"]
    for rest in ("0,0,256,256/max/0/default.jpg", "3,4,300,200/150,/90/default.png", "info.json"):
        first = get(f"{base}/{rest}", headers=BEARER)
        assert first.headers["cache-control"] == "private, max-age=31536000, immutable"
        again = get(f"{base}/{rest}", headers=BEARER | {"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    following = shown.http.get(f"{RAMP}/0,0,256,256/max/0/default.jpg")
    assert following.headers["cache-control"] == "private, max-age=300"


def test_head_is_get_without_a_body(shown: Served) -> None:
    for rest in ("info.json", "0,0,300,300/max/0/default.jpg"):
        head = shown.http.head(f"{RAMP}/{rest}")
        whole = shown.http.get(f"{RAMP}/{rest}")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["etag"] == whole.headers["etag"]


def test_under_a_prefix_and_behind_tls(tmp_path: Path) -> None:
    share = tmp_path / "open"
    share.mkdir()
    write_ramp(share / "ramp.fits")
    toml = "https = true\n"
    with served(tmp_path, "--base-url", "/group/toyz", share=share, toml=toml) as running:
        host = running.url.removeprefix("http://")
        base = running.http.get("api/images/open/ramp.fits").json()["iiif"]
        assert base.startswith(f"https://{host}iiif/3/open~1ramp.fits;")
        answer = running.http.get(base.removeprefix(f"https://{host}"))
        assert answer.headers["location"].startswith("/group/toyz/iiif/3/open~1ramp.fits;")

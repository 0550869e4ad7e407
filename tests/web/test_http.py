"""The HTTP routes for scripts."""

import io
import socket
import time

import httpx
import msgspec
import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from tests.web.harness import BEARER, PATIENCE, Served, get
from toyz.client_types import ImageInfo, PixelValue
from toyz_web.desk import TRUSTED
from toyz_web.headers import CONTENT_SECURITY_POLICY

RAMP = "api/images/sky/ramp.fits"


def test_folders(server: Served) -> None:
    shares = server.http.get("api/files").json()
    assert [(each["name"], each["kind"]) for each in shares["entries"]] == [("sky", "share")]
    page = server.http.get("api/files/sky", params={"limit": 2, "offset": 1, "sort": "name"}).json()
    assert (page["total"], page["offset"], page["parent"]) == (3, 1, "")
    assert [each["name"] for each in page["entries"]] == ["notes.txt", "ramp.fits"]
    inner = server.http.get("api/files/sky/night 1").json()
    assert inner["entries"][0]["path"] == "sky/night 1/three #1.fits"
    assert server.http.get("api/files/sky", params={"filter": "RAMP"}).json()["total"] == 1


def test_an_image_and_its_tiles(server: Served) -> None:
    info = server.http.get(RAMP).json()
    assert (info["width"], info["height"], info["levels"], info["tile_size"]) == (700, 500, 3, 256)
    assert info["wcs"]["projection"] == "TAN"
    assert info["hdus"][0]["shape"] == [500, 700]
    host = server.url.rstrip("/")
    coarse = get(host + info["tiles"].format(z=0, x=0, y=0), headers=BEARER)
    assert Image.open(io.BytesIO(coarse.content)).size == (175, 125)
    fine = server.http.get(f"{RAMP}/tiles/2/2/1", params={"cuts": "0,500", "bad": "transparent"})
    assert fine.headers["content-type"] in ("image/png", "image/jpeg")
    assert Image.open(io.BytesIO(fine.content)).size == (700 - 512, 500 - 256)


@pytest.mark.parametrize("cuts", ["zscale", "minmax", "99.5%", "0,500", "-1e2,.5e3"])
def test_cuts_of_tiles(server: Served, cuts: str) -> None:
    tile = server.http.get(f"{RAMP}/tiles/0/0/0", params={"cuts": cuts, "stretch": "asinh", "colormap": "viridis"})
    assert tile.status_code == 200, tile.text
    assert len(np.unique(np.asarray(Image.open(io.BytesIO(tile.content))))) > 20


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"cuts": "1e999,2"}, "cuts"),
        ({"cuts": "nan,2"}, "cuts"),
        ({"cuts": "101%"}, "cuts"),
        ({"cuts": "zscale;"}, "cuts"),
        ({"stretch": "exec"}, "stretch"),
        ({"contrast": "nan"}, "contrast"),
        ({"quality": "101"}, "quality"),
        ({"bad": "red"}, "bad"),
        ({"plane": "-1"}, "plane"),
        ({"cuts": "9,1"}, "cuts"),
        ({"cuts": "5,5"}, "cuts"),
        ({"hdu": "../1"}, "hdu"),
        ({"zork": "1"}, "zork"),
        ({"plane": ["0", "1"]}, "plane"),
    ],
)
def test_a_wrong_parameter_is_named(server: Served, query: dict[str, str], field: str) -> None:
    answer = server.http.get(f"{RAMP}/tiles/0/0/0", params=query)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_parameter"
    assert answer.json()["field"] == field


def test_tiles_are_kept_by_the_browser(server: Served) -> None:
    address = f"{RAMP}/tiles/2/0/0?cuts=0,500"
    first = server.http.get(address)
    assert first.headers["cache-control"].startswith("private")
    again = server.http.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = server.http.get(f"{RAMP}/tiles/2/0/0?cuts=0,501", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


def test_tiles_beyond_the_image(server: Served) -> None:
    for tile in ("9/0/0", "0/5/0", "0/0/99"):
        answer = server.http.get(f"{RAMP}/tiles/{tile}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), tile


def test_pixel_header_cuts_and_histogram(server: Served) -> None:
    pixel = server.http.get(f"{RAMP}/pixel", params={"x": 700, "y": 1}).json()
    assert pixel["value"] == pytest.approx(0.699)
    assert pixel["ra"] is not None
    cards = server.http.get(f"{RAMP}/header").json()["cards"]
    assert ["CTYPE1", "RA---TAN"] in [card[:2] for card in cards]
    assert server.http.get(f"{RAMP}/cuts", params={"method": "minmax"}).json()["method"] == "minmax"
    counts = server.http.get(f"{RAMP}/histogram", params={"bins": 10, "low": 0, "high": 500}).json()
    assert len(counts["counts"]) == 10
    assert sum(counts["counts"]) == counts["sampled"]
    hdus = server.http.get("api/images/sky/night%201/three%20%231.fits/describe").json()["hdus"]
    assert [hdu.get("name", "") for hdu in hdus] == ["", "N1", "N2", "N3"]


def test_a_pixel_of_a_mosaic_is_what_the_client_reads(server: Served) -> None:
    mosaic = "api/images/sky/night%201/three%20%231.fits"
    info = server.http.get(mosaic).json()
    ccd = info["ccds"][1]
    x, y = ccd["x"] + 3.25, info["height"] - ccd["y"] - 2
    value = msgspec.convert(server.http.get(f"{mosaic}/pixel", params={"x": x, "y": y}).json(), PixelValue)
    assert value.ccd is not None
    assert (value.ccd.name, value.ccd.hdu, value.ccd.x) == (ccd["name"], ccd["hdu"], 3.25)
    msgspec.convert(info, ImageInfo)


def test_a_mosaic_is_laid_out_and_matched_as_asked(server: Served) -> None:
    mosaic = "api/images/sky/night%201/three%20%231.fits"
    plain = server.http.get(mosaic).json()
    grid = server.http.get(mosaic, params={"layout": "grid", "match": "background"}).json()
    assert (grid["layout"], grid["match"]) == ("grid", "background")
    assert grid["image"] != plain["image"]
    assert grid["tiles"].endswith("?hdu=mosaic&plane=0&layout=grid&match=background")
    assert plain["tiles"].endswith(f"?hdu=mosaic&plane=0&layout={plain['layout']}")
    assert "layout=grid;match=background" in grid["iiif"]
    described = server.http.get(f"{grid['iiif']}/info.json").json()
    assert (described["width"], described["height"]) == (grid["width"], grid["height"])
    tile = grid["tiles"].format(z=0, x=0, y=0)
    assert server.http.get(tile).headers["content-type"] == "image/jpeg"
    assert server.http.get(f"{mosaic}/cuts", params={"layout": "grid", "match": "gain"}).status_code == 200
    refused = server.http.get(mosaic, params={"layout": "wcs"})
    assert (refused.status_code, refused.json()["code"]) == (415, "unsupported_file")
    assert "cannot be laid out by WCS" in refused.json()["message"]
    assert "layout" not in server.http.get(RAMP).json()["tiles"]


def test_the_header_of_an_hdu_without_an_image(server: Served) -> None:
    mosaic = "api/images/sky/night%201/three%20%231.fits/header"
    for query, hdu in (({}, None), ({"hdu": "0"}, 0), ({"hdu": "2"}, 2)):
        answer = server.http.get(mosaic, params=query)
        assert answer.status_code == 200, answer.text
        assert hdu is None or answer.json()["hdu"] == hdu
        assert any(card[0] in {"SIMPLE", "XTENSION"} for card in answer.json()["cards"])
    assert server.http.get(mosaic, params={"hdu": "9"}).status_code == 404


def test_pixels_as_an_array(server: Served) -> None:
    answer = server.http.get(f"{RAMP}/pixels", params={"x": 0, "y": 490, "width": 5, "height": 10})
    assert answer.headers["content-type"] == "application/x-npy"
    pixels = np.load(io.BytesIO(answer.content))
    assert pixels.shape == (10, 5)
    np.testing.assert_allclose(pixels[-1], [0, 0.001, 0.002, 0.003, 0.004], atol=1e-7)


def test_the_hdus_of_a_file(server: Served) -> None:
    address = "api/images/sky/night%201/three%20%231.fits"
    for hdu in (1, 2, 3):
        info = server.http.get(address, params={"hdu": hdu}).json()
        assert f"hdu={hdu}" in info["tiles"]
        assert "three%20%231.fits/tiles/{z}/{x}/{y}" in info["tiles"]
        assert server.http.get(f"{address}/pixel", params={"hdu": hdu, "x": 1, "y": 1}).json()["value"] == hdu
    assert server.http.get(address, params={"hdu": 7}).status_code in (400, 404)


def test_a_replaced_file_is_another_image(server: Served) -> None:
    path = server.share / "changing.fits"
    address = "api/images/sky/changing.fits"
    fits.PrimaryHDU(np.full((10, 10), 1.0)).writeto(path)
    first = server.http.get(address).json()["image"]
    fits.PrimaryHDU(np.full((20, 20), 2.0)).writeto(server.share / "next.fits")
    (server.share / "next.fits").rename(path)
    until = time.monotonic() + 2 * TRUSTED
    while (info := server.http.get(address).json())["image"] == first and time.monotonic() < until:
        pass
    assert info["width"] == 20
    assert server.http.get(f"{address}/pixel", params={"x": 5, "y": 5}).json()["value"] == 2
    path.unlink()


def test_what_is_not_there(server: Served) -> None:
    for address in ("api/files/other", "api/files/sky/nothing", "api/images/sky/nothing.fits", "api/nothing", "api"):
        answer = server.http.get(address)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), address
    unknown = server.http.get("api/images/sky/notes.txt")
    assert (unknown.status_code, unknown.json()["code"]) == (415, "unsupported_file")


def test_nothing_is_given_to_strangers(server: Served) -> None:
    for address in (
        "api/files",
        RAMP,
        f"{RAMP}/tiles/0/0/0",
        "api/jobs",
        "api/plugins",
        "api/colormaps",
        "plugins/a/b",
    ):
        answer = get(server.url + address)
        assert answer.status_code == 401, address
        assert answer.json()["code"] == "not_authenticated"
        assert "Bearer" in answer.headers["www-authenticate"]


def test_methods_that_are_not_there_name_those_that_are(server: Served) -> None:
    for address, allowed in (("api/files", "GET, HEAD"), ("api/jobs", "GET, HEAD, POST"), ("logout", "POST")):
        answer = server.http.request("DELETE" if address != "logout" else "GET", address)
        assert answer.status_code == 405, address
        assert answer.headers["allow"] == allowed
    assert server.http.request("PUT", "api/files").json()["code"] == "method_not_allowed"
    assert server.http.head("api/files").status_code == 200


@pytest.mark.row("P5")
@pytest.mark.parametrize("path", ["static/%00", "static/a%00b.js", "plugins/patience/%00", "plugins/%00/panel.js"])
def test_a_file_of_the_page_has_no_nul_in_its_name(server: Served, path: str) -> None:
    errors = [line for line in server.log if line.get("level") == "error"]
    assert get(f"{server.url}{path}").status_code in (401, 404)
    assert server.http.get(path).status_code == 404
    assert [line for line in server.log if line.get("level") == "error"] == errors


def test_every_answer_has_the_security_headers(server: Served) -> None:
    addresses = (
        "",
        "login",
        "healthz",
        "api/files",
        "api/nothing",
        "nothing",
        "static/nothing.js",
        "plugins/patience/panel.js",
    )
    for address in addresses:
        headers = server.http.get(address).headers
        assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY, address
        assert headers["x-content-type-options"] == "nosniff"
        assert "tornado" not in headers.get("server", "").lower()
    scripts = CONTENT_SECURITY_POLICY.split("script-src ")[1].split(";")[0]
    assert scripts == "'self'"


def test_a_body_that_is_too_large(server: Served) -> None:
    answer = server.http.post("api/jobs", content=b"x" * (3 << 20), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    address = httpx.URL(server.url)
    with socket.create_connection((address.host, address.port or 80), timeout=PATIENCE) as lying:
        lying.sendall(b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 4611686018427387904\r\n\r\n")
        assert lying.recv(100).startswith(b"HTTP/1.1 413 ")


def test_files_of_plugins(server: Served) -> None:
    script = server.http.get("plugins/patience/panel.js")
    assert script.headers["content-type"].startswith(("text/javascript", "application/javascript"))
    assert "activate" in script.text
    for address in (
        "plugins/patience/../__init__.py",
        "plugins/patience/%2e%2e/__init__.py",
        "plugins/patience/..%2f__init__.py",
        "plugins/patience/nothing.js",
        "plugins/other/panel.js",
        "plugins/patience/",
    ):
        answer = server.http.get(address)
        assert answer.status_code in (403, 404), address
        assert "Patience" not in answer.text


def test_plugins_and_colormaps(server: Served) -> None:
    plugins = server.http.get("api/plugins").json()
    patience = next(each for each in plugins["modules"] if each["name"] == "patience")
    count = next(task for task in patience["tasks"] if task["name"] == "count")
    assert "step" in str(count["schema"])
    assert str(server.folder) not in str(plugins)
    maps = server.http.get("api/colormaps").json()
    assert len(maps) >= 30
    assert len(maps[0]["colours"]) == 32


def test_the_page_knows_its_prefix_or_says_what_is_missing(server: Served) -> None:
    page = get(server.url, headers=BEARER)
    assert page.status_code == 200
    assert ('<base href="/" />' in page.text) or ("has not been built" in page.text)
    assert "_xsrf" in page.headers.get("set-cookie", "")


def test_a_job_by_http(server: Served) -> None:
    new = server.http.post(
        "api/jobs", json={"module": "patience", "task": "wait_long", "parameters": {"path": "sky/.go 2"}}
    )
    assert new.status_code == 201
    job = new.json()["id"]
    assert new.headers["location"] == f"/api/jobs/{job}"
    progress = server.http.get(f"api/jobs/{job}/progress", params={"wait": 20, "after": 0.1}).json()
    assert progress["progress"] >= 0.5
    early = server.http.get(f"api/jobs/{job}/result")
    assert (early.status_code, early.json()["code"]) == (409, "conflict")
    (server.share / ".go 2").touch()
    end = server.http.get(f"api/jobs/{job}/progress", params={"wait": 20, "after": 1}).json()
    assert end["phase"] == "COMPLETED"
    assert server.http.get(f"api/jobs/{job}/result").json() == {"found": "sky/.go 2"}
    assert job in [each["id"] for each in server.http.get("api/jobs").json()]


@pytest.mark.parametrize("how", ["delete", "post"])
def test_a_job_is_cancelled(server: Served, how: str) -> None:
    body = {"module": "patience", "task": "wait_long", "parameters": {"path": "sky/never"}}
    job = server.http.post("api/jobs", json=body).json()["id"]
    cancelled = server.http.delete(f"api/jobs/{job}") if how == "delete" else server.http.post(f"api/jobs/{job}/cancel")
    assert cancelled.status_code == 200
    end = server.http.get(f"api/jobs/{job}/progress", params={"wait": 20, "after": 1}).json()
    assert end["phase"] == "ABORTED"


def test_jobs_that_cannot_be(server: Served) -> None:
    for body, status, code in (
        ({"module": "os", "task": "system"}, 404, "unknown_task"),
        ({"module": "patience", "task": "count"}, 400, "bad_request"),
        ({"module": "patience"}, 400, "invalid_parameter"),
        ({"module": "patience", "task": "wait_long", "user": "root"}, 400, "invalid_parameter"),
    ):
        answer = server.http.post("api/jobs", json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), body
    for address in ("api/jobs/nothing", "api/jobs/nothing/progress", "api/jobs/nothing/result"):
        assert server.http.get(address).status_code == 404

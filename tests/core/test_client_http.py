"""What the client asks over HTTP, and how it takes the answers."""

import io

import msgspec
import numpy as np
import pytest

from toyz import client_http as http
from toyz.client_address import find_address
from toyz.client_http import Answer, Exchange, ImageRequests
from toyz.client_types import FileListing, ImageInfo
from toyz.errors import (
    BadRequest,
    Forbidden,
    InvalidParameter,
    NotAuthenticated,
    NotFound,
    ProtocolError,
    ToyzError,
    Unreachable,
)

INFO = {
    "image": "abc",
    "path": "decam/night 1/c4d#2.fits.fz",
    "name": "c4d#2.fits.fz",
    "hdu": "mosaic",
    "width": 300,
    "height": 200,
    "levels": 2,
    "dtype": "float32",
    "cuts": {"low": 1, "high": 2, "method": "zscale"},
    "of_the_future": 1,
}


def answer(body: object, status: int = 200) -> Answer:
    return Answer(status, "application/json", body if isinstance(body, bytes) else msgspec.json.encode(body))


@pytest.fixture
def image() -> ImageRequests:
    info = http.image("decam/x.fits", None, 0).read(answer(INFO))
    assert isinstance(info, ImageInfo)
    return ImageRequests(info)


def test_paths_are_quoted() -> None:
    exchange = http.image("decam/night 1/c4d#2?.fits.fz", "mosaic", 3)
    assert exchange.path == "api/images/decam/night%201/c4d%232%3F.fits.fz"
    assert exchange.query == {"hdu": "mosaic", "plane": "3"}


def test_a_mosaic_is_asked_for_as_it_was_found() -> None:
    exchange = http.image("decam/x.fits", "mosaic", 0, "wcs", "gain")
    assert exchange.query == {"hdu": "mosaic", "plane": "0", "layout": "wcs", "match": "gain"}
    ccd = {"name": "N7", "hdu": 9, "x": 1, "corners": [[1.5, 2], [3, 2], [3, 4], [1, 4]]}
    told: dict[str, object] = {
        "layout": "wcs",
        "match": "gain",
        "residual": {"rms": 0.04, "maximum": 0.25, "worst": "N7"},
        "matching": {"level": 207.4, "lowest": 0.98, "highest": 1.03, "parts": 122, "unmatched": []},
        "ccds": [ccd | {"residual": {"rms": 0.1, "maximum": 0.25}}],
    }
    info = exchange.read(answer(INFO | told))
    assert info.residual is not None
    assert (info.residual.worst, info.ccds[0].corners[0]) == ("N7", (1.5, 2.0))
    asked = ImageRequests(info).cuts("zscale", None).query
    assert asked == {"hdu": "mosaic", "plane": "0", "layout": "wcs", "match": "gain", "method": "zscale"}


def test_listing() -> None:
    exchange = http.list_files("", offset=0, descending=True, filter="*.fits")
    assert (exchange.path, exchange.query) == ("api/files", {"offset": "0", "descending": "true", "filter": "*.fits"})
    entry = {"name": "a", "path": "s/a", "kind": "file", "size": 3, "modified": 1.5, "reader": "FITS"}
    listing = exchange.read(answer({"path": "s", "parent": None, "entries": [entry], "total": 1, "offset": 0}))
    assert isinstance(listing, FileListing)
    assert listing.entries[0].reader == "FITS"


def test_pixels_reach_to_the_edges(image: ImageRequests) -> None:
    exchange = image.pixels(10, 20, None, None, 2)
    assert exchange.path == "api/images/decam/night%201/c4d%232.fits.fz/pixels"
    assert exchange.query == {
        "hdu": "mosaic",
        "plane": "0",
        "x": "10",
        "y": "20",
        "width": "290",
        "height": "180",
        "step": "2",
    }
    buffer = io.BytesIO()
    np.save(buffer, np.eye(3))
    assert exchange.read(Answer(200, "application/x-npy", buffer.getvalue())).tolist() == np.eye(3).tolist()


def test_links(image: ImageRequests) -> None:
    link = image.link(60.5, True, {"stretch": "asinh", "invert": True})
    assert (link.method, link.path) == ("POST", "api/images/decam/night%201/c4d%232.fits.fz/link")
    assert msgspec.json.decode(link.body or b"") == {
        "hdu": "mosaic",
        "plane": 0,
        "lifetime": 60,
        "pinned": True,
        "stretch": "asinh",
        "invert": True,
    }
    made = link.read(answer({"iiif": "https://host/iiif/3/a;signature=b", "expires": 17}))
    assert (made.iiif, made.expires) == ("https://host/iiif/3/a;signature=b", 17)
    with pytest.raises(NotFound):
        link.read(answer({"code": "not_found", "message": "there is none"}, 404))


def test_tiles_headers_and_values(image: ImageRequests) -> None:
    tile = image.tile(1, 2, 3, {"cuts": "99.5%", "invert": True})
    assert tile.path.endswith("/tiles/1/2/3")
    assert tile.query == {"hdu": "mosaic", "plane": "0", "cuts": "99.5%", "invert": "true"}
    assert tile.read(Answer(200, "image/png", b"png")).media_type == "image/png"
    assert image.header(None).query["hdu"] == "mosaic"
    assert image.header(3).query["hdu"] == "3"
    header = image.header(3).read(answer({"hdu": 3, "cards": [["BAND", "r", "filter"], ["BAND", "g", ""]]}))
    assert header["BAND"] == "r"
    with pytest.raises(KeyError):
        header["NONE"]
    value = image.pixel(1.5, 2).read(
        answer({"x": 1.5, "y": 2, "value": None, "ra": 10.5, "ccd": {"name": "S1", "hdu": 4, "x": 1804.0, "y": 1978.5}})
    )
    assert (value.value, value.ra, value.ccd.hdu if value.ccd else None) == (None, 10.5, 4)
    assert image.pixel(1.5, 2).query["x"] == "1.5"


def test_jobs() -> None:
    exchange = http.submit("hello", "background", {"path": "a/b"})
    assert (exchange.method, exchange.path) == ("POST", "api/jobs")
    assert msgspec.json.decode(exchange.body or b"") == {
        "module": "hello",
        "task": "background",
        "parameters": {"path": "a/b"},
    }
    job = exchange.read(
        answer({"id": "j1", "user": "u", "module": "hello", "task": "background", "created": 1.0}, status=201)
    )
    assert job.phase == "PENDING"
    assert http.progress("j1", 5, 0.25).query == {"wait": "5", "after": "0.25"}
    assert http.progress("j1", 5, 0.25).wait == 5


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        (answer({"code": "not_found", "message": "there is no x"}, 404), NotFound, "there is no x"),
        (answer({"code": "invalid_parameter", "message": "bad", "field": "x"}, 400), InvalidParameter, "bad"),
        (answer({"code": "of_the_future", "message": "new"}, 418), ToyzError, "new"),
        (answer(b"<html>Bad gateway</html>", 502), Unreachable, "status 502"),
        (answer(b"", 403), Forbidden, "status 403"),
        (answer(b"", 401), NotAuthenticated, "status 401"),
        (answer(b"[]", 500), ToyzError, "status 500"),
    ],
)
def test_errors(given: Answer, kind: type[ToyzError], message: str) -> None:
    exchange = Exchange("GET", "", lambda answer: None)
    with pytest.raises(ToyzError, match=message) as caught:
        exchange.read(given)
    assert type(caught.value) is kind


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"width": "wide"}'])
def test_an_answer_of_something_else_is_a_protocol_error(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        http.image("a/b", None, 0).read(answer(body))
    with pytest.raises(ProtocolError):
        http.ImageRequests(http.image("a", 1, 0).read(answer(INFO))).pixels(0, 0, 1, 1, 1).read(answer(body))


@pytest.mark.parametrize(
    ("url", "base", "socket"),
    [
        ("http://host:8642", "http://host:8642/", "ws://host:8642/api/socket?window=w"),
        ("https://host/group/toyz/", "https://host/group/toyz/", "wss://host/group/toyz/api/socket?window=w"),
        ("http://127.0.0.1:8642/?token=once", "http://127.0.0.1:8642/", "ws://127.0.0.1:8642/api/socket?window=w"),
        ("localhost:8642", "http://localhost:8642/", "ws://localhost:8642/api/socket?window=w"),
    ],
)
def test_addresses(url: str, base: str, socket: str) -> None:
    address = find_address(url, "secret")
    assert (address.base, address.socket({"window": "w"})) == (base, socket)
    assert address.headers == {"Authorization": "Bearer secret"}
    assert address.local is ("host" not in base or "localhost" in base)


def test_address_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOYZ_URL", raising=False)
    monkeypatch.delenv("TOYZ_TOKEN", raising=False)
    assert find_address().base == "http://127.0.0.1:8642/"
    assert find_address().headers == {}
    monkeypatch.setenv("TOYZ_URL", "https://host/p")
    monkeypatch.setenv("TOYZ_TOKEN", "secret")
    assert (find_address().base, find_address().token) == ("https://host/p/", "secret")
    assert find_address("http://other", "mine").token == "mine"


@pytest.mark.parametrize("url", ["ftp://host/", "http://", "file:///etc"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(BadRequest):
        find_address(url)

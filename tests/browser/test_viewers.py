"""Viewers of others, unmodified, on a page of another site: the pages of docs/iiif.md show an exposure."""

import functools
import io
import os
import re
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, Response

from tests.web.harness import Served, get, served

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "web" / "node_modules"
GUIDE = ROOT / "docs" / "iiif.md"
FILES = {
    "openseadragon.min.js": "openseadragon/build/openseadragon/openseadragon.min.js",
    "images": "openseadragon/build/openseadragon/images",
    "ol.js": "ol/dist/ol.js",
    "ol.css": "ol/ol.css",
}
HEAD = '<!doctype html>\n<meta charset="utf-8">\n<title>A viewer</title>\n<link rel="icon" href="data:,">\n'


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Be quiet."""


class Site:
    """A web site with the viewers on it, which has nothing to do with Toyz."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
        # For a browser `localhost` and the number are different sites.
        self.origin = f"http://localhost:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def publish(self, viewer: str, image: str) -> str:
        """Put the page of the guide for a viewer on the site, showing an image; gives its address."""
        chapter = GUIDE.read_text().partition(f"\n## {viewer}\n")[2].partition("\n## ")[0]
        code = re.search(r"```html\n(.*?)```", chapter, re.DOTALL)
        assert code is not None, viewer
        page, count = re.subn(r"https://toyz\.example\.org/iiif/3/[^/\"]+", image, code[1])
        assert count == 1
        (self.folder / f"{viewer}.html").write_text(HEAD + page)
        return f"{self.origin}/{viewer}.html"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    for name, source in FILES.items():
        path = MODULES / source
        assert path.exists(), f"{source} is not there: run 'make front-end'"
        (folder / name).symlink_to(path)
    made = Site(folder)
    yield made
    made.close()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, share: Path, site: Site) -> Iterator[Served]:
    """Serve the exposure to its owner, and a copy to everybody; pages of the site may read."""
    folder = tmp_path_factory.mktemp("shown")
    (folder / "open").mkdir()
    shutil.copy(share / "exposure.fits.fz", folder / "open" / "exposure.fits.fz")
    toml = f'cors_origins = ["{site.origin}"]\n[shares]\nopen = {{ path = "{folder}/open", anonymous = true }}\n'
    with served(folder, share=share, toml=toml) as running:
        yield running


class Shown:
    """A page of another site that shows an image to somebody who is not signed in.

    Parameters
    ----------
    page : Page
    base : str
        The image's IIIF base URL.
    """

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.problems: list[str] = []
        self.pictures: list[Response] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda said: self.problems.append(said.text) if said.type == "error" else None)
        page.on("response", lambda answer: self.pictures.append(answer) if answer.url.endswith(".jpg") else None)
        info = get(f"{base}/info.json").json()
        self.width, self.height = int(info["width"]), int(info["height"])

    def reference(self, region: str, size: str) -> NDArray[Any]:
        """Give what the server says a region looks like, in shades of grey."""
        answer = get(f"{self.base}/{region}/{size}/0/gray.png")
        assert answer.status_code == 200, answer.text
        return _grey(answer.content)

    def picture(self) -> NDArray[Any]:
        """Give what is seen, in shades of grey."""
        return _grey(self.page.locator("#sky").screenshot(path=_keep(self.page)))

    def wait_for(self, expected: NDArray[Any], blocks: int = 1) -> None:
        """Wait until the middle of the picture is as expected.

        Viewers shrink tiles to the screen in ways of their own, which treat noise differently: such pictures are
        compared in `blocks` of pixels.
        """
        likeness, difference = 0.0, np.inf
        for _ in range(100):
            found = self.picture()
            top, left = ((have - want) // 2 for have, want in zip(found.shape, expected.shape, strict=True))
            part = _means(found[top : top + expected.shape[0], left : left + expected.shape[1]], blocks)
            whole = _means(expected, blocks)
            likeness = float(np.corrcoef(part.ravel(), whole.ravel())[0, 1])
            difference = float(np.abs(part - whole).mean())
            if likeness > 0.97 and difference < 4:
                return
        raise AssertionError(f"the picture differs by {difference:.1f} levels (correlation {likeness:.3f})")

    def check(self) -> None:
        """All tiles came, those of the finest level among them; each is one of ours."""
        assert {answer.status for answer in self.pictures} == {200}
        places = [answer.url.removeprefix(f"{self.base}/").split("/") for answer in self.pictures]
        assert all(len(place) == 4 for place in places)
        native = [place for place in places if place[0].endswith(",256,256")]
        assert len(native) >= 6
        assert {place[1] for place in native} <= {"256,256", "max"}
        assert len({answer.url for answer in self.pictures}) > len(native)
        assert self.problems == []


def _grey(data: bytes) -> NDArray[Any]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("L")).astype(float)


def _means(picture: NDArray[Any], side: int) -> NDArray[Any]:
    ny, nx = (length // side for length in picture.shape)
    means: NDArray[Any] = picture[: ny * side, : nx * side].reshape(ny, side, nx, side).mean(axis=(1, 3))
    return means


def _keep(page: Page) -> str | None:
    """Where the picture is kept for people, if they want it."""
    folder = os.environ.get("TOYZ_PICTURES")
    return str(Path(folder) / f"{Path(page.url).stem}.png") if folder else None


def show(chromium: Browser, site: Site, viewer: str, base: str) -> Shown:
    """Open the page of the guide for a viewer."""
    page = chromium.new_context(viewport={"width": 840, "height": 640}).new_page()
    shown = Shown(page, base)
    page.goto(site.publish(viewer, base))
    return shown


def test_openseadragon_shows_an_exposure_by_a_signed_link(chromium: Browser, site: Site, shown: Served) -> None:
    style = {"stretch": "asinh", "cuts": "99.5%", "colormap": "viridis"}
    link = shown.http.post(f"api/images/{shown.share.name}/exposure.fits.fz/link", json=style)
    image = show(chromium, site, "OpenSeadragon", link.json()["iiif"])
    image.wait_for(image.reference("full", "!800,600"), blocks=8)
    x, y = image.width // 2, image.height // 2
    image.page.evaluate(
        """([x, y]) => {
            viewer.viewport.zoomTo(viewer.viewport.imageToViewportZoom(1), undefined, true);
            viewer.viewport.panTo(viewer.viewport.imageToViewportCoordinates(x, y), true);
        }""",
        [x, y],
    )
    image.wait_for(image.reference(f"{x - 300},{y - 200},600,400", "max"))
    image.check()
    # The pictures may be read as well as seen: no cookie, but an origin that is allowed.
    assert image.page.evaluate("viewer.drawer.canvas.toDataURL().length") > 1000
    assert image.page.evaluate(
        "url => fetch(url).then((answer) => answer.ok)", f"{image.base}/0,0,256,256/max/0/default.jpg"
    )
    image.page.context.close()


def test_openlayers_shows_an_exposure_of_a_share_for_everybody(chromium: Browser, site: Site, shown: Served) -> None:
    image = show(chromium, site, "OpenLayers", f"{shown.url}iiif/3/open~1exposure.fits.fz")
    image.wait_for(image.reference("full", "!800,600"), blocks=8)
    x, y = image.width // 2, image.height // 2
    image.page.evaluate(
        "([x, y]) => { map.getView().setResolution(1); map.getView().setCenter([x, -y]); }",
        [x, y],
    )
    image.wait_for(image.reference(f"{x - 300},{y - 200},600,400", "max"))
    image.check()
    read = "document.querySelector('#sky canvas').getContext('2d').getImageData(300, 200, 200, 200).data"
    assert len(set(image.page.evaluate(f"Array.from({read})"))) > 20
    image.page.context.close()

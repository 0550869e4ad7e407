"""A lens marked by mouse, modelled, and found again: the panel of `toyz_lens` over a picture whose mass is known."""

import math
import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import SIZE
from tests.browser.workspace import Workspace
from tests.plugins.glass.mock import EINSTEIN, SOURCE
from tests.plugins.lens.picture import CENTRE, make_lens, pixel_of
from tests.web.harness import Served, served

CHILDREN_AT = 42
"""Pixels of the screen between a saddle point and the children that it gets."""
IMAGES = [pixel_of(image.x, image.y) for image in SOURCE.images]
MODELLED = 60_000
"""Milliseconds: the first model of a server waits until what it needs is loaded."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a picture of a lens."""
    folder = tmp_path_factory.mktemp("lens")
    (folder / "sky").mkdir()
    make_lens(folder / "sky" / "lens.fits")
    with served(folder, share=folder / "sky") as running:
        yield running


class Marker(Workspace):
    """A window in which a lens is marked."""

    @property
    def panel(self) -> Locator:
        return self.page.locator("toyz-plugin-panel").get_by_role("region", name="Lens", exact=True)

    @property
    def marks(self) -> Locator:
        return self.panel.get_by_role("list", name="Marks").get_by_role("listitem")

    @property
    def doubts(self) -> Locator:
        return self.panel.get_by_role("list", name="What may be wrong").get_by_role("listitem")

    def begin(self) -> None:
        """Open the picture and the panel, and take the tool for images."""
        self.open("sky", "lens.fits")
        self.command("Lens")
        images = self.panel.get_by_role("button", name="Images")
        expect(images).to_be_visible()
        self.settle()
        self.press("I")
        expect(images).to_have_attribute("aria-pressed", "true")

    def at(self, place: tuple[float, float]) -> tuple[float, float]:
        """Give where on the screen a FITS pixel is; the picture's middle is in the view's."""
        middle = self.read_at(0.5, 0.5)
        x, y = self.point(0.5, 0.5)
        return x + (place[0] - middle[0]) * self.zoom(), y - (place[1] - middle[1]) * self.zoom()

    def click(self, place: tuple[float, float]) -> None:
        self.page.mouse.click(*self.at(place))

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        to = self.at(end)
        self.page.mouse.move(*self.at(start))
        self.page.mouse.down()
        self.page.mouse.move(*to, steps=6)
        self.page.mouse.up()

    def children_of(self, parent: tuple[float, float] | None, place: tuple[float, float]) -> list[tuple[float, float]]:
        """Give where the children of a point come that is split."""
        length = CHILDREN_AT / self.zoom()
        if parent is None:
            return [(place[0] + length, place[1]), (place[0] - length, place[1])]
        apart = math.dist(parent, place)
        x, y = (parent[1] - place[1]) / apart * length, (place[0] - parent[0]) / apart * length
        return [(place[0] + x, place[1] + y), (place[0] - x, place[1] - y)]

    def mark_quad(self) -> None:
        """Mark the four images and the lens centre, from the last image to the first."""
        first, second, third, fourth = IMAGES
        self.click(fourth)
        expect(self.marks).to_have_count(1)
        self.click(fourth)
        expect(self.marks).to_have_count(3)
        right, left = self.children_of(None, fourth)
        self.drag(left, third)
        self.drag(right, (CENTRE, CENTRE))
        self.click(third)
        expect(self.marks).to_have_count(5)
        for child, image in zip(self._sorted(fourth, third), (first, second), strict=True):
            self.drag(child, image)

    def _sorted(self, parent: tuple[float, float], place: tuple[float, float]) -> list[tuple[float, float]]:
        return sorted(self.children_of(parent, place), key=lambda child: math.dist(child, IMAGES[0]))

    def kinds(self) -> list[str]:
        return self.marks.all_inner_texts()


@pytest.fixture
def marker(chromium: Browser, server: Served, plain_settings: None) -> Iterator[Marker]:
    """Open a window on the picture."""
    context = chromium.new_context(viewport=SIZE)
    window = Marker(context, server, server.url)
    yield window
    context.close()
    assert window.problems == []


def test_a_quad_is_marked_modelled_and_found_again(marker: Marker) -> None:
    marker.begin()
    model = marker.panel.get_by_role("button", name="Model", exact=True)
    expect(model).to_be_disabled()
    expect(marker.doubts).to_contain_text(["Mark a first image"])
    marker.mark_quad()
    kinds = ["1st to arrive, minimum", "2nd to arrive, minimum", "3rd to arrive, saddle point"]
    kinds += ["4th to arrive, saddle point", "lens centre; last to arrive, maximum, too faint to be modelled"]
    expect(marker.marks).to_contain_text(kinds)
    marker.panel.get_by_label("Source redshift").fill("1.5")
    marker.page.keyboard.press("Tab")
    expect(marker.doubts).to_have_count(0)
    marker.panel.get_by_label("days, 2nd after the 1st").fill("7.039")
    marker.page.keyboard.press("Tab")
    model.click()
    facts = marker.panel.locator("dl")
    expect(facts).to_contain_text("200 in", timeout=MODELLED)
    found = re.search(r"Einstein radius\s*([\d.]+)", facts.inner_text())
    assert found is not None
    assert float(found[1]) == pytest.approx(EINSTEIN, rel=0.08)
    for title in ("Contours of the arrival time", "Mean convergence of the models", "Histogram of H0"):
        expect(marker.panel.get_by_role("img", name=title)).to_be_visible()
    expect(marker.panel.get_by_role("row", name=re.compile("2nd")).last).to_contain_text("7.0")
    _photograph(marker, "lens")
    with marker.page.expect_download() as saved:
        marker.panel.get_by_role("button", name="Profile", exact=True).click()
    assert saved.value.suggested_filename == "lens_profile.csv"
    assert saved.value.path().read_text().startswith("radius_arcsec,edge_arcsec,kappa_16")
    # What is marked since makes the model old, and undo makes it new again.
    marker.drag(IMAGES[0], (IMAGES[0][0] + 1.5, IMAGES[0][1]))
    expect(marker.panel.get_by_text("have changed since")).to_be_visible()
    marker.page.keyboard.press("Control+z")
    expect(marker.panel.get_by_text("have changed since")).to_have_count(0)
    expect(marker.status.locator(".saving")).to_have_text("saved")
    marker.page.reload()
    expect(marker.marks).to_contain_text(kinds)
    expect(marker.panel.get_by_label("Source redshift")).to_have_value("1.5")
    expect(marker.panel.get_by_label("days, 2nd after the 1st")).to_have_value("7.039")


def test_marks_are_taken_back_step_by_step(marker: Marker) -> None:
    marker.begin()
    place = IMAGES[3]
    marker.click(place)
    marker.click(place)
    expect(marker.marks).to_have_count(3)
    marker.click(place)  # a saddle point becomes again what it was
    expect(marker.marks).to_have_count(1)
    for count in (3, 1, 0):
        marker.page.keyboard.press("Control+z")
        expect(marker.marks).to_have_count(count)
    marker.page.keyboard.press("Control+Shift+z")
    expect(marker.marks).to_have_count(1)
    # A drag that is given up leaves what was there.
    kept = marker.read_at(0.5, 0.5)
    start, end = marker.at(place), marker.at((place[0] + 20, place[1]))
    marker.page.mouse.move(*start)
    marker.page.mouse.down()
    marker.page.mouse.move(*end, steps=4)
    marker.page.keyboard.press("Escape")
    marker.page.mouse.up()
    marker.click(place)
    expect(marker.marks).to_have_count(3)
    assert math.dist(marker.read_at(0.5, 0.5), kept) < 0.5, "the picture has not moved"


def test_masses_and_rulers_are_drawn_and_told_in_arcsec(marker: Marker) -> None:
    marker.begin()
    marker.press("G")
    marker.drag(pixel_of(1.8, 1.8), pixel_of(2.3, 1.8))
    expect(marker.marks).to_contain_text([re.compile(r"Mass 1, radius 0\.5\d?″|Mass 1, radius 0\.4\d″")])
    marker.press("U")
    marker.drag(pixel_of(-2, -2), pixel_of(0, -2))
    expect(marker.marks.last).to_contain_text(re.compile(r"Ruler 1: (1\.9|2\.0)\d″"))
    marker.panel.get_by_role("button", name="Remove ruler 1").click()
    marker.panel.get_by_role("button", name="Remove mass 1").click()
    expect(marker.marks).to_have_count(0)


def test_what_cannot_be_modelled_is_said_and_the_marks_stay(marker: Marker) -> None:
    marker.begin()
    marker.mark_quad()
    expect(marker.doubts.filter(has_text="Mark")).to_have_count(0)
    marker.panel.get_by_label("Lens redshift").fill("3")
    marker.page.keyboard.press("Tab")
    marker.panel.get_by_role("button", name="Model", exact=True).click()
    expect(marker.panel.get_by_role("alert").filter(has_text="behind")).to_be_visible(timeout=MODELLED)
    expect(marker.marks).to_have_count(5)
    marker.panel.get_by_label("Lens redshift").fill("-1")
    marker.page.keyboard.press("Tab")
    expect(marker.panel.get_by_role("alert").filter(has_text="from 0.001 to 10")).to_be_visible()


def test_other_readings_are_ranked_with_reasons(marker: Marker) -> None:
    marker.begin()
    marker.mark_quad()
    marker.panel.get_by_label("Source redshift").fill("1.5")
    marker.page.keyboard.press("Tab")
    marker.panel.get_by_role("button", name="Other readings").click()
    readings = marker.panel.get_by_role("region", name="Readings").get_by_role("listitem")
    expect(readings).to_have_count(5, timeout=MODELLED)
    expect(readings.first).to_contain_text("As marked")


def _photograph(marker: Marker, name: str) -> None:
    if folder := os.environ.get("TOYZ_SCREENSHOTS"):
        marker.page.screenshot(path=f"{folder}/{name}.png")

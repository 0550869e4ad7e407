"""A mosaic in the browser: laid out and matched by choice."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from playwright.sync_api import Locator, expect

from tests.browser.workspace import Workspace


@pytest.fixture
def exposure(workspace: Workspace) -> Workspace:
    workspace.open("sky", "exposure.fits.fz")
    return workspace


def mosaic(workspace: Workspace) -> Locator:
    """Give the part of the display panel that is about the mosaic."""
    return workspace.unfold("Display").locator("toyz-mosaic-settings")


def chosen(part: Locator, group: str, name: str) -> None:
    """Wait until a choice holds."""
    button = part.get_by_role("group", name=f"{group} of the CCDs").get_by_role("button", name=name)
    expect(button).to_have_attribute("aria-pressed", "true")


def choose(workspace: Workspace, group: str, name: str) -> None:
    """Choose how the mosaic is shown, and wait until it is."""
    part = mosaic(workspace)
    part.get_by_role("group", name=f"{group} of the CCDs").get_by_role("button", name=name).click()
    chosen(part, group, name)
    workspace.settle()


def sky(workspace: Workspace) -> str:
    """Give the position under the middle of the picture."""
    workspace.read_at()
    position = workspace.status.locator("button.position")
    # The value of a tile is there before the position.
    expect(position).to_have_text(re.compile(r"\d"))
    return position.inner_text()


def test_the_layout_changes_under_the_same_sky(exposure: Workspace) -> None:
    chosen(mosaic(exposure), "Layout", "DETSEC")
    expect(mosaic(exposure)).not_to_contain_text("Residual")
    exposure.zoom_by_key("1", "1:1")
    exposure.go_to("2100, 1500")
    before, place = sky(exposure), exposure.read_at()
    choose(exposure, "Layout", "WCS")
    expect(mosaic(exposure)).to_contain_text(re.compile(r"Residual 0\.\d\d px rms, 0\.\d\d px at most, on [NS]\d+"))
    expect(exposure.status.locator(".zoom")).to_have_text("1:1")
    assert exposure.read_at() != pytest.approx(place, abs=5)
    # To a pixel, which is 2 arcseconds here.
    numbers = [[float(part) for part in re.findall(r"[\d.]+", text)] for text in (before, sky(exposure))]
    assert numbers[0][:2] == numbers[1][:2]
    assert numbers[0] == pytest.approx(numbers[1], abs=3)
    exposure.page.wait_for_url(re.compile("layout=wcs"))


def test_outlines_are_as_the_ccds_lie(exposure: Workspace) -> None:
    choose(exposure, "Layout", "WCS")
    plain = exposure.picture()
    exposure.press("d")
    exposure.settle()
    assert exposure.picture() != plain


def test_the_sky_is_matched_by_one_key(exposure: Workspace) -> None:
    exposure.zoom_by_key("1", "1:1")
    exposure.go_to("1930, 1930")
    exposure.read_at()
    raw, before = exposure.value(), exposure.picture()
    exposure.press("k")
    part = mosaic(exposure)
    chosen(part, "Sky", "Background")
    expect(part).to_contain_text(
        re.compile(r"Sky of 122 amplifiers brought to \d+(\.\d+)? adu: −[\d.]+ to \+[\d.]+ adu")
    )
    exposure.settle()
    assert exposure.picture() != before
    exposure.read_at()
    value = exposure.status.locator(".value")
    expect(value).to_have_text(re.compile(r"adu raw$"))
    assert exposure.value() == raw
    expect(value).to_have_attribute("title", re.compile(r"the picture, whose CCDs are matched, shows [\d.]+ adu"))
    exposure.command("match the gain")
    chosen(part, "Sky", "Gain")
    expect(part).to_contain_text(re.compile(r"× 0\.9\d+ to 1\.0\d+"))
    exposure.page.wait_for_url(re.compile("match=gain"))
    exposure.press("k")
    chosen(part, "Sky", "As is")
    exposure.settle()
    exposure.read_at()
    assert exposure.value() == raw
    expect(value).not_to_contain_text("raw")


def test_a_link_shows_the_same(exposure: Workspace) -> None:
    choose(exposure, "Layout", "WCS")
    choose(exposure, "Sky", "Background")
    exposure.page.wait_for_url(re.compile("layout=wcs&match=background"))
    exposure.page.reload()
    part = mosaic(exposure)
    chosen(part, "Layout", "WCS")
    chosen(part, "Sky", "Background")


@pytest.fixture
def without_positions(share: Path) -> Iterator[Path]:
    path = share / "chips.fits"
    chips = [fits.ImageHDU(np.full((60, 80), 100.0 * n, np.float32), name=f"CCD{n}") for n in range(1, 5)]
    fits.HDUList([fits.PrimaryHDU(), *chips]).writeto(path)
    yield path
    path.unlink()


def test_a_layout_that_cannot_be_leaves_the_picture_and_says_why(workspace: Workspace, without_positions: Path) -> None:
    workspace.open("sky", without_positions.name)
    part = mosaic(workspace)
    chosen(part, "Layout", "Grid")
    before = workspace.picture()
    part.get_by_role("button", name="WCS").click()
    expect(workspace.notice("cannot be laid out by WCS")).to_be_visible()
    chosen(part, "Layout", "Grid")
    assert workspace.picture() == before
    part.get_by_role("button", name="Gain").click()
    chosen(part, "Sky", "Gain")


def test_a_single_hdu_offers_none_of_it(exposure: Workspace) -> None:
    choose(exposure, "Layout", "WCS")
    exposure.press("]")
    expect(exposure.page.get_by_role("combobox", name="HDU or mosaic").locator("option:checked")).to_have_text(
        "1 · S29"
    )
    expect(mosaic(exposure).get_by_role("group")).to_have_count(0)
    assert "layout" not in exposure.page.url

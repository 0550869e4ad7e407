"""Three images as one colour picture: what the shader makes of them, and how a person composes them."""

import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import expect

from tests.browser.workspace import Workspace
from toyz.protocol import STRETCHES, ChannelCuts, Style
from toyz_tiles import channels, stretch

SIZE = 900
"""More than the screen shows at 1:1."""
BANDS = ("i", "r", "g")
BAD = (0, 0, 0)
"""The colour of pixels without a value; between the cuts no other pixel is black."""
CUTS: ChannelCuts = ((800.0, 1400.0), (1600.0, 3000.0), (-50.0, 210.0))
SAMPLED = 3
"""The session samples every third pixel of so many."""


def pixels() -> NDArray[Any]:
    """Make whole numbers, which tiles hold exactly: noise, ramps across each other, a star beyond 16 bits, a hole."""
    random = np.random.default_rng(11)
    made = np.stack([random.normal(middle, 20, (SIZE, SIZE)) for middle in (1000, 2000, 60)], axis=2)
    ramp = np.linspace(0, 1, SIZE)
    for channel, (low, high) in enumerate(CUTS):
        rising = ramp if channel != 1 else ramp[::-1]
        made[330:390, :, channel] = low + (high - low) * (0.1 + 0.8 * rising)
    made[480:484, 450:454, 0] = 900_000
    made[470:474, 430:434] = (5000, 9000, 190)
    made[420:440, 400:430, 1] = np.nan
    return made.round().astype(np.float32)


@pytest.fixture(scope="module", autouse=True)
def bands(share: Path) -> Iterator[None]:
    paths = [share / f"field_{band}.fits" for band in BANDS]
    for channel, path in enumerate(paths):
        fits.PrimaryHDU(pixels()[::-1, :, channel], fits.Header({"FILTER": f"{BANDS[channel]}.MP9"})).writeto(path)
    yield
    for path in paths:
        path.unlink()


def screen(workspace: Workspace) -> NDArray[Any]:
    """Give the picture as it is seen."""
    return np.asarray(Image.open(io.BytesIO(workspace.picture())).convert("RGB")).astype(int)


def expected(style: Style) -> NDArray[Any]:
    """Colour all pixels as the server does before it compresses them."""
    values = pixels()
    sample = np.concatenate([values[:, :, channel].reshape(-1)[::SAMPLED] for channel in range(3)])
    curve = stretch.equalisation(stretch.quantiles(sample), style.low, style.high)
    coloured, _ = channels.apply(values, style, curve)
    coloured[np.isnan(values).any(axis=2)] = BAD
    return coloured.astype(int)


def means(seen: NDArray[Any]) -> NDArray[Any]:
    """Give the means of blocks of 16 × 16, in which the noise of JPEG goes under."""
    ny, nx = seen.shape[0] // 16, seen.shape[1] // 16
    blocks: NDArray[Any] = seen[: 16 * ny, : 16 * nx].reshape(ny, 16, nx, 16, 3).mean(axis=(1, 3))
    return blocks


def corner_of(hole: NDArray[Any]) -> tuple[int, int]:
    black = (hole == BAD).all(axis=2)
    return int(np.flatnonzero(black.any(axis=1))[0]), int(np.flatnonzero(black.any(axis=0))[0])


def go(workspace: Workspace, **link: Any) -> None:
    workspace.page.evaluate("link => { location.hash = link; }", "&".join(f"{key}={link[key]}" for key in link))


def show(workspace: Workspace, style: Style) -> None:
    """Show the composite at 1:1 in a style, by its link."""
    named = {name: f"sky/field_{band}.fits[0]" for name, band in zip(("red", "green", "blue"), BANDS, strict=True)}
    cuts = ",".join(str(limit) for pair in style.cuts_by_channel for limit in pair)
    place = {"x": SIZE / 2, "y": SIZE / 2, "zoom": 1}
    shown = {"low": style.low, "high": style.high, "stretch": style.stretch, "invert": int(style.invert)}
    go(workspace, **named, **place, **shown, channel_cuts=cuts, contrast=style.contrast, bias=style.bias)
    expect(workspace.status.locator(".style")).to_contain_text(style.stretch)
    expect(workspace.status.locator(".zoom")).to_have_text("1:1")
    workspace.settle()
    workspace.page.wait_for_timeout(300)  # a frame, and the quantiles before it


@pytest.mark.parametrize(
    ("table", "stretches"),
    # What comes after the stretch does the same to all of them.
    [({}, STRETCHES), ({"invert": True}, STRETCHES[:2]), ({"contrast": 0.7, "bias": 0.6}, STRETCHES[-2:])],
)
def test_the_shader_draws_what_the_server_would(
    workspace: Workspace, table: dict[str, Any], stretches: Sequence[str]
) -> None:
    plain = Style(low=-50.0, high=3000.0, channel_cuts=CUTS)
    show(workspace, plain)
    (y, x), (there_y, there_x) = corner_of(screen(workspace)), corner_of(expected(plain))
    for name in stretches:
        style = Style(low=-50.0, high=3000.0, stretch=name, channel_cuts=CUTS, **table)  # type: ignore[arg-type]
        show(workspace, style)
        seen = screen(workspace)
        part = expected(style)[there_y - y :, there_x - x :][: seen.shape[0], : seen.shape[1]]
        assert part.shape == seen.shape
        assert np.abs(seen - part).max() <= 1, name
        assert len(np.unique(part.reshape(-1, 3), axis=0)) > 100


def test_three_open_images_are_composed(workspace: Workspace) -> None:
    workspace.page.get_by_role("button", name="Images", exact=True).click()
    for number, band in enumerate(("g", "i", "r")):
        go(workspace, file=f"sky/field_{band}.fits")
        images = workspace.page.locator("toyz-images-panel section").first.get_by_role("listitem")
        expect(images).to_have_count(number + 1)
    workspace.command("Compose RGB")
    dialog = workspace.page.get_by_role("dialog", name="Compose RGB")
    for name, band in zip(("Red", "Green", "Blue"), BANDS, strict=True):
        expect(dialog.get_by_label(name).locator("option:checked")).to_have_text(f"field_{band}.fits")
    dialog.get_by_role("button", name="Compose", exact=True).click()
    expect(workspace.page.locator("toyz-topbar .name")).to_have_text("field_{i,r,g}.fits")
    expect(images).to_have_count(4)
    expect(workspace.status.locator(".style")).to_have_text("lupton 99.5 %")
    workspace.settle()
    x, y = workspace.read_at(0.4, 0.6)
    values = pixels()[SIZE - round(y), round(x) - 1]
    expect(workspace.status.locator(".value")).to_have_text(" ".join(f"{value:.0f}" for value in values))
    _balance(workspace)
    _come_back(workspace)


def _balance(workspace: Workspace) -> None:
    """Give green cuts of its own, which no other channel feels."""
    panel = workspace.unfold("Display")
    expect(panel.get_by_role("radio", name="lupton")).to_have_attribute("aria-checked", "true")
    before = screen(workspace)
    panel.get_by_role("button", name="Green").click()
    high = panel.get_by_role("textbox", name="High")
    high.fill("90000")
    high.press("Enter")
    expect(workspace.status.locator(".style")).to_have_text("lupton manual")
    workspace.settle()
    workspace.page.wait_for_timeout(200)
    after = screen(workspace)
    assert after[:, :, 1].mean() < 0.5 * before[:, :, 1].mean()
    assert after[:, :, 0].mean() > before[:, :, 0].mean()
    panel.get_by_role("button", name="Red").click()
    assert float(high.input_value()) < 90000


def _come_back(workspace: Workspace) -> None:
    before = screen(workspace)
    workspace.page.wait_for_url(re.compile("channel_cuts=.*90000"))
    link = workspace.page.url.partition("#")[2]
    workspace.page.reload()
    expect(workspace.page.locator("toyz-topbar .name")).to_have_text("field_{i,r,g}.fits")
    expect(workspace.status.locator(".style")).to_have_text("lupton manual")
    workspace.settle()
    workspace.page.wait_for_timeout(300)
    assert workspace.page.url.partition("#")[2] == link
    assert np.abs(screen(workspace) - before).max() <= 1


def test_a_picture_of_jpeg_tiles_looks_the_same(workspace: Workspace) -> None:
    style = Style(low=-50.0, high=3000.0, stretch="lupton", channel_cuts=CUTS)
    show(workspace, style)
    before = means(screen(workspace))
    workspace.press("v")
    expect(workspace.status.locator(".kind")).to_have_text("JPEG")
    workspace.settle()
    workspace.page.wait_for_timeout(300)
    assert np.abs(means(screen(workspace)) - before).mean() < 1.5

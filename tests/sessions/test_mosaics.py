"""Mosaics in a session: laid out by choice, stars in line across gaps, skies matched for the eye."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from PIL import Image

import toyz_exposures
from tests.sessions.workbench import Workbench
from toyz.errors import InvalidParameter, UnsupportedFile
from toyz.protocol import Style
from toyz_exposures.headers import POINTING
from toyz_exposures.sizes import SIZES
from toyz_tiles.skymap import tangent_plane

SATURATED = 20_000.0


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A share with a whole exposure of small CCDs and with two CCDs of the real size."""
    folder = tmp_path_factory.mktemp("mosaics")
    toyz_exposures.make_exposure(folder / "small.fits", size="small", seed=5)
    toyz_exposures.make_exposure(folder / "decam.fits", size="decam", ccds=2, seed=5)
    return folder


@pytest.fixture
def bench(tmp_path: Path, share: Path) -> Iterator[Workbench]:
    # No pyramids: nothing is shown but the pixels of the file.
    made = Workbench(tmp_path, share=share, build=False)
    yield made
    made.close()


def window(bench: Workbench, image: str, x: int, y: int, width: int, height: int) -> Any:
    payload = bench.call("images", "pixels", image=image, x=x, y=y, width=width, height=height)
    return np.load(io.BytesIO(payload))


def centre(stamp: Any, sigma: float) -> tuple[float, float]:
    """Find a star by moments weighted with a Gaussian that follows it: column and row."""
    rows, columns = np.indices(stamp.shape)
    row = column = (len(stamp) - 1) / 2
    for _ in range(20):
        weight = stamp * np.exp(-0.5 * ((columns - column) ** 2 + (rows - row) ** 2) / sigma**2)
        column += 2 * ((weight * columns).sum() / weight.sum() - column)
        row += 2 * ((weight * rows).sum() / weight.sum() - row)
    return float(column), float(row)


def stars_of(catalog: Path, magnitudes: tuple[float, float]) -> Table:
    """Stars of the catalog that neither saturate nor have a neighbour."""
    rows = Table.read(catalog, hdu=1)
    stars = rows[(rows["kind"] == "star") & (rows["mag"] > magnitudes[0]) & (rows["mag"] < magnitudes[1])]
    alone = []
    for star in stars:
        near = np.hypot(rows["x"] - star["x"], rows["y"] - star["y"]) < 12
        alone.append((near & (rows["ccd"] == star["ccd"]) & (rows["mag"] < star["mag"] + 3)).sum() == 1)
    return stars[alone]


def measured(bench: Workbench, info: dict[str, Any], stars: Table, sigma: float) -> tuple[Any, Any, list[str]]:
    """Measure stars on the mosaic: display positions beside (east, north) of the catalog, and their CCDs."""
    image, height = info["image"], info["height"]
    shown, plane, ccds = [], [], []
    for star in stars:
        place = bench.call("images", "position", image=image, ra=float(star["ra"]), dec=float(star["dec"]))
        column, row = round(place["x"]) - 1, height - round(place["y"])
        if not (8 <= column < info["width"] - 8 and 8 <= row < height - 8):
            continue
        stamp = window(bench, image, column - 7, row - 7, 15, 15).astype(float)
        if np.isnan(stamp).any() or stamp.max() > SATURATED:
            continue
        dx, dy = centre(stamp - np.median(stamp), sigma)
        shown.append((column - 7 + dx, row - 7 + dy))
        plane.append([float(axis) for axis in tangent_plane(star["ra"], star["dec"], *POINTING)])
        ccds.append(str(star["ccd"]))
    return np.array(shown), np.array(plane), ccds


def out_of_line(shown: Any, plane: Any) -> Any:
    """Pixels between stars and where one linear map of the tangent plane has them."""
    terms = np.column_stack((np.ones(len(plane)), plane))
    solution, *_ = np.linalg.lstsq(terms, shown, rcond=None)
    return np.hypot(*(shown - terms @ solution).T)


def test_stars_line_up_across_all_gaps(bench: Workbench, share: Path) -> None:
    stars = stars_of(share / "small.catalog.fits", (12.3, 15.6))
    info = bench.call("images", "open", path="data/small.fits", layout="wcs")
    shown, plane, ccds = measured(bench, info, stars, SIZES["small"].fwhm / 2.3)
    off = out_of_line(shown, plane)
    assert len(set(ccds)) == 61
    assert len(off) > 300
    # Nearest pixels put a star up to 0.7 pixels off; a cosmic ray may disturb one of a hundred.
    assert np.quantile(off, 0.99) < 1.0
    assert max(np.median(off[np.array(ccds) == name]) for name in set(ccds)) < 0.75

    by_detsec = bench.call("images", "open", path="data/small.fits", layout="detsec")
    assert np.median(out_of_line(*measured(bench, by_detsec, stars[::4], 1.1)[:2])) > 2.0


def test_stars_line_up_at_the_real_scale(bench: Workbench, share: Path) -> None:
    stars = stars_of(share / "decam.catalog.fits", (15.8, 18.5))
    info = bench.call("images", "open", path="data/decam.fits", layout="wcs")
    shown, plane, ccds = measured(bench, info, stars, SIZES["decam"].fwhm / 2.3)
    off = out_of_line(shown, plane)
    assert set(ccds) == {"S29", "S30"}
    assert len(off) > 30
    assert np.quantile(off, 0.97) < 1.0
    assert info["residual"]["maximum"] < 0.5


def test_a_layout_is_another_image(bench: Workbench) -> None:
    def opened(**which: Any) -> Any:
        return bench.call("images", "open", path="data/small.fits", **which)

    auto, detsec, by_wcs, grid = (opened(layout=name) for name in ("auto", "detsec", "wcs", "grid"))
    assert (auto["image"], auto["layout"]) == (detsec["image"], "detsec")
    assert len({info["image"] for info in (detsec, by_wcs, grid)}) == 3
    assert [info["layout"] for info in (detsec, by_wcs, grid)] == ["detsec", "wcs", "grid"]
    assert detsec["residual"] is grid["residual"] is None
    assert all(ccd["residual"] is None for ccd in detsec["ccds"])
    residuals = {ccd["name"]: ccd["residual"]["maximum"] for ccd in by_wcs["ccds"]}
    assert by_wcs["residual"]["maximum"] == residuals[by_wcs["residual"]["worst"]] == max(residuals.values()) < 0.3
    first = detsec["ccds"][0]
    x, y, width, height = (first[name] for name in ("x", "y", "width", "height"))
    assert first["corners"] == [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]


def test_a_pixel_by_wcs_is_the_pixel_of_its_ccd(bench: Workbench, share: Path) -> None:
    info = bench.call("images", "open", path="data/small.fits", layout="wcs")
    with fits.open(share / "small.fits") as file:
        for ccd in info["ccds"][::15]:
            x = ccd["x"] + ccd["width"] // 2
            y = info["height"] - ccd["y"] - ccd["height"] // 2
            found = bench.call("images", "pixel", image=info["image"], x=x, y=y)
            own = found["ccd"]
            assert own["name"] == ccd["name"]
            assert found["value"] == file[own["hdu"]].data[round(own["y"]) - 1, round(own["x"]) - 1]
            assert "shown" not in found
            single = bench.call("images", "open", path="data/small.fits", hdu=own["hdu"])
            same = bench.call("images", "pixel", image=single["image"], x=own["x"], y=own["y"])
            assert (same["ra"], same["dec"]) == pytest.approx((found["ra"], found["dec"]), abs=1e-9)


def test_the_outline_of_a_ccd_is_where_its_pixels_end(bench: Workbench) -> None:
    info = bench.call("images", "open", path="data/small.fits", layout="wcs")
    for ccd in info["ccds"][::20]:
        corners = np.array(ccd["corners"])
        middle = corners.mean(axis=0)
        for inwards, there in ((0.97, True), (1.03, False)):
            # Outlines are counted from the corner of the first pixel, positions from 1 at its middle.
            for column, row in (middle + inwards * (corners - middle)).tolist():
                found = bench.call("images", "pixel", image=info["image"], x=column + 0.5, y=info["height"] - row + 0.5)
                assert (found["ccd"] is not None and found["ccd"]["name"] == ccd["name"]) == there


def test_what_is_not_possible_says_so(bench: Workbench, share: Path, tmp_path: Path) -> None:
    plain = fits.HDUList([fits.PrimaryHDU(), *(fits.ImageHDU(np.ones((9, 9)), name=f"CCD{n}") for n in (1, 2))])
    plain.writeto(share / "plain.fits", overwrite=True)
    with pytest.raises(UnsupportedFile, match="cannot be laid out by WCS"):
        bench.call("images", "open", path="data/plain.fits", layout="wcs")
    with pytest.raises(UnsupportedFile, match="do not say by DETSEC"):
        bench.call("images", "open", path="data/plain.fits", layout="detsec")
    assert bench.call("images", "open", path="data/plain.fits", layout="grid")["layout"] == "grid"
    with pytest.raises(InvalidParameter, match="HDU 1 is shown alone") as problem:
        bench.call("images", "open", path="data/plain.fits", hdu=1, layout="wcs")
    assert problem.value.info.field == "parameters.layout"
    with pytest.raises(InvalidParameter) as problem:
        bench.call("images", "open", path="data/plain.fits", hdu=1, match="gain")
    assert problem.value.info.field == "parameters.match"
    fits.PrimaryHDU(np.ones((9, 9))).writeto(share / "one.fits", overwrite=True)
    with pytest.raises(UnsupportedFile, match="do not make a mosaic"):
        bench.call("images", "open", path="data/one.fits", match="background")
    for wrong in ({"layout": "sideways"}, {"match": "all"}, {"layout": 3}):
        with pytest.raises(InvalidParameter):
            bench.call("images", "open", path="data/plain.fits", **wrong)


@pytest.mark.parametrize("layout", ["detsec", "wcs"])
@pytest.mark.parametrize("how", ["background", "gain"])
def test_ccds_come_to_one_sky(bench: Workbench, how: str, layout: str) -> None:
    raw = bench.call("images", "open", path="data/small.fits", layout=layout)
    info = bench.call("images", "open", path="data/small.fits", layout=layout, match=how)
    assert (raw["match"], raw["matching"]) == ("none", None)
    assert (info["match"], info["matching"]["parts"], info["matching"]["unmatched"]) == (how, 122, [])
    assert info["image"] != raw["image"]
    assert info["matching"]["lowest"] < (1.0 if how == "gain" else 0.0) < info["matching"]["highest"]

    def levels(image: str) -> Any:
        found = []
        for ccd in info["ccds"]:
            inner = (ccd["x"] + ccd["width"] // 4, ccd["y"] + ccd["height"] // 4, 100, 200)
            found.append(np.nanmedian(window(bench, image, *inner)))
        return np.array(found)

    before, after = levels(raw["image"]), levels(info["image"])
    assert after.std() < 0.4 * before.std()
    assert np.median(after) == pytest.approx(info["matching"]["level"], abs=1.0)


def test_the_readout_keeps_the_value_of_the_file(bench: Workbench) -> None:
    raw = bench.call("images", "open", path="data/small.fits")
    info = bench.call("images", "open", path="data/small.fits", match="background")
    ccd = info["ccds"][7]
    place = {"x": ccd["x"] + 30, "y": info["height"] - ccd["y"] - 50}
    plain, matched = (bench.call("images", "pixel", image=each["image"], **place) for each in (raw, info))
    assert matched["value"] == plain["value"]
    assert matched["shown"] == window(bench, info["image"], place["x"] - 1, info["height"] - place["y"], 1, 1)[0, 0]
    assert matched["shown"] != matched["value"]


def test_cuts_and_histogram_are_of_what_is_shown(bench: Workbench) -> None:
    raw = bench.call("images", "open", path="data/small.fits", layout="wcs")
    info = bench.call("images", "open", path="data/small.fits", layout="wcs", match="gain")
    sigmas = [bench.call("images", "histogram", image=each["image"], bins=64)["sigma"] for each in (raw, info)]
    assert sigmas[1] < sigmas[0]
    cuts = [bench.call("images", "cuts", image=each["image"], method="percentile") for each in (raw, info)]
    assert cuts[0] != cuts[1]
    assert info["cuts"] != raw["cuts"]


def wait_for_pyramids(bench: Workbench, *images: dict[str, Any]) -> None:
    """Wait until the pyramids of images are there."""
    waiting = {info["image"] for info in images if info["pyramid"] != "ready"}
    while waiting:
        update = bench.event("pyramid")
        assert update["phase"] != "ERROR"
        waiting -= {update["image"]} if update["phase"] == "COMPLETED" else set()


def test_one_pyramid_serves_them_all(tmp_path: Path, share: Path) -> None:
    bench = Workbench(tmp_path, share=share)
    opened = {
        how: bench.call("images", "open", path="data/small.fits", layout="wcs", match=how)
        for how in ("none", "background", "gain")
    }
    wait_for_pyramids(bench, *opened.values())
    assert {(build.kind, build.hdu, build.layout) for build in bench.builds} == {("pyramid", "mosaic", "wcs")}
    assert len({build.key for build in bench.builds}) == 1
    style = Style(190.0, 225.0, quality=100)
    pictures = {}
    for how, info in opened.items():
        done, data = bench.tile(info["image"], 3, 0, 0, style)
        assert done.cacheable
        pictures[how] = np.asarray(Image.open(io.BytesIO(data))).astype(float)
    # Of an exposure of which only the sky is looked at, the CCDs stand out less.
    assert not np.array_equal(pictures["none"], pictures["background"])
    valid = pictures["none"] > 0
    assert pictures["background"][valid].std() < pictures["none"][valid].std()

    again = bench.call("images", "open", path="data/small.fits", layout="wcs", match="gain")
    assert again["pyramid"] == "ready"
    detsec = bench.call("images", "open", path="data/small.fits", layout="detsec")
    assert detsec["pyramid"] == "building"
    wait_for_pyramids(bench, detsec)
    assert len({build.key for build in bench.builds}) == 2
    bench.close()

"""Regions of open images: statistics against numpy, places on the sky against astropy, files there and back."""

import io
import math
import threading
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest
import regions
from astropy import units
from astropy.io import fits
from astropy.wcs import WCS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sessions.workbench import Workbench
from toyz.errors import Cancelled, InvalidParameter, NotFound, TooLarge
from toyz.jobs import Phase
from toyz.regions import MAX_VERTICES, Marked
from toyz_exposures import make_exposure
from toyz_sessions import region_files

HEIGHT, WIDTH = 80, 100
COLOURS = ["#f0e442", "#56b4e9", "#0f1e2d"]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    made = Workbench(tmp_path_factory.mktemp("regions"))
    yield made
    made.close()


def turned_wcs(turn: float = 25.0, *, mirrored: bool = False) -> WCS:
    """A tangent plane that is turned, with east on the left or mirrored."""
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crpix = [50.5, 40.5]
    wcs.wcs.crval = [150.0, 32.0]
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    wcs.wcs.cd = np.array([[-cos, sin], [sin, cos]]) * 0.3 / 3600
    if mirrored:
        wcs.wcs.cd[0] *= -1
    return wcs


@pytest.fixture(scope="module")
def pixels() -> Any:
    values = np.random.default_rng(8).normal(500, 20, (HEIGHT, WIDTH)).astype("f4")
    values[30:33, 40:44] = np.nan
    return values


@pytest.fixture(scope="module")
def image(bench: Workbench, pixels: Any) -> str:
    return opened(bench, "a.fits", pixels, turned_wcs())


def opened(bench: Workbench, name: str, values: Any, wcs: WCS | None = None, **cards: Any) -> str:
    header = fits.Header() if wcs is None else wcs.to_header()
    header.update(cards)
    fits.PrimaryHDU(values, header).writeto(bench.share / name)
    return str(bench.call("images", "open", path=f"data/{name}")["image"])


def circle(x: float = 40, y: float = 30, radius: float = 9) -> dict[str, Any]:
    return {"type": "circle", "x": x, "y": y, "radius": radius}


# ---- statistics -----------------------------------------------------------------------------


def test_statistics_are_those_of_the_pixels_whose_centres_lie_inside(bench: Workbench, image: str, pixels: Any) -> None:
    found = bench.call("regions", "statistics", image=image, shape=circle())
    mask = regions.CirclePixelRegion(regions.PixCoord(40, 30), 9).to_mask("center").to_image(pixels.shape) > 0
    values = pixels[mask].astype("f8")
    good = values[np.isfinite(values)]
    assert found["area"] == pytest.approx(math.pi * 81)
    (one,) = found["values"]
    assert (one["count"], one["bad"]) == (good.size, 12)
    expected = {
        "sum": good.sum(),
        "mean": good.mean(),
        "median": np.median(good),
        "std": good.std(),
        "minimum": good.min(),
        "maximum": good.max(),
    }
    assert {name: one[name] for name in expected} == pytest.approx(expected)


def test_a_region_beside_the_image_holds_nothing(bench: Workbench, image: str) -> None:
    (one,) = bench.call("regions", "statistics", image=image, shape=circle(x=-500))["values"]
    assert (one["count"], one["bad"], one["sum"], one["median"]) == (0, 0, None, None)


def test_a_mosaic_is_measured_by_the_values_of_its_file(bench: Workbench) -> None:
    make_exposure(bench.share / "exposure.fits.fz", size="small")
    info = bench.call("images", "open", path="data/exposure.fits.fz", match="background")
    assert info["match"] == "background"
    height, width = info["height"], info["width"]
    plain = bench.call("images", "open", path="data/exposure.fits.fz")
    payload = bench.call("images", "pixels", image=plain["image"], x=0, y=0, width=width, height=height)
    whole = np.load(io.BytesIO(payload))[::-1]
    shape = {"type": "box", "x": width / 2, "y": height / 2, "width": 300, "height": 200, "angle": 30}
    mask = regions.RectanglePixelRegion(regions.PixCoord(width / 2, height / 2), 300, 200, 30 * units.deg)
    values = whole[mask.to_mask("center").to_image(whole.shape) > 0].astype("f8")
    good = values[np.isfinite(values)]
    assert 0 < good.size < values.size
    for opened_as in (info, plain):
        (one,) = bench.call("regions", "statistics", image=opened_as["image"], shape=shape)["values"]
        assert (one["count"], one["bad"]) == (good.size, values.size - good.size)
        assert one["mean"] == pytest.approx(good.mean())
        assert one["median"] == np.median(good)


def test_a_long_measurement_is_taken_back(bench: Workbench, image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, bands = threading.Event(), threading.Event(), []

    def inside(shape: Any, columns: Any, rows: Any) -> Any:
        bands.append(rows)
        begun.set()
        assert go_on.wait(60)
        return np.zeros((len(rows), len(columns)), np.bool_)

    monkeypatch.setattr("toyz_tiles.measure.BAND", 1)
    monkeypatch.setattr("toyz_tiles.measure.inside", inside)
    call = bench.start("regions", "statistics", image=image, shape=circle())
    assert begun.wait(60)
    bench.cancel(call)
    go_on.set()
    message, _ = bench.wait(call)
    assert message.phase is Phase.ABORTED
    assert len(bands) == 1


# ---- the sky --------------------------------------------------------------------------------


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("frame", ["icrs", "fk5", "galactic"])
def test_places_lengths_and_angles_on_the_sky_are_those_of_astropy(
    bench: Workbench, pixels: Any, frame: str, mirrored: bool
) -> None:
    wcs = turned_wcs(mirrored=mirrored)
    here = opened(bench, f"{frame}{mirrored}.fits", pixels, wcs)
    shape = {"type": "ellipse", "x": 20.5, "y": 60.25, "rx": 12, "ry": 5, "angle": 70}
    marked = {"shape": shape, "label": "a; {b} # c", "colour": "#56b4e9"}
    text = bench.call("regions", "write", image=here, regions=[marked], system=frame)
    (written,) = regions.Regions.parse(text, format="ds9")
    assert written.center.frame.name == frame
    back = written.to_pixel(wcs)
    assert (back.center.x, back.center.y) == pytest.approx((20.5, 60.25), abs=1e-5)
    assert (back.width, back.height) == pytest.approx((24, 10), rel=1e-4)
    if frame != "galactic":
        # As DS9 does, angles count from the system's own north; astropy takes that of the WCS.
        assert (back.angle.deg - 70 + 90) % 180 - 90 == pytest.approx(0, abs=0.01)
    (read,) = bench.call("regions", "read", image=here, text=text)["regions"]
    assert flat(read["shape"]) == pytest.approx(flat(shape), rel=1e-5)
    assert (read["label"], read["colour"]) == ("a; (b) # c", "#56b4e9")


def test_a_place_on_the_sky_and_a_ruler(bench: Workbench, image: str) -> None:
    wcs = turned_wcs()
    line = {"type": "line", "vertices": [[10, 12], [70, 50]]}
    found = bench.call("regions", "sky", image=image, shape=line)
    start, end = wcs.pixel_to_world([10, 70], [12, 50])
    assert (found["ra"], found["dec"]) == pytest.approx((start.ra.deg, start.dec.deg), abs=1e-9)
    assert found["length"] == pytest.approx(start.separation(end).arcsec, rel=1e-9)
    assert found["position_angle"] == pytest.approx(start.position_angle(end).deg, abs=1e-6)
    assert found["scale"] == pytest.approx(0.3, rel=1e-5)
    assert np.array(found["vertices"]) == pytest.approx(np.array([[at.ra.deg, at.dec.deg] for at in (start, end)]))
    point = bench.call("regions", "sky", image=image, shape={"type": "point", "x": 49.5, "y": 39.5})
    assert point["sexagesimal"][0].startswith("10:00:00.0")
    assert (point["north"], point["mirrored"]) == (pytest.approx(65, abs=0.01), False)


def test_angles_in_galactic_coordinates_count_from_galactic_north(bench: Workbench, image: str) -> None:
    wcs = turned_wcs()
    here = wcs.pixel_to_world(20, 30).galactic
    ahead = here.directional_offset_by(0 * units.deg, 3 * units.arcsec)
    dx, dy = np.subtract(wcs.world_to_pixel(ahead), (20, 30))
    north = math.degrees(math.atan2(dy, dx))
    shape = {"type": "box", "x": 20, "y": 30, "width": 9, "height": 4, "angle": north % 360}
    text = bench.call("regions", "write", image=image, regions=[{"shape": shape}], system="galactic")
    (written,) = regions.Regions.parse(text, format="ds9")
    assert written.angle.to_value("deg") == pytest.approx(90, abs=0.01)


def test_an_image_without_a_sky_has_pixels_only(bench: Workbench, pixels: Any) -> None:
    bare = opened(bench, "bare.fits", pixels)
    with pytest.raises(InvalidParameter, match="WCS"):
        bench.call("regions", "sky", image=bare, shape=circle())
    with pytest.raises(InvalidParameter, match="WCS"):
        bench.call("regions", "write", image=bare, regions=[{"shape": circle()}], system="icrs")
    text = 'image\ncircle(3,4,5)\nfk5\ncircle(150,32,3")\n'
    found = bench.call("regions", "read", image=bare, text=text)
    assert [one["shape"] for one in found["regions"]] == [{"type": "circle", "x": 2, "y": 3, "radius": 5}]
    assert found["skipped"] == [{"reason": "on the sky, and this image has no WCS", "count": 1}]


# ---- files ----------------------------------------------------------------------------------

coordinates = st.floats(-1e4, 1e5).map(lambda value: round(value, 6))
lengths = st.floats(1e-3, 1e5).map(lambda value: round(value, 6))
turns = st.floats(0, 359.99).map(lambda value: round(value, 6))
at = {"x": coordinates, "y": coordinates}
vertices = st.tuples(coordinates, coordinates).map(list)
shapes = st.one_of(
    *(
        st.fixed_dictionaries({"type": st.just(kind), **at, **sizes})
        for kind, sizes in {
            "point": {},
            "text": {},
            "circle": {"radius": lengths},
            "ellipse": {"rx": lengths, "ry": lengths, "angle": turns},
            "box": {"width": lengths, "height": lengths, "angle": turns},
        }.items()
    ),
    st.fixed_dictionaries({"type": st.just("polygon"), "vertices": st.lists(vertices, min_size=3, max_size=9)}),
    st.fixed_dictionaries({"type": st.just("line"), "vertices": st.lists(vertices, min_size=2, max_size=2)}),
)
labels = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="{}'\""), max_size=30)
marks = st.fixed_dictionaries({"shape": shapes, "label": labels, "colour": st.sampled_from(COLOURS)})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.lists(marks, min_size=1, max_size=5))
def test_what_is_written_in_pixels_is_read_back(bench: Workbench, image: str, several: list[Any]) -> None:
    text = bench.call("regions", "write", image=image, regions=several)
    found = bench.call("regions", "read", image=image, text=text)
    assert found["skipped"] == []
    for read, written in zip(found["regions"], several, strict=True):
        assert (read["label"], read["colour"]) == (written["label"], written["colour"])
        assert flat(read["shape"]) == pytest.approx(flat(written["shape"]), abs=1e-5)
        assert read["shape"]["type"] == written["shape"]["type"]


def flat(shape: dict[str, Any]) -> list[float]:
    sizes = [value for name, value in sorted(shape.items()) if name not in ("type", "vertices")]
    return sizes + [value for place in shape.get("vertices", []) for value in place]


def test_a_file_of_ds9_is_read_with_its_systems_colours_and_what_is_not_known(bench: Workbench, image: str) -> None:
    text = """# Region file format: DS9 version 4.1
global color=green dashlist=8 3 width=1 font="helvetica 10 normal roman" select=1
fk5
circle(10:00:00.0,+32:00:00.0,3.0") # color=red text={M 13}
box(150.0,32.0,6",3",0)
physical; ellipse(10,20,4,2,30) # text='b'
image;circle(5,5,2);-circle(9,9,1)
# text(30,40) color=magenta text={here}
annulus(10,10,2,4)
panda(1,2,3,4,5,6,7,8)
circle(nan,1,1)
circle(1,2,-3)
point(1e400,2)
nonsense((((
"""
    found = bench.call("regions", "read", image=image, text=text)
    kinds = [(one["shape"]["type"], one["colour"], one["label"]) for one in found["regions"]]
    assert kinds == [
        ("circle", "#d55e00", "M 13"),
        ("box", "#009e73", ""),
        ("ellipse", "#009e73", "b"),
        ("circle", "#009e73", ""),
        ("text", "#cc79a7", "here"),
    ]
    first = found["regions"][0]["shape"]
    assert (first["x"], first["y"], first["radius"]) == pytest.approx(
        (49.5, 39.5, 10), abs=0.1
    )  # FK5 is not quite ICRS
    assert found["regions"][2]["shape"]["x"] == 9
    assert sum(one["count"] for one in found["skipped"]) == 7


def test_physical_coordinates_of_a_cutout_are_not_taken_for_pixels(bench: Workbench, pixels: Any) -> None:
    cutout = opened(bench, "cutout.fits", pixels, LTV1=-200.0, LTM1_1=1.0)
    with pytest.raises(InvalidParameter, match="physical"):
        bench.call("regions", "read", image=cutout, text="physical\ncircle(5,5,2)\n")


def test_a_file_of_casa_is_read(bench: Workbench, image: str) -> None:
    text = (
        "#CRTFv0 CASA Region Text Format version 0\n"
        "global coord=J2000, color=blue\n"
        "circle[[150.0deg, 32.0deg], 3.0arcsec], label='one'\n"
        "rotbox[[12pix, 13pix], [6pix, 4pix], 30deg], coord=image\n"
        "blob[[1deg, 2deg]]\n"
    )
    found = bench.call("regions", "read", image=image, text=text)
    assert [one["shape"]["type"] for one in found["regions"]] == ["circle", "box"]
    assert found["regions"][0]["shape"]["radius"] == pytest.approx(10, rel=1e-4)
    assert (found["regions"][0]["label"], found["regions"][0]["colour"]) == ("one", "#0072b2")
    assert found["regions"][1]["shape"] == {"type": "box", "x": 12, "y": 13, "width": 6, "height": 4, "angle": 30}


def test_a_file_in_a_share_is_read_and_one_elsewhere_is_not(bench: Workbench, image: str) -> None:
    (bench.share / "some.reg").write_text("\ufeffimage\r\ncircle(3,4,5)\r\n")
    assert len(bench.call("regions", "read", image=image, path="data/some.reg")["regions"]) == 1
    for path in ("data/none.reg", "/etc/passwd", "data/../../etc/passwd"):
        with pytest.raises(NotFound):
            bench.call("regions", "read", image=image, path=path)
    with pytest.raises(InvalidParameter, match="Either"):
        bench.call("regions", "read", image=image)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("circle(1,2,3)\n" * 6000, TooLarge),
        ("x" * 2_000_000, InvalidParameter),
        ("(" * 50_000, InvalidParameter),
        ("polygon(" + "1," * 29_000 + "1)", InvalidParameter),
        ("circle(" + "9" * 5000 + ",1,1)", InvalidParameter),
        ("global " + "color=red " * 5000 + "\n" + "text={" * 9000, InvalidParameter),
        ("a" + ";" * 50_000, InvalidParameter),
        ("circle(__import__('os').system('id'),1,1)", InvalidParameter),
        ("image\ncircle(1+1,2**9,3)", InvalidParameter),
        ("#CRTFv0\n" + "[" * 59_000, InvalidParameter),
        ("#CRTFv0\n" + "circle[[" * 7000, InvalidParameter),
        ("\0\x1b[31m\ud7ff", InvalidParameter),
    ],
)
def test_hostile_texts_are_refused_in_time(bench: Workbench, image: str, text: str, error: type[Exception]) -> None:
    with pytest.raises((error, InvalidParameter)) as caught:
        bench.call("regions", "read", image=image, text=text)
    assert len(str(caught.value)) < 300


def test_a_million_regions_and_ten_megabytes_are_refused_unread(bench: Workbench, image: str) -> None:
    (bench.share / "million.reg").write_text("image\n" + "circle(100,200,3)\n" * 1_000_000)
    (bench.share / "deep.reg").write_bytes(b"{" * (10 << 20))
    for name in ("million.reg", "deep.reg"):
        with pytest.raises(TooLarge):
            bench.call("regions", "read", image=image, path=f"data/{name}")


def test_reading_is_taken_back() -> None:
    def stop() -> None:
        raise Cancelled("")

    with pytest.raises(Cancelled):
        region_files.read("circle(1,2,3)\n", None, physical=True, check=stop)


def test_more_vertices_than_a_region_may_have_are_told(bench: Workbench, image: str) -> None:
    many = ",".join(f"{x},{x * x % 97}" for x in range(MAX_VERTICES + 1))
    with pytest.raises(InvalidParameter, match="vertices"):
        bench.call("regions", "read", image=image, text=f"polygon({many})\n")
    enough = {"type": "polygon", "vertices": [[x, x * x % 97] for x in range(MAX_VERTICES)]}
    assert msgspec.convert({"shape": enough}, Marked)

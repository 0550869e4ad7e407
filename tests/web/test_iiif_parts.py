"""Identifiers, requests, signatures and origins: what needs no server."""

from pathlib import Path
from typing import Any, get_args
from urllib.parse import unquote, urlsplit

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from toyz.config import Config, Share
from toyz.errors import InvalidParameter, NotFound, NotImplementedHere, ToyzError
from toyz.protocol import MAX_PICTURE, Stretch
from toyz_tiles import geometry
from toyz_web.auth import user_name
from toyz_web.cors import cors_headers
from toyz_web.iiif import identifier as identifiers
from toyz_web.iiif import request as requests
from toyz_web.iiif import service_url
from toyz_web.iiif.deepzoom import descriptor, tile_request
from toyz_web.iiif.identifier import Identifier, Options
from toyz_web.iiif.info import image_information
from toyz_web.iiif.request import MAX_SIDE, Box, ImageRequest, PlacedTile, Size
from toyz_web.shares import ANONYMOUS, Shares
from toyz_web.signing import Signer

names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1, max_size=20)
paths = st.lists(names, min_size=2, max_size=4).map("/".join)
numbers = st.floats(-1e30, 1e30).map(repr)
options = st.builds(
    Options,
    hdu=st.sampled_from(["auto", "mosaic", "0", "17"]),
    plane=st.integers(0, 10**9),
    cuts=st.sampled_from(["zscale", "minmax", "99.5%"]) | st.builds("{},{}".format, numbers, numbers),
    stretch=st.sampled_from(get_args(Stretch)),
    colormap=st.sampled_from(["gray", "viridis", "RdBu"]),
    invert=st.booleans(),
    contrast=st.floats(0, 20),
    bias=st.floats(-1, 2),
    bad=st.sampled_from(["transparent", "#000000", "#ff8000"]),
    quality=st.integers(1, 100),
    version=st.sampled_from(["", "0123456789abcdef" * 2]),
    expires=st.integers(0, 10**11),
    signature=st.sampled_from(["", "abc-_DEF"]),
)
images = st.builds(Size, st.integers(1, 40_000), st.integers(1, 40_000))


# ---- identifiers --------------------------------------------------------------------------


@given(st.builds(Identifier, paths, options))
def test_an_identifier_is_read_as_it_was_written(identifier: Identifier) -> None:
    assert identifiers.parse(identifier.text) == identifier
    assert identifiers.parse(unquote(identifier.quoted)) == identifier
    assert "/" not in identifier.text
    assert identifier.quoted.isascii()
    assert not set(identifier.quoted) & set('/?#\\ "<>%') - {"%"}
    address = service_url("https://host/base/", identifier)
    assert urlsplit(address).path == f"/base/iiif/3/{identifier.quoted}"


@given(st.text(max_size=60))
def test_any_text_is_an_identifier_or_refused(text: str) -> None:
    try:
        found = identifiers.parse(text)
    except (NotFound, InvalidParameter):
        return
    assert identifiers.parse(found.text) == found


@pytest.mark.parametrize(
    ("text", "path", "given"),
    [
        ("sky~1ramp.fits", "sky/ramp.fits", {}),
        ("sky/ramp.fits", "sky/ramp.fits", {}),
        ("sky~1night 1~1three #1.fits;hdu=2", "sky/night 1/three #1.fits", {"hdu": "2"}),
        ("sky~1a~01b~2c", "sky/a~1b;c", {}),
        ("sky~1a;invert=true;plane=3;contrast=2", "sky/a", {"invert": True, "plane": 3, "contrast": 2.0}),
        ("sky~1a;cuts=-1e2,.5e3;bad=#ff0000", "sky/a", {"cuts": "-1e2,.5e3", "bad": "#ff0000"}),
        ("sky~1..", "sky/..", {}),
    ],
)
def test_identifiers(text: str, path: str, given: dict[str, Any]) -> None:
    assert identifiers.parse(text) == Identifier(path, Options(**given))


@pytest.mark.parametrize(
    ("text", "error", "field"),
    [
        ("", NotFound, None),
        ("sky", NotFound, None),
        ("sky~1", NotFound, None),
        ("~1etc~1passwd", NotFound, None),
        (";hdu=1", NotFound, None),
        ("sky~1a~", InvalidParameter, "identifier"),
        ("sky~1a~3", InvalidParameter, "identifier"),
        ("sky~1a;", InvalidParameter, "identifier"),
        ("sky~1a;hdu", InvalidParameter, "identifier"),
        ("sky~1a;hdu=x", InvalidParameter, "hdu"),
        ("sky~1a;hdu=1;hdu=1", InvalidParameter, "hdu"),
        ("sky~1a;zork=1", InvalidParameter, "zork"),
        ("sky~1a;plane=-1", InvalidParameter, "plane"),
        ("sky~1a;plane=" + "9" * 5000, InvalidParameter, "plane"),
        ("sky~1a;contrast=nan", InvalidParameter, "contrast"),
        ("sky~1a;version=x", InvalidParameter, "version"),
        ("sky~1a;expires=never", InvalidParameter, "expires"),
        ("sky~1a;signature=" + "x" * 65, InvalidParameter, "signature"),
    ],
)
def test_what_is_no_identifier(text: str, error: type[ToyzError], field: str | None) -> None:
    with pytest.raises(error) as refused:
        identifiers.parse(text)
    assert refused.value.field == field


# ---- requests -----------------------------------------------------------------------------

IMAGE = Size(700, 500)


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("full", (0, 0, 700, 500)),
        ("square", (100, 0, 500, 500)),
        ("10,20,30,40", (10, 20, 30, 40)),
        ("690,490,9999999999,9999999999", (690, 490, 10, 10)),
        ("pct:10,10,50,50.5", (70, 50, 350, 252)),
        ("pct:50,50,1000,1000", (350, 250, 350, 250)),
    ],
)
def test_regions(text: str, box: tuple[int, ...]) -> None:
    assert requests.parse_region(IMAGE, text) == box


@pytest.mark.parametrize(
    "text",
    [
        "700,0,1,1",
        "0,500,1,1",
        "0,0,0,5",
        "0,0,5,0",
        "-1,0,5,5",
        "1,2,3",
        "1,2,3,4,5",
        "1.5,0,5,5",
        "pct:100,0,5,5",
        "pct:0,0,0,5",
        "pct:1,2,3",
        "pct:nan,0,1,1",
        "all",
        "Full",
        "full ",
        ",,,",
        "1e3,0,5,5",
        "99999999999,0,1,1",
        "0x1,0,5,5",
        "٣,0,5,5",
        "pct:0,0,0.01,50",
    ],
)
def test_what_is_no_region(text: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        requests.parse_region(IMAGE, text)
    assert refused.value.field == "region"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("max", (700, 500)),
        ("^max", (700, 500)),
        ("350,", (350, 250)),
        (",250", (350, 250)),
        ("^,250", (350, 250)),
        ("1,", (1, 1)),
        ("100,400", (100, 400)),
        ("pct:50", (350, 250)),
        ("^pct:100", (700, 500)),
        ("pct:0.001", (1, 1)),
        ("!100,400", (100, 71)),
        ("!9999,100", (140, 100)),
        ("!700,500", (700, 500)),
        ("^!2000,500", (700, 500)),
    ],
)
def test_sizes(text: str, size: tuple[int, int]) -> None:
    assert requests.parse_size(IMAGE, text) == size


@pytest.mark.parametrize(
    "text",
    [
        "full",
        "701,",
        ",501",
        "701,500",
        "700,501",
        "pct:101",
        "!701,501",
        "0,",
        ",0",
        "0,0",
        "pct:0",
        "!0,5",
        "!5,",
        "!,5",
        "!",
        ",",
        "^",
        "^^max",
        "max,",
        "pct:",
        "pct:-5",
        "1000000000,",
        "1000000000,1000000000",
        "99999999999,5",
        "5.5,",
        "pct:1e1",
        "٣,",
        "",
    ],
)
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        requests.parse_size(IMAGE, text)
    assert refused.value.field == "size"


@pytest.mark.parametrize("text", ["^701,", "^,501", "^700,501", "^pct:200", "^!2000,3000", "^1000000000,1000000000"])
def test_nothing_is_enlarged(text: str) -> None:
    with pytest.raises(NotImplementedHere):
        requests.parse_size(IMAGE, text)


def test_large_images_have_a_largest_picture() -> None:
    image = Size(30_000, 28_000)
    most = requests.parse_size(image, "max")
    assert MAX_PICTURE * 0.99 < most.width * most.height <= MAX_PICTURE
    assert most.width / most.height == pytest.approx(30 / 28, rel=1e-3)
    assert requests.parse_size(image, "!30000,28000") == most
    assert max(requests.parse_size(Size(40_000, 10), "max")) == MAX_SIDE
    for text in ("30000,28000", "pct:100", "3000,3000", "8193,100", "^4000,"):
        with pytest.raises(InvalidParameter):
            requests.parse_size(image, text)


@given(images, st.data())
def test_a_picture_is_never_larger_than_its_region_or_than_any_may_be(image: Size, data: st.DataObject) -> None:
    number = st.integers(0, 50_000)
    forms = [
        *(number.map(form.format) for form in ("{},", ",{}", "^{},")),
        *(st.builds(form.format, number, number) for form in ("{},{}", "!{},{}", "^!{},{}")),
        st.floats(0, 120).map("pct:{:.4f}".format),
        st.just("max"),
    ]
    corner, far = st.integers(0, 40_000), st.integers(1, 50_000)
    wanted = ",".join(str(data.draw(each)) for each in (corner, corner, far, far))
    try:
        region = requests.parse_region(image, wanted)
        size = requests.parse_size(Size(*region[2:]), data.draw(st.one_of(*forms)))
    except (InvalidParameter, NotImplementedHere):
        return
    assert 1 <= size.width <= region.width
    assert 1 <= size.height <= region.height
    assert max(size) <= MAX_SIDE
    assert size.width * size.height <= MAX_PICTURE


@pytest.mark.parametrize(
    ("text", "turn", "mirror"),
    [
        ("0", 0, False),
        ("90", 90, False),
        ("270.0", 270, False),
        ("360", 0, False),
        ("!0", 0, True),
        ("!180", 180, True),
    ],
)
def test_rotations(text: str, turn: int, mirror: bool) -> None:
    assert requests.parse_rotation(text) == (turn, mirror)


@pytest.mark.parametrize("text", ["", "!", "-90", "361", "090", "ninety", "90!", "!!90", "1e2", "nan", "٩٠"])
def test_what_is_no_rotation(text: str) -> None:
    with pytest.raises(InvalidParameter):
        requests.parse_rotation(text)


def test_what_the_standard_has_and_we_have_not() -> None:
    for refused in (lambda: requests.parse_rotation("22.5"), lambda: requests.parse_format("webp")):
        with pytest.raises(NotImplementedHere) as error:
            refused()
        assert error.value.status == 501
    for parse in (requests.parse_quality, requests.parse_format):
        with pytest.raises(InvalidParameter):
            parse("native")


@given(images, st.data())
def test_tiles_are_recognised(image: Size, data: st.DataObject) -> None:
    shape = (image.height, image.width)
    assert requests.level_count(image) == geometry.level_count(image.width, image.height)
    level = data.draw(st.integers(0, requests.level_count(image) - 1))
    rows, columns = geometry.tile_counts(shape, level)
    tile = PlacedTile(level, data.draw(st.integers(0, columns - 1)), data.draw(st.integers(0, rows - 1)))
    region, size = requests.tile_box(image, tile)
    window = geometry.tile_window(shape, *tile)
    assert (size.height, size.width) == window.shape
    full = geometry.to_full(window, level, shape)
    assert region == (full.x0, full.y0, *reversed(full.shape))
    request = requests.parse(image, ",".join(map(str, region)), ",".join(map(str, size)), "0", "default", "jpg")
    assert request.tile == tile
    parts = request.canonical.replace(".", "/").split("/")
    assert requests.parse(image, *parts) == request
    for changed in ({"turn": 90}, {"mirror": True}, {"quality": "gray"}, {"format": "png"}):
        assert msgspec.structs.replace(request, **changed).tile is None
    with pytest.raises(NotFound):
        requests.tile_box(image, PlacedTile(level, columns, 0))


def test_what_is_nearly_a_tile_is_none() -> None:
    image = Size(5000, 5000)
    for region, size in (
        (Box(1, 0, 256, 256), Size(256, 256)),
        (Box(0, 0, 256, 256), Size(255, 256)),
        (Box(0, 0, 512, 256), Size(256, 128)),
        (Box(0, 0, 5000, 5000), Size(5000, 5000)),
        (Box(512, 256, 512, 512), Size(256, 256)),
    ):
        assert ImageRequest(image, region, size).tile is None
    assert ImageRequest(image, Box(512, 512, 512, 512), Size(256, 256)).tile == PlacedTile(1, 1, 1)
    assert ImageRequest(image, Box(0, 0, *image), Size(157, 157)).tile == PlacedTile(5, 0, 0)


@given(images)
def test_what_a_viewer_is_told(image: Size) -> None:
    info = image_information("https://host/iiif/3/a", image)
    plain = msgspec.json.decode(msgspec.json.encode(info))
    assert (plain["@context"], plain["id"]) == ("http://iiif.io/api/image/3/context.json", "https://host/iiif/3/a")
    assert plain["tiles"][0]["scaleFactors"][-1] * 256 >= max(image)
    sizes = [(each["width"], each["height"]) for each in plain["sizes"]]
    assert sizes == sorted(sizes)
    for width, height in sizes:
        assert requests.parse_size(image, f"{width},{height}") == (width, height)


@given(images, st.data())
def test_deep_zoom_numbers_the_same_tiles(image: Size, data: st.DataObject) -> None:
    finest = (max(image) - 1).bit_length()
    level = data.draw(st.integers(0, finest))
    request = tile_request(image, level, 0, 0, "jpg")
    scale = 1 << (finest - level)
    assert request.size == (min(256, -(-image.width // scale)), min(256, -(-image.height // scale)))
    if level == 0:
        assert request.size == (1, 1)
    if scale < 1 << requests.level_count(image):
        assert request.tile == PlacedTile(finest - level, 0, 0)
    assert f'Width="{image.width}" Height="{image.height}"' in descriptor(image)
    for wrong in ((finest + 1, 0, 0), (level, 1 << 30, 0), (level, 0, 1 << 30)):
        with pytest.raises(NotFound):
            tile_request(image, *wrong, "jpg")


# ---- signatures and origins ---------------------------------------------------------------

WHICH = Identifier("sky/ramp.fits", Options(stretch="asinh", bad="#ff0000"))


def test_a_signature_lasts_until_it_expires() -> None:
    now = [1000.0]
    signer = Signer("secret", lambda: now[0])
    signed = signer.sign(WHICH, 60)
    assert identifiers.parse(unquote(signed.quoted)) == signed
    assert signer.check(signed) == 60
    now[0] = 1059.0
    assert signer.check(signed) == 1
    now[0] = 1060.0
    with pytest.raises(NotFound):
        signer.check(signed)


@given(st.builds(Identifier, paths, options))
def test_a_signature_opens_nothing_else(other: Identifier) -> None:
    signer = Signer("secret", lambda: 1000.0)
    signed = signer.sign(WHICH, 60)
    changed = other.replace(expires=signed.options.expires, signature=signed.options.signature)
    assume(changed != signed)
    with pytest.raises(NotFound):
        signer.check(changed)


def test_forged_signatures() -> None:
    signer = Signer("secret", lambda: 1000.0)
    signed = signer.sign(WHICH, 60)
    wrong = [
        WHICH.replace(expires=2000),
        WHICH.replace(signature=signed.options.signature),
        signed.replace(expires=2000),
        signed.replace(expires=0),
        signed.replace(signature=signed.options.signature[:-1]),
        signed.replace(signature=signed.options.signature.swapcase()),
        signed.replace(signature="é"),
        Signer("other secret", lambda: 1000.0).sign(WHICH, 60),
        Identifier("sky/ramp.fits;", signed.options),
    ]
    for each in wrong:
        assert each.signed
        with pytest.raises(NotFound, match="not valid"):
            signer.check(each)


def test_origins() -> None:
    allow = "Access-Control-Allow-Origin"
    assert cors_headers((), "https://a.org") == {}
    assert cors_headers(("*",), "https://a.org")[allow] == cors_headers(("*",), None)[allow] == "*"
    some = ("https://a.org", "http://b.org:8080")
    assert cors_headers(some, "https://a.org")[allow] == "https://a.org"
    for other in (None, "null", "https://a.org.evil.org", "http://a.org", "https://A.org", "http://b.org", "*", ""):
        assert cors_headers(some, other) == {"Vary": "Origin"}
    for origins in (("*",), some):
        assert not any("credentials" in name.lower() for name in cors_headers(origins, "https://a.org"))


# ---- who is nobody ------------------------------------------------------------------------


def test_what_everybody_is_granted_is_to_look_at_only(tmp_path: Path) -> None:
    shares = (
        Share(name="open", path=str(tmp_path / "open"), write=True, anonymous=True),
        Share(name="private", path=str(tmp_path / "private"), write=True),
    )
    config = Config(shares=shares, cache=str(tmp_path / "cache"))
    book = Shares(config)
    book.update((), {}, ["root"])
    assert [(grant.name, grant.write) for grant in book.grants_for("root")] == [("open", True), ("private", True)]
    (only,) = book.grants_for(ANONYMOUS)
    assert (only.name, only.write, only.path) == ("open", False, shares[0].path)


def test_nobody_is_called_as_those_who_are_not_signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: ANONYMOUS)
    assert user_name() == "user"
    monkeypatch.setattr("getpass.getuser", lambda: "alice")
    assert user_name() == "alice"

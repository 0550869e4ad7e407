"""A plugin for Toyz: a greeting, the background of an image, and a reader of graymaps."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from hello_plugin.background import boxes, measure
from hello_plugin.graymap import read_graymap
from toyz import Context, OpenFile, Picture, Plugin

plugin = Plugin("hello", title="Hello", description="Shows what a plugin is made of.")
plugin.panel("main", title="Hello", module="panel.js", icon="hand")


@plugin.task(title="Greet")
def greet(
    context: Context,
    name: Annotated[str, Meta(title="Name", min_length=1, max_length=80)] = "world",
    times: Annotated[int, Meta(title="How often", ge=1, le=5)] = 1,
    tone: Annotated[Literal["plain", "loud"], Meta(title="Tone")] = "plain",
    stars: Annotated[bool, Meta(title="With stars")] = False,
) -> dict[str, Any]:
    """Say hello, and how many greetings this session has given."""
    context.session["greetings"] = context.session.get("greetings", 0) + 1
    text = " ".join([f"Hello, {name}!"] * times)
    if tone == "loud":
        text = text.upper()
    if stars:
        text = f"✦ {text} ✦"
    return {"greeting": text, "count": context.session["greetings"]}


@plugin.task(title="Measure the background", long=True)
def background(
    context: Context,
    path: Annotated[
        str, Meta(title="File", description="share/folder/file", min_length=1, extra_json_schema={"format": "path"})
    ],
    hdu: Annotated[int | None, Meta(title="HDU", description="the first image if empty")] = None,
    box: Annotated[int, Meta(title="Box", description="pixels", ge=8, le=4096)] = 256,
) -> dict[str, Any]:
    """Find the sky level and its noise in boxes that cover the image."""
    raster = context.image(path, hdu).raster
    windows = boxes(raster.shape, box)
    rows: list[dict[str, float | None]] = []
    for number, window in enumerate(windows, start=1):
        rows.append(measure(raster.read(*window), window))
        context.emit("row", rows[-1])
        context.progress(number / len(windows), f"box {number} of {len(windows)}")
    context.log(f"measured {len(rows)} boxes of {path}")
    return {"box": box, "rows": rows}


@plugin.reader(name="Graymap", extensions=[".pgm"], magic=b"P5")
def graymap(file: OpenFile) -> Picture:
    """Read a binary graymap."""
    pixels, comments = read_graymap(file.pread(file.size, 0))
    header = {f"COMMENT{number}": text for number, text in enumerate(comments, start=1)}
    return Picture(pixels=pixels, header=header, bottom_up=False)

"""Files of regions from strangers, and paths to them, through a real server: what F, P and M say of files."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.abuse.test_messages import call, refused, still_well
from tests.web.harness import Served

HOSTILE = {
    "ten_megabytes.reg": b"{" * (10 << 20),
    "a_million.reg": b"image\n" + b"circle(1,2,3)\n" * 1_000_000,
    "too_many.reg": b"image\n" + b"circle(1,2,3)\n" * 20_000,
    "deep.reg": b"(" * 60_000 + b"\n" + b"((((" * 200_000,
    "not_numbers.reg": b"image\ncircle(nan,inf,1e999)\nellipse(1,2,-3,4,nan)\n",
    "expressions.reg": b"circle(__import__('os').getpid(),2,3)\npolygon(1+1,2**9,3,4,5,6)\n`id`\n$(id)\n",
    "semicolons.reg": b";" * 59_000 + b"text={" * 100 + b"\n",
    "brackets.crtf": b"#CRTFv0\n" + (b"circle[[" * 900 + b"\n") * 20,
    "binary.reg": bytes(range(256)) * 100,
}


@pytest.fixture
def hostile(server: Served) -> Iterator[Path]:
    """Put the files into the share."""
    folder = server.share / "regions"
    folder.mkdir()
    for name, content in HOSTILE.items():
        (folder / name).write_bytes(content)
    yield folder
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def test_files_of_regions_are_refused_with_a_sentence(server: Served, hostile: Path) -> None:
    with server.window() as window:
        image = window.call("open", "images", "open", path="sky/ramp.fits")["image"]
        for number, name in enumerate(HOSTILE):
            parameters = json.dumps({"image": image, "path": f"sky/regions/{name}"})
            error = refused(window, call("regions", "read", parameters, f"r{number}"))
            assert error["code"] in ("invalid_parameter", "too_large"), name
            assert len(error["message"]) < 200
        still_well(server, window)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "sky/../../state/toyz.sqlite",
        "sky/ramp.fits[1]",
        "sky",
        "http://127.0.0.1/a.reg",
        "-",
        "~/a.reg",
        "a\0b",
    ],
)
def test_paths_reach_what_an_image_reaches(server: Served, path: str) -> None:
    with server.window() as window:
        image = window.call("open", "images", "open", path="sky/ramp.fits")["image"]
        error = refused(window, call("regions", "read", json.dumps({"image": image, "path": path})))
        assert error["code"] in ("not_found", "unsupported_file", "forbidden")
        still_well(server, window)


def test_an_image_of_nobody_and_a_window_of_another_are_alike(server: Served) -> None:
    shape = '"shape": {"type": "point", "x": 1, "y": 1}'
    with server.window() as owner, server.window() as other:
        image = owner.call("open", "images", "open", path="sky/ramp.fits")["image"]
        for number, task in enumerate(("statistics", "sky")):
            answers = [
                refused(other, call("regions", task, f'{{"image": "{name}", {shape}}}', f"{number}{name}"[:60]))
                for name in (image, "0123456789abcdef")
            ]
            assert answers[0] == answers[1]
            assert answers[0]["code"] == "not_found"

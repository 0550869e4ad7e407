"""Regions and notes in a workspace have the shapes that are declared."""

import json
from typing import Any

import pytest

from toyz.errors import InvalidParameter
from toyz_web.workspace_entries import check_shape

IMAGE = {"path": "sky/a.fits", "hdu": 0, "layout": "single"}
CIRCLE = {"type": "circle", "x": 1, "y": 2.5, "radius": 3}
REGION = {"image": IMAGE, "shape": CIRCLE, "label": "M 13", "colour": "#f0e442", "locked": False}
NOTE = {"about": {"type": "region", "region": "a1"}, "text": "*faint*", "author": "ada", "created": 1.5, "modified": 2}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("region/a", REGION),
        ("region/a", {"image": {**IMAGE, "hdu": "mosaic", "layout": "wcs"}, "shape": CIRCLE}),
        ("region/a", {**REGION, "shape": {"type": "line", "vertices": [[0, 1], [2, 3]]}}),
        ("note/a", NOTE),
        ("note/a", {**NOTE, "about": {"type": "image", "image": IMAGE}}),
        ("note/a", {**NOTE, "about": {"type": "workspace"}}),
    ],
)
def test_what_the_page_writes_is_taken(key: str, value: Any) -> None:
    check_shape(key, json.dumps(value).encode())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("region/a", {**REGION, "shape": {**CIRCLE, "radius": 0}}),
        ("region/a", {**REGION, "shape": {"type": "polygon", "vertices": [[0, 0]] * 1001}}),
        ("region/a", {**REGION, "colour": "red"}),
        ("region/a", {**REGION, "label": "two\nlines"}),
        ("region/a", {**REGION, "more": 1}),
        ("region/a", {"shape": CIRCLE}),
        ("note/a", {**NOTE, "text": "x" * 20_001}),
        ("note/a", {**NOTE, "about": {"type": "planet"}}),
        ("note/a", {**NOTE, "created": "today"}),
    ],
)
def test_what_is_none_is_refused(key: str, value: Any) -> None:
    with pytest.raises(InvalidParameter):
        check_shape(key, json.dumps(value).encode())

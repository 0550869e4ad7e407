"""The stock IIIF validator, at level 2, against a real server."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.web.harness import served

NAME = "67352ccc-d1b0-11e1-89ae-279075081939"
"""Of the validator's test image."""
_BEGIN = """
import runpy, sys, types
try:
    import magic
except ImportError:
    # Only the tests of PDF and JPEG 2000 use it, which are beyond level 2; it needs a library of the system.
    sys.modules["magic"] = types.ModuleType("magic")
"""
_COLOURS = _BEGIN + "import json\nfrom iiif_validator.validator import ValidationInfo\n"
_COLOURS += "print(json.dumps(ValidationInfo().colorInfo))\n"
_RUN = _BEGIN + "sys.argv = sys.argv[1:]\nrunpy.run_path(sys.argv[0], run_name='__main__')\n"


def python(code: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


@pytest.fixture
def validator() -> str:
    """Give the path of the program, as it is installed."""
    path = Path(sys.executable).with_name("iiif-validate.py")
    assert path.is_file(), "iiif-validator is part of the extra `test`"
    return str(path)


def write_test_image(folder: Path) -> None:
    """Rebuild the test image: ten by ten squares of a hundred pixels, in the validator's own colours."""
    output = python(_COLOURS).stdout
    colours = np.array(json.loads(output[output.index("[[[") :]), np.uint8)
    squares = colours.transpose(1, 0, 2)
    Image.fromarray(squares.repeat(100, axis=0).repeat(100, axis=1)).save(folder / f"{NAME}.png")


def test_the_stock_validator_passes_at_level_2(tmp_path: Path, validator: str) -> None:
    share = tmp_path / "open"
    share.mkdir()
    write_test_image(share)
    (tmp_path / "sky").mkdir()
    toml = f'cors_origins = ["*"]\n[shares]\nopen = {{ path = "{share}", anonymous = true }}\n'
    with served(tmp_path, share=tmp_path / "sky", toml=toml) as server:
        host = server.url.removeprefix("http://").rstrip("/")
        options = ["-s", host, "-p", "iiif/3", "-i", f"open~1{NAME}.png", "--version=3.0", "--level=2", "-v"]
        done = python(_RUN, validator, *options)
    found = re.search(r"Done \((\d+) tests, (\d+) failures\)", done.stderr)
    assert found is not None, done.stderr
    assert (int(found[2]), done.returncode) == (0, 0), done.stderr
    assert int(found[1]) >= 33

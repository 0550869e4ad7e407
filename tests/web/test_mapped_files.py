"""A file is cut short under the hands of a locked-in session: it lives on, and keeps nothing of that."""

import itertools
import os
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
from astropy.io import fits

from tests.web.harness import Served, served, write_share

SIDE = 2560
"""Of an image that is not kept whole."""


def sessions_that_map(server: Served, path: Path) -> list[psutil.Process]:
    """Find the processes that have a file mapped; builders come and go meanwhile."""
    found = []
    for child in server.children():
        with suppress(OSError):
            if str(path) in Path(f"/proc/{child.pid}/maps").read_text(errors="replace"):
                found.append(child)
    return found


def test_what_was_read_of_a_damaged_file_is_not_kept(tmp_path: Path) -> None:
    share = write_share(tmp_path)
    path, whole = share / "wide.fits", tmp_path / "whole.fits"
    fits.PrimaryHDU(np.full((SIDE, SIDE), 400, np.float32)).writeto(path)
    shutil.copy2(path, whole)
    with served(tmp_path, share=share) as server:
        address = "api/images/sky/wide.fits/tiles/{}/0/0?cuts=0,{}"
        levels = server.http.get("api/images/sky/wide.fits").json()["levels"]
        good = server.http.get(address.format(levels - 1, 500))
        assert good.headers["cache-control"] == "private, max-age=300"
        os.truncate(path, 2880)
        damaged = server.http.get(address.format(levels - 1, 501))
        assert damaged.headers["cache-control"] == "no-store"
        shutil.copy2(whole, path)
        assert path.stat().st_mtime_ns == whole.stat().st_mtime_ns
        for cuts in (501, 502):
            restored = server.http.get(address.format(levels - 1, cuts))
            assert restored.status_code == 200
            assert restored.content != damaged.content


def test_a_mapped_file_that_is_cut_short_ends_no_session(tmp_path: Path) -> None:
    share = write_share(tmp_path)
    path = share / "wide.fits"
    fits.PrimaryHDU(np.full((SIDE, SIDE), 400, np.float32)).writeto(path)
    with served(tmp_path, share=share) as server, server.window() as window:
        image = window.call("open", "images", "open", path="sky/wide.fits")["image"]
        mapping: list[psutil.Process] = []
        for number in itertools.count(1):
            # Each with its own cuts, so that each is rendered.
            window.tile(f"tile {number}", image, 0, number % 10, 0, high=500 + number)
            mapping = sessions_that_map(server, path)
            if mapping:
                break
            assert number < 5000, "nothing was mapped"
        os.truncate(path, 2880 + 4 * SIDE * (SIDE // 2))
        above = window.tile("lost", image, 0, 0, 0, high=499)
        below = window.tile("kept", image, 0, 0, 9, high=499)
        assert above[0].format == below[0].format == "jpeg"
        assert above[1] != below[1]
        assert [each.is_running() for each in mapping] == [True]
        assert not [line for line in server.log if "process 1" in line.get("event", "")]

"""Making an exposure: the same bytes from the same seed, and a clear word when it cannot be made."""

import errno
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import fitsio
import numpy as np
import pytest
from astropy.io import fits
from rich.console import Console

import toyz_exposures
from toyz.errors import Cancelled, Conflict, Forbidden, InvalidParameter, NotFound, TooLarge, ToyzError
from toyz_exposures import cli, exposure, output
from toyz_exposures.ccd_image import render_ccd
from toyz_exposures.focal_plane import focal_plane
from toyz_exposures.scene import draw_scene
from toyz_exposures.sizes import SIZES


def make(path: Path, **options: Any) -> toyz_exposures.Result:
    settings: dict[str, Any] = {"size": "small", "ccds": 2, **options}
    return toyz_exposures.make_exposure(path, **settings)


def test_a_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.fits", "two.fits", "one.fits.fz", "two.fits.fz"):
        make(tmp_path / name, overwrite=True)
    assert (tmp_path / "one.fits").read_bytes() == (tmp_path / "two.fits").read_bytes()
    assert (tmp_path / "one.fits.fz").read_bytes() == (tmp_path / "two.fits.fz").read_bytes()
    make(tmp_path / "three.fits", seed=2)
    assert (tmp_path / "one.fits").read_bytes() != (tmp_path / "three.fits").read_bytes()


def test_a_ccd_does_not_depend_on_the_others(tmp_path: Path) -> None:
    make(tmp_path / "one.fits", ccds=3)
    with fits.open(tmp_path / "one.fits") as file:
        plane, scene = focal_plane(8), draw_scene(1, SIZES["small"])
        for index in (3, 1):
            np.testing.assert_array_equal(file[index].data, render_ccd(scene, plane.ccds[index - 1]))


def test_the_number_of_threads_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path / "one.fits", ccds=5)
    monkeypatch.setattr(exposure, "_THREADS", 1)
    make(tmp_path / "two.fits", ccds=5)
    assert (tmp_path / "one.fits").read_bytes() == (tmp_path / "two.fits").read_bytes()


def test_the_file_keeps_the_rules(tmp_path: Path) -> None:
    result = make(tmp_path / "one.fits")
    assert result.size == (tmp_path / "one.fits").stat().st_size
    assert result.size % 2880 == 0
    for path in (result.path, result.catalog, make(tmp_path / "two.fits.fz").path):
        with fits.open(path) as file:
            file.verify("exception")  # warnings are errors as well
            for hdu in file:
                assert hdu.data is None or len(hdu.data)


def test_the_compressed_file_holds_the_same_pixels(tmp_path: Path) -> None:
    plain, packed = make(tmp_path / "one.fits").path, make(tmp_path / "one.fits.fz").path
    with fits.open(plain) as one, fits.open(packed) as two, fitsio.FITS(str(packed)) as three:
        assert [hdu.name for hdu in one] == [hdu.name for hdu in two]
        for index in (1, 2):
            assert two[index].compression_type == "RICE_1"
            header = fits.getheader(packed, index, disable_image_compression=True)
            assert (header["ZQUANTIZ"], header["ZTILE1"], header["ZTILE2"]) == ("SUBTRACTIVE_DITHER_1", 255, 1)
            noise = 7.5  # adu, of the sky
            difference = two[index].data - one[index].data
            assert np.abs(difference).max() < noise  # a step is a quarter of the noise of its row
            assert np.abs(difference).mean() < noise / 8
            np.testing.assert_allclose(three[index].read(), two[index].data, rtol=1e-6)
            for card in one[index].header.cards:
                if card.keyword not in ("XTENSION", "BITPIX", "PCOUNT", "GCOUNT"):
                    assert two[index].header[card.keyword] == card.value
    assert packed.stat().st_size < 0.45 * plain.stat().st_size


def test_pixels_are_finite_and_wells_are_full_at_the_saturation(tmp_path: Path) -> None:
    make(tmp_path / "one.fits", ccds=12)
    full = 0
    with fits.open(tmp_path / "one.fits") as file:
        for hdu in file[1:]:
            assert np.isfinite(hdu.data).all()
            highest = np.float32(max(hdu.header["SATURATA"], hdu.header["SATURATB"]))
            assert hdu.data.max() <= highest
            full += int((hdu.data == highest).sum())
            assert 150 < np.median(hdu.data) < 300
    assert full > 10


@pytest.mark.parametrize(
    ("name", "options", "field"),
    [
        ("one.jpg", {}, "out"),
        (".fits", {}, "out"),
        ("one.fits", {"ccds": 0}, "ccds"),
        ("one.fits", {"ccds": 62}, "ccds"),
        ("one.fits", {"seed": -1}, "seed"),
        ("one.fits", {"seed": 1 << 40}, "seed"),
        ("one.fits", {"size": "large"}, "size"),
    ],
)
def test_bad_arguments_are_refused(tmp_path: Path, name: str, options: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidParameter) as raised:
        make(tmp_path / name, **options)
    assert raised.value.field == field
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_stays(tmp_path: Path) -> None:
    path = tmp_path / "one.fits"
    path.write_bytes(b"mine")
    with pytest.raises(Conflict):
        make(path)
    assert path.read_bytes() == b"mine"
    make(path, overwrite=True)
    assert path.stat().st_size > 1000
    path.unlink()
    catalog = tmp_path / "one.catalog.fits"
    catalog.write_bytes(b"mine")
    with pytest.raises(Conflict, match=r"one\.catalog\.fits"):
        make(path)
    assert [one.name for one in tmp_path.iterdir()] == [catalog.name]


@pytest.mark.parametrize("raised", [KeyboardInterrupt, Cancelled])
def test_a_cancelled_exposure_leaves_nothing(tmp_path: Path, raised: type[BaseException]) -> None:
    seen: list[str] = []

    def stop(_fraction: float, message: str) -> None:
        seen.append(message)
        if message == "CCD S31":
            raise raised("enough")

    with pytest.raises(raised):
        make(tmp_path / "one.fits", ccds=20, progress=stop)
    assert seen == ["drawing the field", "CCD S29", "CCD S30", "CCD S31"]
    assert list(tmp_path.iterdir()) == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ccd")]


def test_an_interrupt_from_the_keyboard_leaves_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib, signal, toyz_exposures\n"
        # What is started in the background of a shell ignores it.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def say(fraction, message): print(message, flush=True)\n"
        "toyz_exposures.make_exposure(pathlib.Path(sys.argv[1]), progress=say)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "one.fits")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        assert lines == ["drawing the field\n", "CCD S29\n"]
        assert [path.name for path in tmp_path.iterdir()] == [f".one.fits.{process.pid}.partial"]
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in said
    assert process.returncode != 0
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_is_explained(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, limits[1]))  # room for one CCD
    try:
        with pytest.raises(TooLarge, match=r"^no space is left for one\.fits$"):
            make(tmp_path / "one.fits")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOSPC, TooLarge),
        (errno.EDQUOT, TooLarge),
        (errno.EROFS, Forbidden),
        (errno.EACCES, Forbidden),
        (errno.ENOENT, NotFound),
        (errno.EIO, ToyzError),
    ],
)
def test_what_the_system_refuses_is_said_without_the_path(number: int, error: type[ToyzError]) -> None:
    said = output.explain(OSError(number, "refused", "/secret/one.fits"), "one.fits")
    assert type(said) is error
    assert "one.fits" in said.message
    assert "secret" not in said.message


def test_too_little_space_is_noticed_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="GB are free"):
        output.check_space(tmp_path / "one.fits", 1 << 60)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        make(tmp_path / "nowhere" / "one.fits")
    (tmp_path / "folder.fits").mkdir()
    with pytest.raises(InvalidParameter):
        make(tmp_path / "folder.fits", overwrite=True)


def test_the_command_says_what_it_made(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log:
        result = cli.make_exposure(tmp_path / "one.fits", ccds=2, size="small", console=Console(file=log, width=120))
    text = (tmp_path / "log").read_text()
    assert f"one.fits: 2 CCDs, 1.1 MB; {result.objects} objects in one.catalog.fits" in text
    assert "CCD S30" in text


def test_the_command_draws_nothing_for_a_file_that_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log, pytest.raises(InvalidParameter):
        cli.make_exposure(tmp_path / "one.fits", ccds=99, size="small", console=Console(file=log, width=120))
    assert (tmp_path / "log").read_text() == ""

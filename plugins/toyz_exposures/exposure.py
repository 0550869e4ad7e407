"""Make a whole exposure and its catalog."""

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from toyz.errors import InvalidParameter
from toyz_exposures.catalog import encode_catalog, list_truth
from toyz_exposures.ccd_image import render_ccd
from toyz_exposures.encoding import encode_compressed, encode_image, encode_primary
from toyz_exposures.focal_plane import CCDS, Ccd, focal_plane
from toyz_exposures.headers import ccd_header, primary_header
from toyz_exposures.output import check_space, check_target, replacing, write_all
from toyz_exposures.scene import Scene, draw_scene
from toyz_exposures.sizes import SIZES

Progress = Callable[[float, str], None]
Pieces = list[bytes | memoryview]

_ENDINGS = (".fits.fz", ".fits")
_THREADS = 2
_SEEDS = 1 << 31
_PACKED = 0.27  # bytes of a compressed image in a byte of the plain one, at most
_HEADERS = 6 * 2880  # bytes, at most


@dataclass(frozen=True)
class Result:
    """What was made.

    Attributes
    ----------
    path, catalog : Path
        The exposure and its true catalog.
    ccds : int
    objects : int
        Rows of the catalog.
    size : int
        Bytes of the exposure.
    """

    path: Path
    catalog: Path
    ccds: int
    objects: int
    size: int


def _stem(out: Path) -> str:
    for ending in _ENDINGS:
        if out.name.endswith(ending) and out.name != ending:
            return out.name.removesuffix(ending)
    raise InvalidParameter("an exposure is called NAME.fits or NAME.fits.fz", field="out")


def _check(ccds: int | None, seed: int, size: str) -> int:
    if size not in SIZES:
        raise InvalidParameter(f"the size is one of: {', '.join(SIZES)}", field="size")
    if not 0 <= seed < _SEEDS:
        raise InvalidParameter(f"the seed is between 0 and {_SEEDS - 1}", field="seed")
    number = CCDS if ccds is None else ccds
    if not 1 <= number <= CCDS:
        raise InvalidParameter(f"the number of CCDs is between 1 and {CCDS}", field="ccds")
    return number


def _make(scene: Scene, ccd: Ccd, *, compress: bool) -> Pieces:
    image = render_ccd(scene, ccd)
    header = ccd_header(ccd)
    return encode_compressed(header, image, seed=ccd.number) if compress else encode_image(header, image)


def _in_order(scene: Scene, ccds: tuple[Ccd, ...], *, compress: bool) -> Generator[tuple[Ccd, Pieces], None, None]:
    """Make CCDs in threads, a few ahead, and give them in order."""
    make = partial(_make, scene, compress=compress)
    waiting: deque[tuple[Ccd, Future[Pieces]]] = deque()
    pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="ccd")
    try:
        for ccd in ccds:
            waiting.append((ccd, pool.submit(make, ccd)))
            if len(waiting) > _THREADS:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _write_ccds(file: BinaryIO, scene: Scene, ccds: tuple[Ccd, ...], report: Progress, *, compress: bool) -> None:
    with closing(_in_order(scene, ccds, compress=compress)) as made:
        for index, (ccd, pieces) in enumerate(made, start=1):
            for piece in pieces:
                write_all(file, piece)
            report(index / len(ccds), f"CCD {ccd.name}")


def _write_catalog(path: Path, data: bytes, *, overwrite: bool) -> None:
    # The plain and the compressed file of a seed share their catalog.
    if path.is_file() and path.read_bytes() == data:
        return
    check_target(path, overwrite=overwrite)
    with replacing(path) as file:
        write_all(file, data)


def make_exposure(
    out: Path,
    *,
    ccds: int | None = None,
    seed: int = 1,
    size: str = "decam",
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Make a realistic exposure of DECam, and ``NAME.catalog.fits`` beside it.

    The file is laid out as an InstCal product of the Community Pipeline. The same seed and size
    give the same bytes; a CCD is the same however many others are made.

    Parameters
    ----------
    out : Path
        ``NAME.fits``, or ``NAME.fits.fz`` for RICE_1 compression.
    ccds : int, optional
        How many CCDs, counted from S29; all 61 by default.
    seed : int
        Of everything random.
    size : str
        ``decam`` (2046 × 4094 pixels a CCD, 2.0 GB in all) or ``small`` (255 × 511, 33 MB).
    overwrite : bool
        Whether files in the way are replaced.
    progress : callable, optional
        Called with a fraction and a message after each CCD; what it raises ends the work and
        leaves no file behind.

    Raises
    ------
    InvalidParameter
        If a parameter is out of range.
    Conflict
        If a file is in the way.
    NotFound, Forbidden, TooLarge, ToyzError
        If the file cannot be written.
    """
    out = Path(out)
    stem, number = _stem(out), _check(ccds, seed, size)
    check_target(out, overwrite=overwrite)
    compress = out.name.endswith(".fz")
    options = SIZES[size]
    plane = focal_plane(options.scale)
    chosen = plane.ccds[:number]
    plain = sum(4 * ccd.shape[0] * ccd.shape[1] + _HEADERS for ccd in chosen)
    check_space(out, int(plain * _PACKED) if compress else plain)
    report = progress or (lambda _fraction, _message: None)
    report(0.0, "drawing the field")
    scene = draw_scene(seed, options)
    truth = list_truth(scene, chosen)
    catalog = out.with_name(f"{stem}.catalog.fits")
    with replacing(out) as file:
        write_all(file, encode_primary(primary_header(plane, options, seed, number)))
        _write_ccds(file, scene, chosen, report, compress=compress)
        written = file.tell()
        # At the end, so that an exposure that was given up leaves no catalog.
        _write_catalog(catalog, encode_catalog(truth, stem, seed), overwrite=overwrite)
    return Result(path=out, catalog=catalog, ccds=number, objects=len(truth), size=written)

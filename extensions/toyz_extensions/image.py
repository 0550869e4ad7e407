"""The reader of pictures: PNG, JPEG and TIFF, by Pillow.

A picture is described from its header alone. Its pixels are decoded in a process that may die
or be ended, because a few kilobytes can unpack to gigabytes.
"""

import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageFile, ImageOps, JpegImagePlugin, PngImagePlugin, TiffImagePlugin

from toyz.errors import BadRequest, CorruptFile, NotFound, TooLarge, UnsupportedFile
from toyz.readers import Card, HduInfo, OpenFile, Pixels, Raster
from toyz_extensions.positioned import PositionedStream

MAX_PIXELS = 1 << 30
"""Pixels of a picture: 32768 × 32768."""
MAX_PAGES = 1000

_Opener = Callable[[io.BufferedReader], ImageFile.ImageFile]
_OPENERS: dict[bytes, _Opener] = {
    b"\x89PNG\r\n\x1a\n": PngImagePlugin.PngImageFile,
    b"\xff\xd8\xff": JpegImagePlugin.JpegImageFile,
    b"II*\0": TiffImagePlugin.TiffImageFile,
    b"MM\0*": TiffImagePlugin.TiffImageFile,
    b"II+\0": TiffImagePlugin.TiffImageFile,
    b"MM\0+": TiffImagePlugin.TiffImageFile,
}
_ORIENTATION = 0x0112
_TURNED = (5, 6, 7, 8)
"""Orientations of EXIF in which rows are stored as columns."""
_GREY = {
    "1": "uint8",
    "L": "uint8",
    "LA": "uint8",
    "I;16": "uint16",
    "I;16B": "uint16",
    "I;16L": "uint16",
    "I;16N": "uint16",
    "I": "int32",
    "F": "float32",
}


@contextmanager
def _opened(file: OpenFile) -> Iterator[ImageFile.ImageFile]:
    """Open a picture for its header; whatever Pillow raises becomes an error of ours.

    The classes are called and not `Image.open`, whose limit on pixels is a global of the
    process, and lower than ours.
    """
    head = file.pread(16, 0)
    opener = next((opener for magic, opener in _OPENERS.items() if head.startswith(magic)), None)
    if opener is None:
        raise UnsupportedFile("the file is no PNG, JPEG or TIFF picture")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with opener(io.BufferedReader(PositionedStream(file.pread, lambda: file.size))) as picture:
                _check_size(picture)
                yield picture
        except (UnsupportedFile, CorruptFile, TooLarge, BadRequest):
            raise
        except (Image.DecompressionBombError, MemoryError):
            raise TooLarge("the picture is too large to be decoded") from None
        except Exception as error:  # Pillow's plugins raise what their parts raise
            raise CorruptFile(f"the picture cannot be read ({type(error).__name__})") from None


def _check_size(picture: ImageFile.ImageFile) -> None:
    if picture.width * picture.height > MAX_PIXELS:
        raise TooLarge(f"a picture of {picture.width} × {picture.height} pixels is too large to be shown")


def _orientation(picture: ImageFile.ImageFile) -> int:
    """How EXIF says that a JPEG is held, from 1 (upright) to 8; of a TIFF Pillow sees to it itself."""
    if picture.format != "JPEG":
        return 1
    try:
        found = picture.getexif().get(_ORIENTATION, 1)
    except Exception:  # damaged EXIF is no reason not to show the picture
        return 1
    return found if found in range(1, 9) else 1


class PictureSource:
    """An opened picture; further pages of a TIFF are planes, as far as they are like the first.

    Parameters
    ----------
    file : OpenFile

    Raises
    ------
    CorruptFile, TooLarge, UnsupportedFile
    """

    bottom_up = False

    def __init__(self, file: OpenFile) -> None:
        self._file = file
        self.warnings: list[str] = []
        with _opened(file) as picture:
            form = picture.format or ""
            colour = picture.mode not in _GREY
            dtype = _GREY.get(picture.mode, "uint8")
            self._cards = [Card("FORMAT", form, ""), Card("MODE", picture.mode, "of Pillow")]
            plane = (picture.height, picture.width)
            if _orientation(picture) in _TURNED:
                plane = plane[::-1]
            pages = self._count_pages(picture)
        if pages > 1:
            self._cards.append(Card("PAGES", str(pages), ""))
        shape = plane if pages == 1 else (pages, *plane)
        self.hdus: list[HduInfo] = [
            HduInfo(
                index=0,
                kind="image" if all(plane) else "empty",
                shape=(*shape, 3) if colour else shape,
                dtype=dtype,
                compression=form.lower(),
                planes=pages,
                channels=3 if colour else 1,
                windowed=False,
            )
        ]

    def _count_pages(self, picture: ImageFile.ImageFile) -> int:
        first = (picture.size, picture.mode)
        if picture.format != "TIFF":
            return 1
        page = 1
        try:
            while page < MAX_PAGES:
                picture.seek(page)
                if (picture.size, picture.mode) != first:
                    self.warnings.append(f"page {page + 1} is unlike the first; the pages before it are shown")
                    break
                page += 1
        except EOFError:
            return page
        except Exception as error:  # a damaged page ends the list, it does not hide the others
            self.warnings.append(f"page {page + 1} cannot be read ({type(error).__name__})")
        return page

    def cards(self, hdu: int) -> Sequence[Card]:
        """Format and mode.

        Raises
        ------
        NotFound
        """
        self._check(hdu, 0)
        return self._cards

    def header_text(self, hdu: int) -> str:
        """Empty: a picture has no FITS header."""
        self._check(hdu, 0)
        return ""

    def raster(self, hdu: int, plane: int = 0) -> Raster:
        """Refuse: a picture has to be decoded whole.

        Raises
        ------
        UnsupportedFile
        """
        self._check(hdu, plane)
        raise UnsupportedFile("a picture has to be decoded first")

    def decode(self, hdu: int, plane: int = 0) -> Pixels:
        """Decode a page: ``(ny, nx)`` if it is grey, else ``(ny, nx, 3)`` of `uint8`, row 0 on top.

        Raises
        ------
        CorruptFile, TooLarge, NotFound
        """
        self._check(hdu, plane)
        with _opened(self._file) as picture:
            picture.seek(plane)
            _check_size(picture)
            mode = picture.mode
            grey = _GREY.get(mode)
            converted = (
                picture.convert("RGB" if grey is None else "L") if grey is None or mode in ("1", "LA") else picture
            )
            if _orientation(picture) != 1:
                converted = ImageOps.exif_transpose(converted)
            return np.array(converted).astype(grey or "uint8", copy=False)

    def close(self) -> None:
        """Nothing is held open."""

    def _check(self, hdu: int, plane: int) -> None:
        if hdu != 0:
            raise NotFound("a picture has only HDU 0")
        if not 0 <= plane < self.hdus[0].planes:
            raise BadRequest(f"the picture has the planes 0 to {self.hdus[0].planes - 1}", field="plane")


class PictureReader:
    """The reader of PNG, JPEG and TIFF."""

    name = "Picture"
    extensions = (".png", ".jpg", ".jpeg", ".tif", ".tiff")

    def sniff(self, name: str, head: bytes) -> bool:
        """Whether a file begins as one of the formats does."""
        return head.startswith(tuple(_OPENERS))

    def open(self, file: OpenFile) -> PictureSource:
        """Read the header.

        Raises
        ------
        CorruptFile, TooLarge, UnsupportedFile
        """
        return PictureSource(file)

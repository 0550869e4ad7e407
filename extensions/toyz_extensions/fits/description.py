"""What is told of an HDU before its data are touched."""

import math
from dataclasses import dataclass, replace

from toyz.readers import HduInfo
from toyz_extensions.fits.cards import Header
from toyz_extensions.fits.imageheader import uncompressed_text
from toyz_extensions.fits.index import Hdu
from toyz_extensions.fits.preflight import RICE, Implausible, Layout, check_compressed, check_plane, is_compressed
from toyz_extensions.fits.scaling import Scaling, scaling_of


@dataclass(frozen=True, slots=True)
class Description:
    """An HDU as it is told of, and as it is read.

    Attributes
    ----------
    info : HduInfo
    layout : Layout or None
        Of the image (the uncompressed one); None if there is none that can be read.
    scaling : Scaling or None
        None for what is no image.
    """

    info: HduInfo
    layout: Layout | None = None
    scaling: Scaling | None = None


def describe(hdu: Hdu, size: int, *, complete: bool) -> Description:
    """Describe an HDU of a file of `size` bytes."""
    name = hdu.header.string("EXTNAME")
    if name == "COMPRESSED_IMAGE" and is_compressed(hdu.header):  # the table's; the image's own may follow
        name = Header(uncompressed_text(hdu.header)).string("EXTNAME")
    info = HduInfo(index=hdu.number, name=name, kind="other", unit=hdu.header.string("BUNIT"), problem=hdu.problem)
    if hdu.layout is None:
        return Description(info)
    try:
        layout = check_compressed(hdu.header, hdu.layout) if is_compressed(hdu.header) else hdu.layout
        if layout.kind != "image":
            shape = layout.shape if layout.kind != "empty" else ()
            return Description(_with(info, kind=layout.kind, shape=shape, problem=""))
        info = _with(info, kind="image", shape=layout.shape, compression=layout.compression)
        check_plane(layout.shape)
        gaps = hdu.data + hdu.layout.length > size
        if complete and hdu.data >= size:
            raise Implausible("the file ends before its data begin")
        scaling = scaling_of(hdu.header, layout.bitpix, gaps=gaps)
    except ValueError as fault:
        return Description(_with(info, problem=str(fault)))
    info = _with(
        info,
        dtype=scaling.name,
        planes=math.prod(layout.shape[:-2]),
        windowed=layout.compression in ("", *RICE),
        problem="",
    )
    return Description(info, replace(layout), scaling)


def _with(info: HduInfo, **changes: object) -> HduInfo:
    return HduInfo(**({field: getattr(info, field) for field in info.__struct_fields__} | changes))

"""The manifest of the plugin and its task."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from toyz import Context, Plugin
from toyz_exposures.focal_plane import Ccd, focal_plane
from toyz_exposures.sizes import SIZES

plugin = Plugin(
    "exposures",
    title="Made exposures",
    description="The focal plane of DECam, and realistic exposures made from it by `toyz make-exposure`.",
)


def _row(ccd: Ccd) -> dict[str, Any]:
    section = ccd.detector_section
    return {
        "name": ccd.name,
        "number": ccd.number,
        "detector": ccd.detector,
        "width": ccd.shape[1],
        "height": ccd.shape[0],
        "detsec": [section.x0, section.x1, section.y0, section.y1],
        "amplifiers": [
            {
                "name": amplifier.name,
                "columns": [amplifier.data.x0, amplifier.data.x1],
                "gain": amplifier.gain,
                "read_noise": amplifier.read_noise,
                "saturation": amplifier.saturation,
            }
            for amplifier in ccd.amplifiers
        ],
    }


@plugin.task(title="Focal plane")
def describe_layout(
    context: Context,
    size: Annotated[Literal["small", "decam"], Meta(description="Pixels of DECam, or eight times coarser")] = "decam",
) -> dict[str, Any]:
    """Describe the CCDs of DECam.

    Sections are FITS pixels with their ends, gains electrons an adu, noise in electrons and
    saturation in adu.
    """
    del context
    plane = focal_plane(SIZES[size].scale)
    return {"width": plane.detsize[0], "height": plane.detsize[1], "ccds": [_row(ccd) for ccd in plane.ccds]}

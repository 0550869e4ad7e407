"""How a request names an image."""

from typing import NamedTuple

from toyz.protocol import LayoutChoice, Match

AUTO = "auto"


class ImageKey(NamedTuple):
    """Which image of a file, in the words of ``images.open``; it may be that of another name."""

    path: str
    hdu: int | str = AUTO
    plane: int = 0
    layout: LayoutChoice = "auto"
    match: Match = "none"

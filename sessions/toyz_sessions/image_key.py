"""How a request names an image."""

from typing import NamedTuple

from toyz.protocol import LayoutChoice, Match

AUTO = "auto"


class ImageKey(NamedTuple):
    """Which image of a file, in the words of ``images.open``; with ``auto`` the file decides."""

    path: str
    hdu: int | str = AUTO
    plane: int = 0
    layout: LayoutChoice = "auto"
    match: Match = "none"

"""Colour tables: those of matplotlib, by its names, from the `cmap` package."""

from functools import cache

import cmap
import numpy as np
from numpy.typing import NDArray

from toyz.errors import InvalidParameter

# A name without a colon is found in the catalogue under several makers; these say which.
_GROUPS: dict[str, dict[str, str]] = {
    "perceptual": {
        "viridis": "bids:viridis",
        "plasma": "bids:plasma",
        "inferno": "bids:inferno",
        "magma": "bids:magma",
        "cividis": "cividis:cividis",
        "cubehelix": "cubehelix:cubehelix",
    },
    "sequential": {
        "gray": "matlab:gray",
        "bone": "matlab:bone",
        "pink": "matlab:pink",
        "hot": "matlab:hot",
        "afmhot": "gnuplot:afmhot",
        "gist_heat": "yorick:heat",
        "copper": "matlab:copper",
        "cool": "matlab:cool",
        "spring": "matlab:spring",
        "summer": "matlab:summer",
        "autumn": "matlab:autumn",
        "winter": "matlab:winter",
        "Greys": "colorbrewer:greys",
        "Blues": "colorbrewer:blues",
        "Greens": "colorbrewer:greens",
        "Oranges": "colorbrewer:oranges",
        "Reds": "colorbrewer:reds",
        "Purples": "colorbrewer:purples",
        "YlOrBr": "colorbrewer:ylorbr",
        "YlOrRd": "colorbrewer:ylorrd",
        "YlGnBu": "colorbrewer:ylgnbu",
        "BuPu": "colorbrewer:bupu",
    },
    "diverging": {
        "coolwarm": "matplotlib:coolwarm",
        "bwr": "matplotlib:bwr",
        "seismic": "matplotlib:seismic",
        "RdBu": "colorbrewer:rdbu",
        "RdGy": "colorbrewer:rdgy",
        "RdYlBu": "colorbrewer:rdylbu",
        "PuOr": "colorbrewer:puor",
        "BrBG": "colorbrewer:brbg",
        "Spectral": "colorbrewer:spectral",
    },
    "cyclic": {
        "twilight": "matplotlib:twilight",
        "twilight_shifted": "matplotlib:twilight_shifted",
        "hsv": "matlab:hsv",
    },
    "other": {
        "turbo": "google:turbo",
        "jet": "matlab:jet",
        "rainbow": "gnuplot:rainbow",
        "gist_rainbow": "yorick:rainbow",
        "gist_earth": "yorick:earth",
        "gist_stern": "yorick:stern",
        "gist_ncar": "yorick:ncar",
        "nipy_spectral": "matplotlib:nipy_spectral",
        "terrain": "matplotlib:terrain",
        "ocean": "gnuplot:ocean",
        "CMRmap": "matplotlib:cmrmap",
        "gnuplot": "gnuplot:gnuplot",
        "gnuplot2": "gnuplot:gnuplot2",
    },
}
_FOUND = {name: (group, entry) for group, entries in _GROUPS.items() for name, entry in entries.items()}


def names() -> list[str]:
    """Name the tables, group by group."""
    return list(_FOUND)


def group(name: str) -> str:
    """Say of which kind a table is: perceptual, sequential, diverging, cyclic or other.

    Raises
    ------
    InvalidParameter
    """
    return _entry(name)[0]


@cache
def table(name: str) -> NDArray[np.uint8]:
    """Give the 256 colours of a table.

    Returns
    -------
    ndarray of uint8
        ``(256, 3)``, read-only: red, green, blue.

    Raises
    ------
    InvalidParameter
        If there is none of that name.
    """
    colours = np.asarray(cmap.Colormap(_entry(name)[1]).lut(256), np.float64)[:, :3]
    result = (colours * 255.0 + 0.5).astype(np.uint8)
    result.setflags(write=False)
    return result


def swatch(name: str, count: int = 32) -> list[str]:
    """Give `count` colours spread over a table as ``#rrggbb``.

    Raises
    ------
    InvalidParameter
    """
    numbers = np.linspace(0, 255, count).round().astype(int)
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in table(name)[numbers].tolist()]


def parse_colour(text: str) -> tuple[int, int, int]:
    """Read ``#rrggbb``.

    Raises
    ------
    InvalidParameter
    """
    try:
        if len(text) != 7 or text[0] != "#":
            raise ValueError(text)
        red, green, blue = bytes.fromhex(text[1:])
    except ValueError:
        raise InvalidParameter(f"not a colour: {text[:20]!r}", field="style.bad") from None
    return red, green, blue


def _entry(name: str) -> tuple[str, str]:
    try:
        return _FOUND[name]
    except KeyError:
        raise InvalidParameter(f"there is no colormap {name[:64]!r}", field="style.colormap") from None

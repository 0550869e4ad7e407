"""What a look at one thing has found."""

from enum import StrEnum

import msgspec


class Level(StrEnum):
    """How it is."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


class Finding(msgspec.Struct, frozen=True):
    """One line of the report.

    Attributes
    ----------
    name : str
        What was looked at.
    level : Level
    found : str
        How it is.
    means : str
        What that means, where it is not as it should be.
    advice : str
        What to do.
    """

    name: str
    level: Level
    found: str
    means: str = ""
    advice: str = ""


def judged(name: str, found: str, *, good: bool, means: str, advice: str, worst: Level = Level.WARN) -> Finding:
    """Give a finding that is fine, or means something."""
    return Finding(name, Level.OK, found) if good else Finding(name, worst, found, means, advice)

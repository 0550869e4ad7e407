"""``toyz doctor``: what this host offers a server, what is in force, and what is wrong with its configuration."""

from collections.abc import Callable, Iterable

from toyz.config import Config
from toyz_web.doctor import host, places, settings, shares, software
from toyz_web.doctor.finding import Finding, Level

PARTS: tuple[tuple[str, Callable[[Config], Iterable[Finding]]], ...] = (
    ("Sandbox", host.sandbox),
    ("Host", host.resources),
    ("Software", software.examine),
    ("Folders", places.examine),
    ("Shares", shares.examine),
    ("Configuration", settings.examine),
)

__all__ = ["PARTS", "Finding", "Level", "examine"]


def examine(config: Config) -> dict[str, list[Finding]]:
    """Look at everything; what cannot be looked at is a finding of its own."""
    return {name: list(_each(part, config)) for name, part in PARTS}


def _each(part: Callable[[Config], Iterable[Finding]], config: Config) -> Iterable[Finding]:
    try:
        yield from part(config)
    except Exception as error:  # a doctor must not die of what it finds
        yield Finding(
            "this part",
            Level.BAD,
            f"{type(error).__name__}: {error}",
            "it could not be examined",
            "Report this, please.",
        )

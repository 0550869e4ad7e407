"""Lenses that the tests model: published positions and delays, and mocks whose mass is known."""

from typing import Any

from toyz_glass.core.lens import Delay, Image, LensSystem, Source
from toyz_glass.core.standard import standard_lens

PG1115 = Source(
    1.722,
    (
        Image(0.355, 1.322, "min"),
        Image(-0.909, -0.714, "min"),
        Image(-1.093, -0.26, "saddle"),
        Image(0.717, -0.627, "saddle"),
    ),
    (Delay(13.3), None, Delay(11.7)),
)
"""Coles 2008's set-up of PG 1115+080, as GLASS ships it: exact delays, one known by its order only."""


def pg1115(**options: Any) -> LensSystem:
    """Give PG 1115+080 with the usual rules."""
    return standard_lens(0.31, (PG1115,), name="PG1115+080", **options)

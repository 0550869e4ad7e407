"""The manifest of the plugin and its tasks.

What they do is imported when it is done (`toyz_glass.work`), and not with this module: each start of the server would
pay a second and sixty megabytes for the core and its libraries.
"""

from typing import Annotated, Any

from msgspec import Meta

from toyz import Context, Plugin, TaskLimits

plugin = Plugin(
    "glass",
    title="Lens models",
    description="Free-form models of gravitational lenses: ensembles of mass maps from the marked images of a source.",
)
LIMITS = TaskLimits(time=3600)
Lens = Annotated[
    dict[str, Any],
    Meta(title="Lens", description="z_lens, z_source, images, delays and settings, as docs/glass.md has them"),
]
Count = Annotated[int, Meta(ge=1, le=5000)]
Seed = Annotated[int, Meta(ge=0, le=1 << 53)]
Number = Annotated[int, Meta(title="Source", description="of which results are given", ge=0, le=99)]


def warm() -> None:
    """Load what the tasks do, compiled."""
    from toyz_glass import work  # noqa: PLC0415 (see above)

    work.warm()


@plugin.task(title="Model a lens", long=True, warm=warm, limits=LIMITS)
def model(
    context: Context,
    lens: Lens,
    models: Annotated[Count | None, Meta(title="Models", description="as the lens says if empty")] = None,
    seed: Annotated[Seed | None, Meta(title="Seed", description="the same gives the same models")] = None,
    source: Number = 0,
) -> dict[str, Any]:
    """Draw an ensemble of mass maps for a lens, and give what it says.

    A first few models are told of by the event `preview`, with the same keys as the result.
    """
    from toyz_glass import work  # noqa: PLC0415 (see above)

    return work.model(context, lens, models, seed, source)


@plugin.task(title="Read the marks in other ways", long=True, warm=warm, limits=LIMITS)
def readings(
    context: Context, lens: Lens, source: Number = 0, seed: Annotated[Seed, Meta(title="Seed")] = 0
) -> list[dict[str, Any]]:
    """Exchange each minimum and saddle point, model every reading, and rank them from the best, with reasons.

    `exchanged` has the numbers of the two images that a reading exchanges, and is null for the marks as they are.
    """
    from toyz_glass import work  # noqa: PLC0415 (see above)

    return work.readings(context, lens, source, seed)

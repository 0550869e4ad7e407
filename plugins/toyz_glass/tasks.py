"""The manifest of the plugin and its tasks.

The core, with all that it needs, is imported by the tasks and not with this module: each start of the server would
pay for it a second and sixty megabytes.
"""

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

from toyz import Context, Plugin, TaskLimits
from toyz.errors import BadRequest, InvalidParameter

if TYPE_CHECKING:
    from toyz_glass.core.ensemble import Ensemble
    from toyz_glass.core.surface import Surface

plugin = Plugin(
    "glass",
    title="Lens models",
    description="Free-form models of gravitational lenses: ensembles of mass maps from the marked images of a source.",
)
Lens = Annotated[
    dict[str, Any],
    Meta(title="Lens", description="z_lens, z_source, images, delays and settings, as docs/glass.md has them"),
]

Count = Annotated[int, Meta(ge=1, le=5000)]
Seed = Annotated[int, Meta(ge=0, le=1 << 53)]


def warm() -> None:
    """Import the core, and compile its walk."""
    from toyz_glass.core import labelings, one_thread, results, walk  # noqa: F401, PLC0415

    walk.warm()
    one_thread.controller()


@plugin.task(title="Model a lens", long=True, warm=warm, limits=TaskLimits(time=3600))
def model(
    context: Context,
    lens: Lens,
    models: Annotated[Count | None, Meta(title="Models", description="as the lens says if empty")] = None,
    seed: Annotated[Seed | None, Meta(title="Seed", description="the same gives the same models")] = None,
    source: Annotated[int, Meta(title="Source", description="of which results are given", ge=0, le=99)] = 0,
) -> dict[str, Any]:
    """Draw an ensemble of mass maps for a lens, and give what it says.

    A first few models are told of by the event `preview`, with the same keys as the result.
    """
    from toyz_glass.core.errors import LensError  # noqa: PLC0415
    from toyz_glass.core.inputs import read_lens  # noqa: PLC0415
    from toyz_glass.core.results import results, surface_of  # noqa: PLC0415
    from toyz_glass.core.sample import sample  # noqa: PLC0415

    surface: Surface | None = None

    def tell(part: float, preview: "Ensemble | None") -> None:
        nonlocal surface
        if preview is not None:
            surface = surface_of(preview, source=source)
            context.emit("preview", results(preview, source=source, surface=surface))
        context.progress(part, f"{part:.0%} of the models")

    try:
        system, settings = read_lens(lens)
        if source >= len(system.sources):
            raise InvalidParameter("the lens has no such source", field="parameters.source")
        wanted = settings.models if models is None else models
        ensemble = sample(system, wanted, settings.seed if seed is None else seed, progress=tell)
        return results(ensemble, source=source, surface=surface)
    except LensError as problem:
        raise _told(problem) from problem


@plugin.task(title="Read the marks in other ways", long=True, warm=warm, limits=TaskLimits(time=3600))
def readings(
    context: Context,
    lens: Lens,
    source: Annotated[int, Meta(title="Source", ge=0, le=99)] = 0,
    seed: Annotated[Seed, Meta(title="Seed")] = 0,
) -> list[dict[str, Any]]:
    """Exchange each minimum and saddle point, model every reading, and rank them from the best, with reasons.

    `exchanged` has the numbers of the two images that a reading exchanges, and is null for the marks as they are.
    """
    from toyz_glass.core.errors import LensError  # noqa: PLC0415
    from toyz_glass.core.inputs import read_lens  # noqa: PLC0415
    from toyz_glass.core.labelings import rank  # noqa: PLC0415
    from toyz_glass.core.results import plain, summary  # noqa: PLC0415

    try:
        system, _ = read_lens(lens)
        if source >= len(system.sources):
            raise InvalidParameter("the lens has no such source", field="parameters.source")
        ranked = rank(system, source, seed, lambda part: context.progress(part, f"{part:.0%} of the readings"))
    except LensError as problem:
        raise _told(problem) from problem
    return [
        {
            "exchanged": each.exchanged,
            "kinds": [image.kind for image in each.lens.sources[source].images],
            "score": plain(each.score),
            "overlooked": plain(each.overlooked),
            "reasons": each.reasons,
            "summary": None if each.ensemble is None else summary(each.ensemble),
        }
        for each in ranked
    ]


def _told(problem: Exception) -> Exception:
    """Give an error of the core as the server tells it."""
    from toyz_glass.core.errors import BadInput  # noqa: PLC0415

    if isinstance(problem, BadInput):
        field = f"parameters.lens.{problem.field}" if problem.field else "parameters.lens"
        return InvalidParameter(problem.message, field=field)
    return BadRequest(str(problem))

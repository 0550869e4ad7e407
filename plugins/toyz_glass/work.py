"""What the tasks of the plugin do: here and not with the manifest, because it needs the core and all its libraries."""

from typing import Any, NoReturn

from toyz import Context
from toyz.errors import BadRequest, InvalidParameter
from toyz_glass.core import one_thread, walk
from toyz_glass.core.ensemble import Ensemble
from toyz_glass.core.errors import BadInput, LensError
from toyz_glass.core.inputs import Settings, read_lens
from toyz_glass.core.labelings import rank
from toyz_glass.core.lens import LensSystem
from toyz_glass.core.results import plain, results, summary, surface_of
from toyz_glass.core.sample import sample
from toyz_glass.core.surface import Surface


def warm() -> None:
    """Compile the walk, and find the libraries whose threads are limited."""
    walk.warm()
    one_thread.controller()


def model(context: Context, lens: dict[str, Any], models: int | None, seed: int | None, source: int) -> dict[str, Any]:
    """Draw an ensemble, and give its `results`; the event `preview` has those of the first few models.

    Raises
    ------
    InvalidParameter
        With the path of what no lens has.
    BadRequest
        If no mass map does what is asked.
    """
    surface: Surface | None = None

    def tell(part: float, preview: Ensemble | None) -> None:
        nonlocal surface
        if preview is not None:
            surface = surface_of(preview, source=source)
            context.emit("preview", results(preview, source=source, surface=surface))
        context.progress(part, f"{part:.0%} of the models")

    try:
        system, settings = _read(lens, source)
        wanted = settings.models if models is None else models
        ensemble = sample(system, wanted, settings.seed if seed is None else seed, progress=tell)
        return results(ensemble, source=source, surface=surface)
    except LensError as problem:
        _tell(problem)


def readings(context: Context, lens: dict[str, Any], source: int, seed: int) -> list[dict[str, Any]]:
    """Rank the readings of the marks; errors as of `model`."""
    try:
        system, _ = _read(lens, source)
        ranked = rank(system, source, seed, lambda part: context.progress(part, f"{part:.0%} of the readings"))
    except LensError as problem:
        _tell(problem)
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


def _read(lens: dict[str, Any], source: int) -> tuple[LensSystem, Settings]:
    system, settings = read_lens(lens)
    if source >= len(system.sources):
        raise InvalidParameter("the lens has no such source", field="parameters.source")
    return system, settings


def _tell(problem: LensError) -> NoReturn:
    """Raise an error of the core as the server tells it."""
    if isinstance(problem, BadInput):
        field = f"parameters.lens.{problem.field}" if problem.field else "parameters.lens"
        raise InvalidParameter(problem.message, field=field) from problem
    raise BadRequest(str(problem)) from problem

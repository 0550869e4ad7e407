"""How well made-up lenses are recovered: ``python -m tests.lens_study``, or ``make lens-study``.

Each mock is modelled from its true marks, or from marks that are off by chance, and what is found is compared with the
truth. The table says for each family of mocks the mean and the scatter of the ratio found / true, how often the truth
lies inside the band of 68 %, and half the band's width.
"""

import argparse
import json
import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tests.lens_study.mocks import FAMILIES, Mock, make_mocks
from toyz_glass.core.distances import HUBBLE_GYR
from toyz_glass.core.errors import LensError
from toyz_glass.core.inputs import read_lens, write_lens
from toyz_glass.core.lens import Source
from toyz_glass.core.sample import sample
from toyz_glass.core.standard import standard_lens

Array = NDArray[np.float64]
WIDE = {"shortest": HUBBLE_GYR / 150, "longest": HUBBLE_GYR / 30}
"""1/H0 that no truth is near the ends of."""


def _shifted(source: Source, sigma: float, rng: np.random.Generator) -> Source:
    """Put each mark off by chance, arcsec."""
    images = tuple(
        replace(image, x=image.x + rng.normal(0, sigma), y=image.y + rng.normal(0, sigma)) for image in source.images
    )
    return replace(source, images=images)


def _recovered(
    mock: Mock, settings: dict[str, object], shift: float, models: int, rng: np.random.Generator
) -> Array | None:
    """Give found / true, whether the truth is inside the band, and half its width, for θ_E, H0 and the mean profile."""
    source = _shifted(mock.source, shift, rng) if shift else mock.source
    given = write_lens(standard_lens(mock.z, (source,)))
    rules = {"H0": WIDE} | dict(settings.get("constraints", {}))  # type: ignore[call-overload]
    lens, _ = read_lens({**given, "settings": {**settings, "constraints": rules}})
    try:
        ensemble = sample(lens, models, seed=1)
    except LensError:
        return None
    profile = ensemble.profile()
    within = np.array([np.interp(mock.radii, profile.edges, mean) for mean in profile.mean_within]) / lens.z_caps[0]
    rows = []
    for found, truth in ((ensemble.einstein_radius(), mock.einstein), (ensemble.hubble, mock.hubble)):
        low, middle, high = ensemble.band(found)
        rows.append([middle / truth, float(low <= truth <= high), (high - low) / 2 / middle])
    low, middle, high = ensemble.band(within)
    inside = (low <= mock.mean_kappa) & (mock.mean_kappa <= high)
    rows.append([np.mean(middle / mock.mean_kappa), np.mean(inside), np.mean((high - low) / 2 / middle)])
    return np.array(rows)


def main() -> None:
    """Run the study, and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", choices=FAMILIES, action="append", help="repeatable; all by default")
    parser.add_argument("--mocks", type=int, default=100, help="of each family")
    parser.add_argument("--models", type=int, default=400, help="of each mock")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shift", type=float, default=0.0, help="standard deviation of the marks, arcsec")
    parser.add_argument("--settings", type=json.loads, default={}, help="JSON, as in the files of toyz-glass")
    given = parser.parse_args()
    print(f"{given.mocks} mocks of each family, seed {given.seed}, marks off by {given.shift} arcsec,")
    print(f"settings {json.dumps(given.settings)}\n")
    print("| family | of | mean found / true | scatter | inside the 68 % band | half its width |")
    print("|---|---|---|---|---|---|")
    for family in given.family or FAMILIES:
        rng = np.random.default_rng(given.seed)
        begin = time.perf_counter()
        mocks = make_mocks(family, given.mocks, given.seed)
        rows = [_recovered(mock, given.settings, given.shift, given.models, rng) for mock in mocks]
        table = np.array([row for row in rows if row is not None])
        for number, what in enumerate(("θ_E", "H0", "⟨κ⟩ within R")):
            ratio, inside, width = table[:, number].T
            line = (
                f"{np.mean(ratio):.3f}",
                f"{np.std(ratio):.3f}",
                f"{np.mean(inside):.0%}",
                f"{np.median(width):.1%}",
            )
            print(f"| {family} | {what} | {' | '.join(line)} |", flush=True)
        print(f"\n{len(mocks) - len(table)} of them have no model; {time.perf_counter() - begin:.0f} s.\n")


if __name__ == "__main__":
    main()

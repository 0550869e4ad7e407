"""Lines over a lens."""

import numpy as np
import pytest

from tests.plugins.glass import mock
from toyz_glass.core.curves import caustics, critical_curves, saddle_contours
from toyz_glass.core.sample import sample
from toyz_glass.core.surface import Surface, inverse_magnification, mean_unknowns, raster_of


@pytest.fixture(scope="module")
def made() -> tuple[Surface, np.ndarray]:
    ensemble = sample(mock.mock(symmetric=True), 60, seed=8)
    surface = Surface(ensemble.forms[0], raster_of(ensemble.lenses[0].grid, 8))
    return surface, mean_unknowns(ensemble.unknowns, ensemble.weights)


def test_images_pass_through_no_critical_curve_and_each_kind_lies_on_its_side(made: tuple[Surface, np.ndarray]) -> None:
    surface, unknowns = made
    curves = critical_curves(surface, unknowns)
    longest = max(curves, key=lambda curve: len(curve.points))
    # The tangential one: about θ_E from the centre, closed.
    assert np.hypot(*longest.points.T).mean() == pytest.approx(mock.einstein_radius(), rel=0.1)
    assert longest.points[0] == pytest.approx(longest.points[-1])
    for image in mock.SOURCE.images:
        point = np.array([(image.x, image.y)])
        inverse = inverse_magnification(surface.forms.hessian(point).at(unknowns), surface.z_cap)[0]
        assert (inverse < 0) == (image.kind == "saddle")


def test_caustics_are_what_critical_curves_come_from(made: tuple[Surface, np.ndarray]) -> None:
    surface, unknowns = made
    curves, found = critical_curves(surface, unknowns), caustics(surface, unknowns)
    assert len(found) == len(curves)
    longest = max(range(len(curves)), key=lambda number: len(curves[number].points))
    diamond = found[longest].points
    # A quad's source lies inside the caustic, which is much smaller than its critical curve.
    assert np.hypot(*(diamond - diamond.mean(axis=0)).T).max() < 0.8 * mock.einstein_radius()
    assert diamond.min(axis=0)[0] < mock.BETA[0] < diamond.max(axis=0)[0]
    assert diamond.min(axis=0)[1] < mock.BETA[1] < diamond.max(axis=0)[1]


def test_contours_of_the_arrival_time_pass_through_the_saddles(made: tuple[Surface, np.ndarray]) -> None:
    surface, unknowns = made
    found = saddle_contours(surface, unknowns)
    for image in mock.SOURCE.images:
        if image.kind == "saddle":
            nearest = min(np.hypot(*(contour.points - (image.x, image.y)).T).min() for contour in found)
            assert nearest < surface.raster.step

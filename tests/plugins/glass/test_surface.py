"""What mass maps do to light."""

import numpy as np
import pytest
from astropy.cosmology import FlatLambdaCDM

from tests.plugins.glass import mock
from toyz_glass.core.ensemble import Ensemble
from toyz_glass.core.errors import BadInput
from toyz_glass.core.sample import sample
from toyz_glass.core.surface import Raster, Surface, find_images, magnifications, mean_unknowns, raster_of


@pytest.fixture(scope="module")
def ensemble() -> Ensemble:
    return sample(mock.mock(symmetric=True), 100, seed=8)


def test_the_images_of_the_mock_come_from_its_source() -> None:
    points = mock.SOURCE.positions
    assert points - mock.deflection(points) == pytest.approx(np.broadcast_to(mock.BETA, points.shape), abs=2e-5)


def test_the_mocks_einstein_radius_is_found(ensemble: Ensemble) -> None:
    assert np.median(ensemble.einstein_radius()) == pytest.approx(mock.einstein_radius(), rel=0.03)


def test_the_mass_within_the_einstein_radius_is_that_of_the_textbook(ensemble: Ensemble) -> None:
    """M(θ_E) = c² θ_E² d_L d_S / (4 G d_LS)."""
    lens = ensemble.lenses[0]
    profile = ensemble.profile()
    model = 4
    radius = ensemble.einstein_radius()[model]
    within = np.interp(radius**2, profile.edges**2, profile.mass[model])
    found = within * ensemble.solar_masses()[model]
    cosmology = FlatLambdaCDM(H0=ensemble.hubble[model], Om0=0.28, Tcmb0=0.0)
    metres = cosmology.angular_diameter_distance(lens.z).to("m").value * lens.z_caps[0]
    expected = 299792458.0**2 * (radius * np.pi / 648000) ** 2 * metres / 4 / 1.32712440041e20
    assert found == pytest.approx(expected, rel=1e-3)


def test_images_are_found_where_they_were_marked_with_their_kinds(ensemble: Ensemble) -> None:
    mean = mean_unknowns(ensemble.unknowns, ensemble.weights)
    forms = ensemble.forms[0]
    found = find_images(Surface(forms, raster_of(ensemble.lenses[0].grid)), mean)
    seen = {image.seen: image for image in found if image.seen is not None}
    assert sorted(seen) == [0, 1, 2, 3]
    for number, image in seen.items():
        marked = mock.SOURCE.images[number]
        assert (image.x, image.y) == pytest.approx((marked.x, marked.y), abs=1e-6)
        assert image.kind == marked.kind
        assert image.magnification == pytest.approx(magnifications(forms, mean[None])[0, number], rel=1e-4)
    # One more, at the centre, that no lens of galaxies shows.
    (central,) = [image for image in found if image.seen is None]
    assert central.kind == "max"
    assert np.hypot(central.x, central.y) < 0.2


def test_images_of_one_model_are_as_many_as_a_transparent_lens_has(ensemble: Ensemble) -> None:
    """Minima and maxima together are one more than saddle points (Burke 1981)."""
    surface = Surface(ensemble.forms[0], raster_of(ensemble.lenses[0].grid, 6))
    for unknowns in ensemble.unknowns[:5]:
        kinds = [image.kind for image in find_images(surface, unknowns)]
        assert kinds.count("min") + kinds.count("max") == kinds.count("saddle") + 1


def test_the_arrival_time_is_flat_at_an_image_and_its_difference_is_the_delay(ensemble: Ensemble) -> None:
    lens, unknowns = ensemble.lenses[0], ensemble.unknowns[0]
    marked = lens.sources[0].positions
    times = []
    for x, y in marked:
        raster = Raster(2e-3, 3)
        surface = Surface(_Moved(ensemble, x, y), raster)  # type: ignore[arg-type]
        tau = surface.arrival(unknowns)
        assert np.abs(np.gradient(tau, raster.step)[0][1, 1]) < 1e-4
        assert np.abs(np.gradient(tau, raster.step)[1][1, 1]) < 1e-4
        times.append(tau[1, 1])
    days = (np.array(times) - times[0]) * lens.days / unknowns[0]
    assert days == pytest.approx(ensemble.delays()[0], abs=1e-6)


class _Moved:
    """Forms about another place, so that a small raster lies there."""

    def __init__(self, ensemble: Ensemble, x: float, y: float) -> None:
        self._forms = ensemble.forms[0]
        self._by = np.array((x, y))
        self.lens, self.layout = self._forms.lens, self._forms.layout

    def arrival(self, source: int, points: np.ndarray) -> object:
        return self._forms.arrival(source, points + self._by)


def test_magnification_is_how_much_larger_a_small_source_is_seen(ensemble: Ensemble) -> None:
    forms, unknowns = ensemble.forms[0], ensemble.unknowns[3]
    z_cap, step = forms.lens.z_caps[0], 1e-5
    for number, (x, y) in enumerate(forms.lens.sources[0].positions):
        corners = np.array([(x, y), (x + step, y), (x, y + step)])
        origin, right, up = corners - forms.deflection(corners).at(unknowns) / z_cap
        area = np.linalg.det([(right - origin) / step, (up - origin) / step])
        assert magnifications(forms, unknowns[None])[0, number] == pytest.approx(1 / area, rel=1e-3)


def test_a_raster_covers_the_map() -> None:
    grid = mock.mock().grid
    raster = raster_of(grid, 4)
    assert raster.count == 69
    assert raster.step == pytest.approx(grid.side / 4)
    assert raster.points[0] == pytest.approx((-raster.half, -raster.half))
    for wrong in ((1.0, 2), (1.0, 401), (0.0, 10), (np.nan, 10)):
        with pytest.raises(BadInput):
            Raster(*wrong)

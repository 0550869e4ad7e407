"""The potential of a square pixel, against numerical integration."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import dblquad

from toyz_glass.core import square

PLACES = [(1.3, 0.4), (-0.2, 2.0), (0.1, 0.05), (0.35, 0.2), (0.0, 0.0), (-0.6, -0.35)]
"""Twice outside, inside, on an edge, in the middle, and outside beside a corner."""


def _integral(x: float, y: float, side: float) -> float:
    """Give 1/π ∫ ln|θ − θ'| d²θ' over the pixel, divided where the integrand has no derivative."""
    half = side / 2
    xs, ys = (sorted({-half, half, min(max(at, -half), half)}) for at in (x, y))
    total = 0.0
    for of_x in pairwise(xs):
        for of_y in pairwise(ys):
            total += dblquad(lambda b, a: _kernel(x - a, y - b), *of_x, *of_y, epsabs=1e-12, epsrel=1e-12)[0]
    return total


def _kernel(x: float, y: float) -> float:
    return float(np.log(x**2 + y**2 + 1e-300) / (2 * np.pi))


@pytest.mark.parametrize("place", PLACES)
def test_the_potential_is_its_integral(place: tuple[float, float]) -> None:
    assert square.potential(*place, 0.7) == pytest.approx(_integral(*place, 0.7), abs=1e-9)


@pytest.mark.parametrize("place", PLACES[:2])
def test_the_deflection_is_the_integral_of_its_kernel(place: tuple[float, float]) -> None:
    x, y = place
    for number, found in enumerate(square.deflection(x, y, 0.7)):
        expected, _ = dblquad(
            lambda b, a, n=number: ((x - a), (y - b))[n] / ((x - a) ** 2 + (y - b) ** 2) / np.pi,
            -0.35, 0.35, -0.35, 0.35, epsabs=1e-12, epsrel=1e-12,
        )  # fmt: skip
        assert found == pytest.approx(expected, abs=1e-9)


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.05, 2))
def test_derivatives_are_derivatives(x: float, y: float, side: float) -> None:
    if min(abs(abs(at) - side / 2) for at in (x, y)) < 0.02:
        return  # second derivatives jump at the edges
    step = 1e-4
    gradient = square.deflection(x, y, side)
    along_x = (square.potential(x + step, y, side) - square.potential(x - step, y, side)) / (2 * step)
    along_y = (square.potential(x, y + step, side) - square.potential(x, y - step, side)) / (2 * step)
    assert gradient == pytest.approx((along_x, along_y), abs=1e-6)
    xx, yy, xy = square.hessian(x, y, side)
    right, left = square.deflection(x + step, y, side), square.deflection(x - step, y, side)
    high, low = square.deflection(x, y + step, side), square.deflection(x, y - step, side)
    assert xx == pytest.approx((right[0] - left[0]) / (2 * step), abs=1e-5)
    assert yy == pytest.approx((high[1] - low[1]) / (2 * step), abs=1e-5)
    assert xy == pytest.approx((high[0] - low[0]) / (2 * step), abs=1e-5)


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.05, 2))
def test_the_laplacian_is_twice_the_convergence(x: float, y: float, side: float) -> None:
    xx, yy, _ = square.hessian(x, y, side)
    inside = [abs(at) < side / 2 for at in (x, y)]
    if all(abs(abs(at) - side / 2) > 1e-9 for at in (x, y)):
        assert xx + yy == pytest.approx(2.0 if all(inside) else 0.0, abs=1e-9)


def test_on_an_edge_the_second_derivatives_are_the_mean_of_both_sides() -> None:
    sides = [np.array(square.hessian(0.5 + apart, 0.1, 1.0)) for apart in (-1e-7, 1e-7)]
    assert np.array(square.hessian(0.5, 0.1, 1.0)) == pytest.approx(np.mean(sides, axis=0), abs=1e-6)


def test_parts_of_a_pixel_add_up_to_it() -> None:
    places = (np.arange(3) - 1) / 3
    parts = sum(square.potential(1.1 - x, 0.3 - y, 1 / 3) for x in places for y in places)
    assert parts == pytest.approx(square.potential(1.1, 0.3, 1.0), abs=1e-12)

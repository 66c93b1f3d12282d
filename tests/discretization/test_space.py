"""Grids, the weights of the compact scheme, and interpolation."""

import numpy as np
import pytest

from usadel.discretization.space import (
    EMBEDDED_WIDTH,
    SMALLEST_GRID,
    WIDTH,
    interpolation_matrix,
    stencils,
    stretched_grid,
)

GRIDS = [(0.4, 9, 0.0), (1.5, 16, 0.8), (3.0, 41, 2.0), (25.0, 64, 3.5), (0.9, 61, (2.1, 5.0)), (2.0, 41, (4.0, 0.6))]


def scheme_defect(power, nodes, width):
    """Residual of the scheme for u = s^power, u'' = f̂, at every node (ends: with the exact derivative)."""
    s, h = np.linspace(0, 1, nodes), 1 / (nodes - 1)
    second = power * (power - 1) * s ** max(power - 2, 0)
    found = stencils(nodes, width)
    integral = [h**2 * np.dot(found.w[n], second[found.start[n] + np.arange(width)]) for n in range(nodes)]
    u, slope = s**power, power * s ** max(power - 1, 0)
    left = np.empty(nodes)
    left[1:-1] = u[2:] - 2 * u[1:-1] + u[:-2]
    left[0] = u[1] - u[0] - h * slope[0]
    left[-1] = u[-2] - u[-1] + h * slope[-1]
    return left - integral


@pytest.mark.parametrize("width", [3, EMBEDDED_WIDTH, WIDTH])
@pytest.mark.parametrize("nodes", [SMALLEST_GRID, 14])
def test_scheme_is_exact_on_polynomials(width, nodes):
    for power in range(width + 2):
        assert np.max(np.abs(scheme_defect(power, nodes, width))) < 1e-14
    assert np.max(np.abs(scheme_defect(width + 2, nodes, width))) > 1e-12


@pytest.mark.parametrize("width", [3, EMBEDDED_WIDTH, WIDTH])
@pytest.mark.parametrize("nodes", [SMALLEST_GRID, 14])
def test_derivatives_are_exact_on_polynomials(width, nodes):
    s, found = np.linspace(0, 1, nodes), stencils(nodes, width)

    def error(power):
        u = s**power
        slope = [np.dot(found.d[n], u[found.start[n] + np.arange(width)]) for n in range(nodes)]
        return np.max(np.abs(slope - power * s ** max(power - 1, 0)))

    assert max(error(power) for power in range(width)) < 1e-11
    assert error(width) > 1e-9


def test_width_three_is_numerov():
    found = stencils(9, 3)
    assert np.allclose(12 * found.w[4], [1, 10, 1]) and np.allclose(24 * found.w[0], [7, 6, -1])
    assert np.allclose(24 * found.w[-1], [-1, 6, 7]) and np.allclose(found.d[4] / 4, [-1, 0, 1])


def test_stencils_stay_inside_the_layer():
    for nodes in (SMALLEST_GRID, 23):
        found = stencils(nodes, WIDTH)
        assert np.all(found.start >= 0) and np.all(found.start + WIDTH <= nodes)
        assert np.all(np.abs(found.start + WIDTH // 2 - np.arange(nodes)) <= WIDTH // 2)
        for n in range(1, nodes - 1):  # the neighbours that the compact Jacobian keeps
            assert found.start[n] < n < found.start[n] + WIDTH - 1


@pytest.mark.parametrize(("length", "nodes", "strength"), GRIDS)
def test_grid_covers_the_layer(length, nodes, strength):
    grid = stretched_grid(length, nodes, strength)
    assert grid.size == nodes and grid.spacing == pytest.approx(1 / (nodes - 1))
    assert grid.x[0] == 0 and grid.x[-1] == length
    steps = np.diff(grid.x)
    mirrored = stretched_grid(length, nodes, grid.strength[::-1])
    assert np.all(steps > 0) and np.allclose(grid.x, length - mirrored.x[::-1], atol=1e-14 * length)
    widest = int(np.argmax(steps))
    if strength:
        assert np.all(np.diff(steps[: widest + 1]) > 0) and np.all(np.diff(steps[widest + 1 :]) < 0)
        assert widest == pytest.approx((nodes - 1) * grid.strength[0] / sum(grid.strength), abs=1)
    else:
        assert np.allclose(steps, steps[0])


@pytest.mark.parametrize(("length", "nodes", "strength"), GRIDS)
def test_map_and_its_inverse(length, nodes, strength):
    grid = stretched_grid(length, nodes, strength)
    s = np.random.default_rng(2).random(40)
    x, stretch, curvature = grid.mapped(s)
    assert np.allclose(grid.coordinate(x / length), s, atol=1e-9)
    fine = stretched_grid(length, 4 * (nodes - 1) + 1, strength)
    assert np.allclose(grid.mapped(np.linspace(0, 1, fine.size))[0], fine.x, atol=1e-14 * length)
    ahead, behind = (grid.mapped(s + step)[0] for step in (1e-4, -1e-4))
    assert np.allclose((ahead - behind) / 2e-4, stretch, rtol=1e-5)
    assert np.allclose((ahead - 2 * x + behind) / 1e-8, curvature * stretch, atol=1e-4 * length)


@pytest.mark.parametrize(("length", "nodes", "strength"), GRIDS)
def test_derivatives_of_the_map(length, nodes, strength):
    """dx/ds and (d²x/ds²)/(dx/ds) against sixth-order differences of the nodes themselves."""
    grid = stretched_grid(length, 801, strength)
    coarse = stretched_grid(length, nodes, strength)
    assert np.allclose(coarse.x[[0, -1]], grid.x[[0, -1]])
    inside = slice(3, -3)

    def around(k):
        return grid.x[3 + k : grid.size - 3 + k]

    first = np.dot([-1, 9, -45, 45, -9, 1], [around(k) for k in (-3, -2, -1, 1, 2, 3)]) / 60
    second = np.dot([2, -27, 270, -490, 270, -27, 2], [around(k) for k in range(-3, 4)]) / 180
    stretch, bend = first / grid.spacing, second / grid.spacing**2
    assert np.max(np.abs(grid.stretch[inside] - stretch)) < 1e-8 * length
    curvature = (grid.curvature * grid.stretch)[inside]
    assert np.max(np.abs(curvature - bend)) < 1e-6 * length
    assert not strength or np.max(np.abs(bend)) > 0.1 * length
    near = np.interp(np.linspace(0, 1, nodes), np.linspace(0, 1, grid.size), grid.stretch)
    assert np.allclose(coarse.stretch, near, rtol=1e-3)


def test_step_at_the_end_is_what_the_strength_says():
    """dx/ds at an end is about 4β e^{-2β} of the uniform one."""
    for strength in (2.0, 4.0):
        grid = stretched_grid(3.0, 33, strength)
        assert grid.stretch[0] / 3 == pytest.approx(4 * strength * np.exp(-2 * strength), rel=2e-3 * 4)


def test_weak_stretching_is_continuous():
    almost, uniform = stretched_grid(2.0, 21, 2e-6), stretched_grid(2.0, 21, 0.0)
    for key in ("x", "stretch", "curvature"):
        assert np.allclose(getattr(almost, key), getattr(uniform, key), atol=1e-10)


@pytest.mark.parametrize(("nodes", "width"), [(33, WIDTH), (12, EMBEDDED_WIDTH), (5, WIDTH)])
def test_interpolation_is_exact_on_polynomials(nodes, width):
    s = np.concatenate([[0.0, 1.0], np.random.default_rng(1).random(50)])
    matrix = interpolation_matrix(nodes, s, width)
    grid, degree = np.linspace(0, 1, nodes), min(width, nodes)
    for power in range(degree):
        assert np.max(np.abs(matrix @ grid**power - s**power)) < 1e-13
    assert np.max(np.abs(matrix @ grid**degree - s**degree)) > 1e-11
    assert np.allclose(interpolation_matrix(nodes, grid, width), np.eye(nodes), atol=1e-14)
    assert np.all(np.count_nonzero(matrix, axis=1) <= width)

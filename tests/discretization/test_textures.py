"""What varies inside a layer is found in its expression, however narrow, and followed by grids that stay smooth."""

import numpy as np
import pytest

import usadel as us
from usadel.discretization.choice import first_nodes, make_grids, unfollowed
from usadel.discretization.space import Feature, stretched_grid
from usadel.discretization.textures import features, texture
from usadel.terms import TERMS
from usadel.terms.sampling import samples


def magnet(field, **settings):
    """A network of one ferromagnet."""
    layer = us.Ferromagnet(length=2.0, exchange_field=[0, 0, field])
    return us.Stack([us.SuperconductingReservoir(), layer], temperature=0.1, **settings).network()


@pytest.mark.parametrize(
    "text, lowest, highest",
    [
        ("100*exp(-(1000*(z-0.53))**2)", 0, 100),
        ("100*exp(-(1e6*(z-0.123456789))**2)", 0, 100),
        ("7/cosh(min(300, 1e5*abs(z-1/3)))", 0, 7),
        ("tanh(1e7*(z-0.3))", -1, 1),
        ("max(0, 1-1e5*abs(z-0.77))", 0, 1),
        ("exp(-((z-0.2)/0.0001)**2)-exp(-((z-0.7)/0.0003)**2)", -1, 1),
        ("sin(999*pi*z)", -1, 1),
        ("sin(8192*pi*z)", -1, 1),  # zero at places at equal distances
        ("1/(z+1e-4)", 1 / 1.0001, 1e4),
    ],
)
def test_samples_miss_nothing(text, lowest, highest):
    z, values = samples(text)
    assert z[0] == 0 and z[-1] == 1 and np.all(np.diff(z) > 0)
    size = highest - lowest
    assert abs(np.min(values) - lowest) < 2e-3 * size and abs(np.max(values) - highest) < 2e-3 * size


def test_samples_of_a_step_that_is_infinite_in_its_root():
    _, values = samples("(z-0.5)/abs(z-0.5)")
    assert set(np.sign(values)) == {-1, 1}


def test_energies_know_the_largest_field():
    (layer,) = magnet("100*exp(-(1000*(z-0.53))**2)").layers
    assert TERMS["exchange_field"].rate(layer) == pytest.approx(100, rel=1e-6)


@pytest.mark.parametrize("nodes", [33, 64])
@pytest.mark.parametrize("places", [((0.53, 0.01),), ((0.2, 0.05), (0.21, 0.004)), ((1.0, 1e-3),)])
def test_map_with_features(nodes, places):
    grid = stretched_grid(2.0, nodes, (2.0, 1.5), tuple(Feature(*place) for place in places))
    s, h = np.linspace(0, 1, nodes), 1e-5
    assert np.allclose(grid.coordinate(grid.x / 2), s, atol=1e-12)
    assert grid.x[0] == 0 and grid.x[-1] == 2 and np.all(np.diff(grid.x) > 0)
    inner = s[1:-1]
    (ahead, fast, _), (behind, slow, _) = grid.mapped(inner + h), grid.mapped(inner - h)
    _, stretch, curvature = grid.mapped(inner)
    assert np.allclose((ahead - behind) / (2 * h), stretch, rtol=1e-5)
    assert np.allclose((fast - slow) / (2 * h) / stretch, curvature, rtol=1e-4, atol=1e-4 * np.max(np.abs(curvature)))


def test_a_mirrored_map():
    places = Feature(0.3, 0.01), Feature(0.6, 0.1)
    grid = stretched_grid(1.5, 41, (2.0, 1.0), places)
    mirrored = tuple(Feature(1 - f.position, f.width) for f in places)
    other = stretched_grid(1.5, 41, (1.0, 2.0), mirrored)
    assert np.allclose(grid.x, 1.5 - other.x[::-1], atol=1e-13)


@pytest.mark.parametrize("text", ["0.3*cos(pi*z)", "2*z", "5*sin(2*pi*z)+1", "3*(1-z)**2"])
def test_smooth_profiles_leave_grids_as_they_were(text):
    varying, constant = magnet(text), magnet(0.0)
    assert features(texture(varying.layers[0])) == ()
    assert texture(constant.layers[0]).fields == ()
    (grid,) = make_grids(varying, [33])
    assert np.array_equal(grid.x, make_grids(constant, [33])[0].x)


@pytest.mark.parametrize("tolerance", [1e-4, 1e-6])
@pytest.mark.parametrize(
    "text",
    ["20*exp(-(60*(z-0.47))**2)", "100*exp(-(1000*(z-0.53))**2)", "9*tanh(1e5*(z-0.3))", "5*sin(12*pi*z)",
     "5*exp(-(300*(z-0.2))**2)+8*exp(-(30*(z-0.6))**2)-3/(1+(500*(z-0.9))**2)"],
)  # fmt: skip
def test_first_grids_follow(text, tolerance):
    network = magnet(text)
    nodes = first_nodes(network, tolerance)
    (grid,) = make_grids(network, nodes, tolerance)
    assert unfollowed(network, [grid])[0] <= tolerance
    assert nodes[0] < 600
    layer = network.layers[0]
    between = np.linspace(0, 1, 20001)
    made = texture(layer).at(grid.x / 2) @ grid.interpolation(between).T
    missed = np.mean(np.abs(made - texture(layer).at(between)))
    assert missed * layer.length**2 < 100 * tolerance

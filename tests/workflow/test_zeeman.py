"""Exchange fields that follow the spin accumulation: closed forms, and the fixed point evaluated once more."""

import numpy as np
import pytest

import usadel as us

TC = 1 / 1.7638769  # Δ0
QUICK = us.Output(quantities=["gap", "spin_accumulation", "triplet_real", "triplet_imag"])


def field(result, layer=0, z=(0.0, 0.25, 0.5, 0.75, 1.0)):
    """Exchange field that is in force in a layer, (3, z)."""
    return result.refined.solution.problem.network.layers[layer].exchange.at(np.array(z))


def superconductor(response, given=(0.0, 0.0, 0.3), **settings):
    layer = us.Superconductor(name="S", length=1.5, exchange_field=given, zeeman=response)
    return us.Stack([layer], inelastic=0.0, output=QUICK, **settings)


@pytest.mark.parametrize("response", [-0.5, 0.4, 5.0])
def test_a_cold_superconductor_has_no_spins_to_respond(response):
    """q = -h, so that h = h₀ + Zq = h₀/(1 + Z): the external field of a Fermi liquid, whatever its interaction."""
    given = np.array([0.1, -0.2, 0.2])
    result = us.solve(superconductor(response, tuple(given), temperature=0.03, tolerance=1e-8))
    expected = given / (1 + response)
    assert field(result) == pytest.approx(np.tile(expected[:, None], 5), abs=1e-8)
    assert result.data.spin_accumulation.values[:, 0] == pytest.approx(-expected, abs=1e-8)


@pytest.mark.parametrize("response", [-0.5, 2.0])
def test_linear_response_follows_yosida(response):
    """q = -(1 - Y)h with Y the Yosida function, a Matsubara sum at the gap of the BCS theory."""
    temperature, given = 0.7, 1e-3
    result = us.solve(superconductor(response, (given, 0, 0), temperature=temperature, tolerance=1e-9))
    gap = float(result.data.gap[0])
    omega = np.pi * temperature * TC * (2 * np.arange(200_000) + 1)
    missing = 2 * np.pi * temperature * TC * np.sum(gap**2 / (omega**2 + gap**2) ** 1.5)
    assert 0.1 < missing < 0.9
    assert field(result)[0] == pytest.approx(given / (1 + response * missing), rel=1e-5)


def test_a_normal_metal_follows_its_spin_voltage():
    """q = -Vs u: the metal is a ferromagnet with h = h₀ - Z Vs u."""
    settings = {"temperature": 0.2, "tolerance": 1e-8, "output": QUICK}
    axis, voltage, response = np.array([0.6, 0.0, 0.8]), 0.5, 0.7
    injected = {"length": 1.0, "spin_voltage": voltage, "spin_axis": list(axis)}
    contact = [us.SuperconductingReservoir(phase=0.7), us.Tunnel(conductance=1e-4)]  # q changes by its square
    followed = us.solve(us.Stack([*contact, us.NormalMetal(**injected, zeeman=response)], **settings))
    magnet = us.Ferromagnet(**injected, exchange_field=list(-response * voltage * axis))
    fixed = us.solve(us.Stack([*contact, magnet], **settings))
    for name in ("triplet_real", "triplet_imag"):
        assert np.max(np.abs(fixed.data[name])) > 1e-6
        ends = [run.data[name].values[:, [0, -1]] for run in (followed, fixed)]  # on grids of their own in between
        assert np.max(np.abs(ends[0] - ends[1])) < 1e-9


def noncollinear(response, given=None, **settings):
    """The device of Ouassou, Robinson and Linder (2019), with a layer that responds or has a given field."""
    magnets = [us.FerromagneticInsulator(spin_mixing=0.6, magnetization=m) for m in ([1, 0, 0], [0, 1, 0])]
    layer = us.Superconductor(name="S", length=1.5, zeeman=response, exchange_field=given or (0, 0, 0))
    return us.Stack([magnets[0], layer, magnets[1]], temperature=0.3, output=QUICK, **settings)


@pytest.mark.parametrize("response", [-0.4, 0.8])
def test_the_field_reproduces_itself(response):
    """Given as an ordinary field (a polynomial in z), it leads to the accumulation that it came from."""
    result = us.solve(noncollinear(response, tolerance=1e-6))
    z = 0.5 * (1 - np.cos(np.pi * (np.arange(200) + 0.5) / 200))
    coefficients = np.polynomial.chebyshev.chebfit(2 * z - 1, field(result, z=z).T, 20)
    fitted = np.polynomial.chebyshev.chebval(2 * z - 1, coefficients)
    assert np.max(np.abs(fitted - field(result, z=z))) < 1e-5  # singular ends
    given = ["+".join(f"({c:.9f})*cos({n}*acos(2*z-1))" for n, c in enumerate(column)) for column in coefficients.T]
    again = us.solve(noncollinear(0.0, given, tolerance=1e-6))
    spins = again.data.spin_accumulation.values
    position = again.data.position.values / 1.5
    assert np.max(np.abs(spins)) > 0.05
    assert np.max(np.abs(response * spins - field(result, z=position))) < 2e-5


@pytest.mark.parametrize("response", [-0.4, 0.8])
def test_a_field_along_the_spins_exerts_no_torque_on_them(response):
    """h × q = 0: the spin current between the magnets stays conserved, and changes with the response."""
    result = us.solve(noncollinear(response, tolerance=1e-6))
    without = us.solve(noncollinear(0.0, tolerance=1e-6))
    currents = result.data.spin_current.values
    assert np.max(np.ptp(currents, axis=1)) < 1e-6
    assert abs(currents[2, 0] - without.data.spin_current.values[2, 0]) > 1e-3


@pytest.mark.parametrize("response", [-0.5, 1.0])
def test_the_error_covers_that_of_the_field(response):
    rough, fine = (us.solve(noncollinear(response, tolerance=t)) for t in (1e-4, 1e-7))
    positions = rough.data.position.values
    errors = [
        np.max(np.abs(rough.data[name].values - fine.data[name].interp(position=positions, method="cubic").values))
        for name in ("gap", "spin_accumulation", "spin_current")
    ]
    assert max(errors) < 3 * rough.error and rough.error <= 1e-4


def test_a_neighbouring_solution_helps():
    near, cold = [], []
    first = us.solve(noncollinear(0.8, tolerance=1e-6))
    us.solve(noncollinear(0.81, tolerance=1e-6), start=first, progress=near.append)
    us.solve(noncollinear(0.81, tolerance=1e-6), progress=cold.append)
    near, cold = (max(e.done for e in events if e.stage == "exchange field") for events in (near, cold))
    assert 1 < near < cold


def test_where_it_is_refused():
    with pytest.raises(us.InputError, match="> -1"):
        us.Stack([us.NormalMetal(length=1.0, zeeman=-1)])
    with pytest.raises(us.InputError, match=r"zeeman.*half-metal"):
        us.Stack([us.HalfMetal(length=1.0, polarization=0.9, magnetization=[0, 0, 1], zeeman=0.5)]).network()
    with pytest.raises(us.InputError, match=r"zeeman.*transition"):
        us.critical(superconductor(0.5))


def filled(response, conductance):
    """A superconductor beside a magnet, its distribution imposed, or that of a reservoir behind a weak contact."""
    spins = {"spin_voltage": 0.35, "spin_axis": [0, 0, 1]}
    magnet = us.FerromagneticInsulator(spin_mixing=0.4, magnetization=[0, 0, 1])
    layer = {"name": "S", "length": 1.5, "zeeman": response}
    if conductance:
        contact = [us.Tunnel(conductance=conductance), us.NormalReservoir(temperature=0.3, **spins)]
        elements = [magnet, us.Superconductor(**layer, nonequilibrium=True), *contact]
    else:
        elements = [magnet, us.Superconductor(**layer, **spins)]
    return us.solve(us.Stack(elements, temperature=0.3, tolerance=1e-5, output=QUICK))


@pytest.mark.parametrize("response", [-0.3, 0.5])
def test_spins_that_are_solved_for_are_followed_too(response):
    """Nothing relaxes spins along the magnet: they fill the layer as if imposed, but for the contact's own effect."""
    imposed, solved = filled(response, 0), filled(response, 1e-5)
    z = np.linspace(0, 1, 9)
    assert np.ptp(field(imposed, z=z)[2]) > 0.05
    assert np.max(np.abs(field(imposed, z=z) - field(solved, z=z))) < 2e-5
    for run in (imposed, solved):
        assert run.data.attrs["converged"] == 1 and run.error <= 1e-5
    ends = [run.data.gap.values[[0, -1]] for run in (imposed, solved)]
    assert np.max(np.abs(ends[0] - ends[1])) < 2e-5


@pytest.mark.parametrize("response", [-0.2, 0.5])
def test_sweeps_of_a_spin_voltage(response):
    """The gap keeps spins out up to eVs ~ Δ0; they add ZVs in a normal metal, stable down to Δ0/2(1+Z)."""
    layer = us.Superconductor(name="S", length=1.0, spin_axis=[0, 0, 1], zeeman=response)
    device = us.Stack([layer], temperature=0.02, inelastic=0.0, tolerance=1e-4)
    branch = us.trace(device, "S.spin_voltage", 0.0, 1.2, step=0.05, both=True)
    assert branch.converged and branch.data.attrs["method"] == "point by point"
    voltage, gap = branch.data["S.spin_voltage"].values, branch.data.gap.isel(position=0).values
    opens = 0.5 / (1 + response)
    assert np.all(gap[1][voltage > opens + 0.01] == 0) and np.all(gap[1][voltage < opens - 0.01] > 0.99)
    assert np.all(gap[0][voltage < 0.85] > 0.99) and np.all(gap[0][voltage > 1.05] == 0)
    assert np.all(branch.data.stable == 1)

"""Current-phase relations: located critical currents, ground states, crossings, folds, and what is refused."""

import numpy as np
import pytest
from scipy.optimize import brentq

import usadel as us
from usadel.energies.rules import TC

PI = np.pi


def wire(length=1.0, temperature=0.3, **keys):
    elements = [us.SuperconductingReservoir(), us.NormalMetal(length=length), us.SuperconductingReservoir(phase=0.4)]
    return us.Stack(elements, temperature=temperature, tolerance=1e-5, **keys)


@pytest.fixture(scope="module")
def normal():
    return us.josephson(wire())


def test_critical_current_is_located(normal):
    """Against a parabola through three solves of its own around the largest current."""

    def current(phase):
        device = wire().replace({"stack.0.phase": 0.4 + phase})
        return float(us.solve(device).profiles().charge_current[0])

    place = float(normal.data.phase_forward)
    step = 0.05
    below, at, above = (current(place + shift) for shift in (-step, 0.0, step))
    top = place + 0.5 * step * (below - above) / (below - 2 * at + above)
    assert place == pytest.approx(top, abs=2e-3)
    assert float(normal.data.critical_current_forward) == pytest.approx(at, abs=2e-5)
    assert at > max(below, above)


def test_symmetry_of_a_normal_wire(normal):
    """I(-φ) = -I(φ): both directions alike, ground state 0, sines only."""
    data = normal.data
    assert float(data.critical_current_backward) == pytest.approx(float(data.critical_current_forward), abs=2e-5)
    assert normal.ground_state_phase == pytest.approx(0.0, abs=1e-4)
    assert float(data.diode_efficiency) == pytest.approx(0.0, abs=1e-4)
    assert np.max(np.abs(data.harmonics.sel(part="cosine"))) < 1e-4
    assert float(data.harmonics.sel(part="sine")[0]) > 0


def test_harmonics_add_up_to_the_current(normal):
    data = normal.data
    waves = np.sin(np.outer(data.phase, data.harmonic))
    np.testing.assert_allclose(waves @ data.harmonics.sel(part="sine").values, data.current, atol=2e-3)


def test_current_is_the_slope_of_the_free_energy(normal):
    """I = 2 ∂F/∂φ: ∫I dφ between 0 and π, by Simpson's rule, is the difference of F."""
    phase, current = normal.data.phase.values, normal.data.current.values
    half = phase <= PI + 1e-9
    assert np.sum(half) == 13
    weight = np.array([1, 4, 2, 4, 2, 4, 2, 4, 2, 4, 2, 4, 1]) * (PI / 12) / 3
    energy = normal.data.free_energy.values[half]
    assert 2 * (energy[-1] - energy[0]) == pytest.approx(weight @ current[half], rel=2e-3)


def test_file_is_read_again(normal, tmp_path):
    path = normal.save(tmp_path / "a.nc")
    again = us.load(path)
    assert isinstance(again, us.Josephson)
    assert again.data.identical(normal.data)
    assert again.critical_current == normal.critical_current
    us.plots.default_figure(again.data)


def ferromagnet(length=1.0, field=3.0, conductance=0.02):
    contact = us.Tunnel(conductance=conductance)
    layer = us.Ferromagnet(name="F", length="L", exchange_field=(0, 0, field))
    ends = [us.SuperconductingReservoir(), us.SuperconductingReservoir()]
    return us.Stack(
        [ends[0], contact, layer, contact, ends[1]], temperature=0.3, inelastic=0.0, tolerance=1e-6,
        parameters={"L": length},
    )  # fmt: skip


def weak_link(length, field, temperature):
    """Σ Re Δ²/(ω² + Δ²)/(k sinh kL), k² = 2(ω + ih): the current through a ferromagnet behind weak barriers."""
    from usadel.equations.gap import bulk_gap

    gap = bulk_gap(temperature, 0.0)
    omega = 2 * PI * temperature * TC * (np.arange(400) + 0.5)
    k = np.sqrt(2 * (omega + 1j * field))
    return float(np.sum((gap**2 / (omega**2 + gap**2) / (k * np.sinh(k * length))).real))


def test_crossing_from_0_to_pi():
    """Where the current of a weak link changes its sign; barriers of 2 % leave about their square."""
    exact = brentq(weak_link, 0.3, 1.5, args=(3.0, 0.3))
    found = us.josephson(ferromagnet(), over={"L": [0.4, 0.5, 0.7, 0.9]})
    assert found.crossings == pytest.approx([exact], abs=5e-3)
    phases = found.ground_state_phase
    assert np.all((np.abs(phases) < 1e-3) == (found.data.L.values < exact))
    assert np.all((np.abs(phases - PI) < 1e-3) == (found.data.L.values > exact))
    assert found.data.current.dims == ("L", "phase")
    us.plots.default_figure(found.data)


def anomalous():
    """Polarizing barriers along x and y around a magnet along z: no symmetry forbids a current at φ = 0."""

    def barrier(direction):
        return us.SpinActive(conductance=1.0, polarization=0.6, magnetization=direction, spin_mixing=0.5)

    elements = [
        us.SuperconductingReservoir(),
        barrier((1, 0, 0)),
        us.Ferromagnet(length=1.0, exchange_field=(0, 0, 1.5)),
        barrier((0, 1, 0)),
        us.SuperconductingReservoir(),
    ]
    return us.Stack(elements, temperature=0.2, tolerance=1e-4)


def test_anomalous_phase():
    """I(0) of a φ0 junction, of an independent calculation; I(φ0) = 0 by the program's own solves."""
    found = us.josephson(anomalous())
    assert abs(float(found.data.current[0])) == pytest.approx(0.0045743, abs=2e-5)
    ground = found.ground_state_phase
    assert 0.01 < abs(ground) < PI - 0.01
    at_ground = us.solve(anomalous().replace({"stack.0.phase": ground})).profiles().charge_current[0]
    assert abs(float(at_ground)) < 1e-4 * found.critical_current + 2e-5
    assert abs(float(found.data.diode_efficiency)) > 1e-4


def test_folds_of_a_superconducting_wire():
    """A long wire with a gap of its own has several states for a phase; each has I = 2 ∂F/∂φ."""
    layer = us.Superconductor(length=6.0)
    ends = [us.SuperconductingReservoir(), us.SuperconductingReservoir()]
    device = us.Stack([ends[0], layer, ends[1]], temperature=0.6, tolerance=1e-3)
    found = us.josephson(device)
    data = found.data
    phase, current, energy = (data[name].values for name in ("phase", "current", "free_energy"))
    assert np.any(np.diff(phase) < 0) and np.any(data.stable.values == 0)
    assert float(data.phase_forward) > PI
    assert np.all(np.isnan(data.harmonics))
    steps = np.abs(np.diff(phase)) > 0.02
    slope = (2 * np.diff(energy))[steps] / np.diff(phase)[steps]
    middle = 0.5 * (current[1:] + current[:-1])[steps]
    assert np.max(np.abs(slope - middle)) < 0.03 * found.critical_current


def test_out_of_equilibrium():
    """A wire heated from the side by reservoirs at ±V through a crossing: a current, and no free energy."""
    wires = [
        us.Wire([us.SuperconductingReservoir(name="L"), us.NormalMetal(length=0.7)], end="c"),
        us.Wire([us.NormalMetal(length=0.7), us.SuperconductingReservoir(name="R")], start="c"),
        us.Wire([us.NormalMetal(length=1.0), us.NormalReservoir(voltage=0.3)], start="c"),
        us.Wire([us.NormalMetal(length=1.0), us.NormalReservoir(voltage=-0.3)], start="c"),
    ]
    device = us.Device(wires, {"c": us.Junction()}, temperature=0.2, tolerance=1e-3)
    still = device.replace({"wire.2.stack.1.voltage": 0.0, "wire.3.stack.1.voltage": 0.0})
    driven, quiet = us.josephson(device), us.josephson(still)
    assert "free_energy" not in driven.data and "free_energy" in quiet.data
    assert 0 < driven.critical_current < quiet.critical_current


def ring(gradient=0.0):
    arms = [
        us.Wire([us.NormalMetal(name=name, length=0.8, phase_gradient=g)], start="a", end="b")
        for name, g in (("U", gradient), ("D", 0.0))
    ]
    stem = us.Wire([us.SuperconductingReservoir(), us.NormalMetal(length=0.4)], end="a")
    return us.Device([*arms, stem], {"a": us.Junction(), "b": us.Junction()}, temperature=0.3, tolerance=1e-4)


def test_ring_by_its_flux():
    """The current that a flux drives round a ring screens it, and one turn of the phase is one period."""
    found = us.josephson(ring(), phase="U.phase_gradient")
    current, phase = found.data.current.values, found.data.phase.values
    assert current[-1] == pytest.approx(current[0], abs=1e-4)
    assert current[np.searchsorted(phase, PI / 2)] > 0  # as of a junction: from the bank that is ahead
    assert found.data.attrs["phase_path"] == "U.phase_gradient"


@pytest.mark.parametrize(
    ("device", "keys", "words"),
    [
        (us.Stack([us.NormalMetal(length=1)]), {}, "0 superconducting reservoirs"),
        (wire(), {"phase": "temperature"}, "changes no phase difference"),
        (wire(), {"phase": "stack.1.length"}, "changes no phase difference"),
        (wire(), {"over": {"stack.0.phase": [0, 1]}}, "the phase and an axis at once"),
        (wire(), {"over": {"temperature": []}}, "at least one"),
        (wire(), {"over": {"temperature": [0.1], "inelastic": [0.1]}}, "2 axes; allowed: one"),
    ],
)
def test_refused_in_one_line(device, keys, words):
    with pytest.raises(us.InputError, match=words) as refused:
        us.josephson(device, **keys)
    assert "\n" not in str(refused.value)


def test_phase_that_is_a_parameter():
    """Half of it on either bank: the difference is counted, not the parameter."""
    elements = [
        us.SuperconductingReservoir(phase="p/2"),
        us.NormalMetal(length=1),
        us.SuperconductingReservoir(phase="-p/2"),
    ]
    device = us.Stack(elements, temperature=0.3, tolerance=1e-5, parameters={"p": 1.0})
    found, plain = us.josephson(device, "p"), us.josephson(wire())
    assert found.critical_current == pytest.approx(plain.critical_current, abs=2e-5)
    assert float(found.data.phase_forward) == pytest.approx(float(plain.data.phase_forward), abs=1e-3)

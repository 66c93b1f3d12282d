"""Current-phase relations: located critical currents, ground states, crossings, folds.

Numbers are those of tests/reference/limits (sns, sns_transistor, ferromagnet_on_superconductor), of closed forms, of
symmetries, and of an independent program (spin_currents).
"""

import numpy as np
import pytest
from junction_devices import PI, between, weak, wire
from scipy.optimize import brentq
from spin_currents import Junction

import usadel as us
from usadel.energies.rules import TC
from usadel.equations.gap import bulk_gap
from usadel.junctions import interpolation, samples
from usadel.junctions.relation import branch_relation
from usadel.junctions.symmetry import is_odd


def current_at(device, phase, path="stack.0.phase", other=0.0):
    return float(us.solve(device.replace({path: other + phase})).profiles().charge_current[0])


# smooth relations


def test_critical_current_is_located(normal):
    """Against a parabola through three solves of its own around the largest current."""
    place, step = float(normal.data.phase_forward), 0.05
    below, at, above = (current_at(wire(), place + shift, other=0.4) for shift in (-step, 0.0, step))
    top = place + 0.5 * step * (below - above) / (below - 2 * at + above)
    assert place == pytest.approx(top, abs=2e-3)
    assert float(normal.data.critical_current_forward) == pytest.approx(at, abs=2e-5)
    assert at > max(below, above)


def test_symmetry_of_a_normal_wire(normal):
    """I(-φ) = -I(φ): both directions alike, ground state 0, sines only."""
    data = normal.data
    assert float(data.critical_current_backward) == float(data.critical_current_forward)
    assert normal.ground_state_phase == 0 and float(data.diode_efficiency) == 0
    assert np.max(np.abs(data.harmonics.sel(part="cosine"))) < 1e-10
    assert float(data.harmonics.sel(part="sine")[0]) > 0


def test_harmonics_add_up_to_the_current(normal):
    """At phases that were not solved for by the relation."""
    data = normal.data
    for phase in (0.3, 2.9, 4.0):
        waves = np.sin(phase * data.harmonic.values)
        found = waves @ data.harmonics.sel(part="sine").values
        assert found == pytest.approx(current_at(wire(), phase, other=0.4), abs=2e-4)


def test_current_is_the_slope_of_the_free_energy(normal):
    """I = 2 ∂F/∂φ: with F = Σ aₙ cos nφ through the samples, I(φ) = -2 Σ n aₙ sin nφ."""
    data = normal.data.isel(phase=slice(0, -1))
    energy = np.fft.rfft(data.free_energy.values) / data.sizes["phase"]
    n = np.arange(energy.size)
    slope = np.fft.irfft(1j * n * energy * (n < n[-1]), data.sizes["phase"]) * data.sizes["phase"]
    assert 2 * slope == pytest.approx(data.current.values, abs=2e-3)
    assert np.max(np.abs(data.current)) > 1


def test_short_junction():
    """KO-1 (Kulik, Omelyanchuk): max eR_N I = 2.08207 Δ at φ = 0.627398π for T → 0; lengths add about L²."""
    found = us.josephson(between(us.NormalMetal(length=0.01), temperature=0.05, inelastic=0.0, tolerance=1e-2))
    assert 0.01 * found.critical_current == pytest.approx(2.0820698574, rel=2e-4)
    assert float(found.data.phase_forward) == pytest.approx(0.6273981687 * PI, abs=1e-3)


@pytest.mark.slow
def test_long_junction():
    """Max eR_N I/E_Th = 10.003232379 at Δ/E_Th = 100 and T = 0 (sns.json)."""
    banks = [us.SuperconductingReservoir(gap=1) for _ in range(2)]
    device = us.Stack([banks[0], us.NormalMetal(length=10), banks[1]], temperature=1e-4, inelastic=0, tolerance=1e-5)
    assert 1000 * us.josephson(device).critical_current == pytest.approx(10.003232379, abs=2e-6)


def strong(length):
    magnet = us.Ferromagnet(name="F", length=length, exchange_field=(0, 0, 3))
    return between(magnet, temperature=0.3, inelastic=0.0, tolerance=1e-6)


@pytest.mark.parametrize(
    ("length", "critical", "phase", "ground"),
    [(1.0, 0.8751847932932724, 0.47627646, 0.0), (3.0, -0.047573682392958824, 0.50235751, PI)],
)
def test_0_and_pi_junctions(length, critical, phase, ground):
    """The extremum of I within 0 < φ < π with the largest |I| (ferromagnet_on_superconductor.json)."""
    found = us.josephson(strong(length))
    data, way = found.data, "forward" if critical > 0 else "backward"
    assert length * float(data[f"critical_current_{way}"]) == pytest.approx(abs(critical), abs=1e-6 * length)
    assert float(data[f"phase_{way}"]) == pytest.approx(phase * PI, abs=1e-3)
    assert found.ground_state_phase == ground
    assert np.sign(float(data.free_energy[8] - data.free_energy[0])) == (1 if ground == 0 else -1)
    assert data.phase[8] == pytest.approx(PI)


# broken symmetry


def anomalous(directions=((1, 0, 0), (0, 1, 0)), **keys):
    """Polarizing barriers along x and y around a magnet along z: no symmetry forbids a current at φ = 0."""
    barriers = [us.SpinActive(conductance=1.0, polarization=0.6, magnetization=m, spin_mixing=0.5) for m in directions]
    magnet = us.Ferromagnet(length=1.0, exchange_field=(0, 0, 1.5))
    return between(barriers[0], magnet, barriers[1], temperature=0.2, **{"tolerance": 1e-4} | keys)


def test_anomalous_current():
    """Against an independent program, with its sign: at φ = 0, and at another phase."""
    junction = Junction(((1, 0, 0), (0, 1, 0)), (0, 0, 1.5), 0.6, 0.5, bulk_gap(0.2, 0.0))
    device = anomalous(inelastic=0.0, tolerance=1e-6)
    assert current_at(device, 0.0) == pytest.approx(junction.current(0.0, 0.2 * TC), abs=2e-7)
    assert current_at(device, 0.0) == pytest.approx(-0.0047132, abs=1e-6)


def test_anomalous_phase():
    """I(0) = -0.0045743 with the default broadening; I(φ0) = 0 by a solve of its own; the mirror image reverses all."""
    found = us.josephson(anomalous())
    assert float(found.data.current[0]) == pytest.approx(-0.0045743, abs=1e-6)
    ground = found.ground_state_phase
    assert 0.01 < ground < PI / 2
    assert abs(current_at(anomalous(), ground)) < 1e-5
    forward, backward = (found.data[f"critical_current_{way}"].item() for way in ("forward", "backward"))
    assert abs(forward - backward) > 1e-3
    assert float(found.data.diode_efficiency) == pytest.approx((forward - backward) / (forward + backward))
    mirrored = us.josephson(anomalous(((0, 1, 0), (1, 0, 0))))
    assert mirrored.ground_state_phase == pytest.approx(-ground, abs=1e-3)
    assert float(mirrored.data.diode_efficiency) == pytest.approx(-float(found.data.diode_efficiency), abs=1e-3)


def test_coplanar_magnets_have_no_diode_effect():
    """By symmetry, which the program does not know of here: all phases are solved for."""
    found = us.josephson(anomalous(((1, 0, 0), (0, 0, 1))))
    assert float(found.data.current[0]) == pytest.approx(0.0, abs=1e-6)
    assert float(found.data.diode_efficiency) == pytest.approx(0.0, abs=1e-3)
    assert found.ground_state_phase == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize(("temperature", "length"), [(1.2, 1), (0.5, 60)])
def test_no_current_has_no_phase(temperature, length):
    """Above Tc, and where it has decayed below its error: nothing is made of rounding."""
    found = us.josephson(between(us.NormalMetal(length=length), temperature=temperature, tolerance=1e-3))
    assert 0 <= found.critical_current < 1e-6
    for name in ("phase_forward", "phase_backward", "ground_state_phase", "diode_efficiency"):
        assert np.isnan(found.data[name])
    assert "not known" in str(found.summary())
    us.plots.default_figure(found.data)


@pytest.mark.parametrize(
    ("device", "odd"),
    [
        (wire(), True),
        (strong(1.0), True),
        (anomalous(), False),
        (anomalous(((1, 0, 0), (1, 0, 0))), False),  # it is, but by rotations that are not looked for
        (between(us.NormalMetal(length=1, rashba=0.5)), False),
        (between(us.NormalMetal(length=1, phase_gradient=0.2)), False),
        (
            between(us.Superconductor(length=1, gap=0.5, phase=0.3, self_consistent=False), us.NormalMetal(length=1)),
            False,
        ),
        (between(us.NormalMetal(length=1, voltage=0.1)), False),
    ],
)
def test_which_relations_are_odd_for_certain(device, odd):
    device = device.replace({"stack.0.phase": device.value(f"stack.{len(device.elements) - 1}.phase")})
    assert is_odd(us.solve(device).state.problem) is odd


# along an axis


def weak_link(length, field, temperature, conductance):
    """Σ Re f_S² G² (1/(k tanh kL/2 + gG) - 1/(k coth kL/2 + gG)), k² = 2(ω + ih), G per length.

    The current of the linearized equation f'' = k²f with f' = G(g f - f_S) at the barriers, in which pair amplitudes
    are small: what is left out is of the order of their square.
    """
    gap = bulk_gap(temperature, 0.0)
    omega = 2 * PI * temperature * TC * (np.arange(400) + 0.5)
    root, k, barrier = np.hypot(omega, gap), np.sqrt(2 * (omega + 1j * field)), conductance / length
    even, odd = (k * np.tanh(0.5 * k * length) ** p + omega / root * barrier for p in (1, -1))
    return float(np.sum((gap / root * barrier) ** 2 * (1 / even - 1 / odd).real))


def test_crossing_from_0_to_pi():
    """Where the current of a weak link changes its sign."""
    exact = brentq(weak_link, 0.4, 0.9, args=(3.0, 0.3, 0.05))
    keys = {"exchange_field": 3.0, "conductance": 0.05, "inelastic": 0.0, "tolerance": 1e-5}
    found = us.studies.zero_pi([0.45, 0.75], **keys)
    assert found.crossings == pytest.approx([exact], abs=2e-3)
    assert list(found.ground_state_phase) == [0.0, PI]
    assert found.data.current.dims == ("F.length", "phase") and found.critical_current.shape == (2,)
    assert float(found.data.current[1, 30]) == pytest.approx(
        current_at(weak(0.75), float(found.data.phase[30])), abs=1e-4 * found.critical_current[1] + 1e-8
    )
    assert "0 for 1 value, π for 1" in str(found.summary())
    us.plots.default_figure(found.data)


def transistor(voltage=0.0, temperature=0.01):
    """A wire of Δ/E_Th = 100, E_Th = 0.01, with distributions like those of electrodes at ±V."""
    banks = [us.SuperconductingReservoir(gap=1) for _ in range(2)]
    normal = us.NormalMetal(name="N", length=10, voltage=voltage)
    return us.Stack([banks[0], normal, banks[1]], temperature=temperature, inelastic=0, tolerance=1e-5)


def test_bias_makes_a_pi_junction():
    """eR_N I(π/2) = -2.888033124 E_Th at eV = 10 E_Th and T = 0 (sns_transistor.json); no free energy."""
    found = us.josephson(transistor(0.1, 1e-6))
    assert "free_energy" not in found.data
    quarter = found.data.current.sel(phase=PI / 2, method="nearest")
    assert float(quarter.phase) == pytest.approx(PI / 2)
    assert 1000 * float(quarter) == pytest.approx(-2.888033124, abs=1e-4)
    assert found.ground_state_phase == pytest.approx(PI, abs=1e-3)


def test_crossing_under_bias():
    """Where ∫I dφ from 0 to π vanishes, by solves between those of the relation."""
    found = us.josephson(transistor(), over={"N.voltage": [0.05, 0.1]})
    (voltage,) = found.crossings
    phases = (np.arange(8) + 0.5) * PI / 8
    currents = [current_at(transistor(voltage), phase) for phase in phases]
    assert abs(np.mean(currents)) < 2e-5
    assert max(map(abs, currents)) > 5e-4
    assert "free_energy" not in found.data


# distributions that are solved for, rings, folds


def cross(voltage):
    """A wire between superconductors, crossed by one between electrodes at ±V."""
    wires = [
        us.Wire([us.SuperconductingReservoir(name="L"), us.NormalMetal(length=0.7)], end="c"),
        us.Wire([us.NormalMetal(length=0.7), us.SuperconductingReservoir(name="R")], start="c"),
        us.Wire([us.NormalMetal(length=1.0), us.NormalReservoir(voltage=voltage)], start="c"),
        us.Wire([us.NormalMetal(length=1.0), us.NormalReservoir(voltage=-voltage)], start="c"),
    ]
    return us.Device(wires, {"c": us.Junction()}, temperature=0.2, tolerance=1e-3)


@pytest.mark.slow
def test_out_of_equilibrium():
    """What is in the electrodes reduces the current between the superconductors; no free energy."""
    driven, quiet = us.josephson(cross(0.3)), us.josephson(cross(0.0))
    assert "free_energy" not in driven.data and "free_energy" in quiet.data
    assert 0.1 < driven.critical_current < 0.95 * quiet.critical_current
    assert driven.ground_state_phase == pytest.approx(0, abs=1e-2)


def ring():
    arms = [us.Wire([us.NormalMetal(name=name, length=0.8)], start="a", end="b") for name in ("U", "D")]
    stem = us.Wire([us.SuperconductingReservoir(), us.NormalMetal(length=0.4)], end="a")
    return us.Device([*arms, stem], {"a": us.Junction(), "b": us.Junction()}, temperature=0.3, tolerance=1e-4)


def test_ring_by_its_flux():
    """The current that a flux drives round a ring is odd in it, and one turn of the phase is one period."""
    found = us.josephson(ring(), phase="U.phase_gradient")
    current, phase = found.data.current.values, found.data.phase.values
    assert phase[-1] == pytest.approx(2 * PI)
    assert current + current[::-1] == pytest.approx(0, abs=2e-4)
    assert np.max(current[phase < PI]) > 0.1  # as of a junction: from the bank that is ahead
    assert found.data.attrs["phase_path"] == "U.phase_gradient"


def self_consistent(length):
    return between(us.Superconductor(length=length), temperature=0.6, tolerance=1e-3)


def test_gap_of_its_own():
    """A short superconductor has one state for each phase: the relation is odd, and I(φ) that of solves."""
    found = us.josephson(self_consistent(2.0))
    data = found.data
    assert np.all(np.diff(data.phase) > 0) and np.all(data.stable == 1)
    assert float(data.phase_forward + data.phase_backward) == pytest.approx(2 * PI, abs=1e-2)
    assert float(data.diode_efficiency) == pytest.approx(0, abs=2e-3)
    assert current_at(self_consistent(2.0), float(data.phase_forward)) == pytest.approx(
        found.critical_current, abs=2e-3
    )


@pytest.mark.slow
def test_folds():
    """A long wire with a gap of its own has several states for a phase; each has I = 2 ∂F/∂φ."""
    found = us.josephson(self_consistent(6.0))
    data = found.data
    phase, current, energy = (data[name].values for name in ("phase", "current", "free_energy"))
    assert np.any(np.diff(phase) < 0) and np.any(data.stable.values == 0)
    assert np.all(np.isnan(data.harmonics))
    assert float(data.phase_forward + data.phase_backward) == pytest.approx(2 * PI, abs=1e-2)
    assert abs(phase[-1] - 2 * PI) < 1e-9 and phase.max() - phase.min() < 2 * PI + 1e-9
    steps = np.abs(np.diff(phase)) > 0.02
    slope = (2 * np.diff(energy))[steps] / np.diff(phase)[steps]
    middle = 0.5 * (current[1:] + current[:-1])[steps]
    assert np.max(np.abs(slope - middle)) < 0.03 * found.critical_current


@pytest.mark.parametrize(("inductance", "lost"), [(0.5, False), (3.0, False), (6.0, False), (3.0, True)])
def test_folds_far_apart(inductance, lost, monkeypatch):
    """φ = s + β sin s, I = sin s (a junction in series with an inductance): for large β folds are beyond a turn."""

    def traced(sampler, stop):
        found = []
        for s in np.sign(stop) * np.linspace(0, 2 * PI, 401):
            phase, stable = s + inductance * np.sin(s), 1 + inductance * np.cos(s) > 0
            if found and (phase * np.sign(stop) < 0 or abs(phase) > abs(stop) + 1e-9):
                break
            if lost and not stable:
                sampler.failures.append("the branch was lost")
                return [*found, samples.Sample(phase, converged=False)]
            found.append(samples.Sample(phase, np.sin(s), (1 - np.cos(s)) / 2 + np.sin(s) ** 2, 1e-6, bool(stable)))
        return found

    monkeypatch.setattr(samples, "_traced", traced)
    sampler = samples.Sampler(None, None)
    samples.follow(sampler)
    found = branch_relation(sampler.samples, sampler.failures)
    assert found.forward.current == pytest.approx(1) and found.backward.current == pytest.approx(1)
    assert found.forward.phase == pytest.approx((PI / 2 + inductance) % (2 * PI), abs=1e-2)
    assert found.backward.phase == pytest.approx(-(PI / 2 + inductance) % (2 * PI), abs=1e-2)
    assert found.ground == 0 and found.converged is not lost
    assert np.isnan(found.harmonics).all() == (inductance > 1)


def test_branch_that_ends_early_has_no_critical_current():
    early = [samples.Sample(s, np.sin(s), -np.cos(s), 1e-6) for s in np.linspace(0, 1, 20)]
    found = branch_relation(early, [])
    assert np.isnan(found.forward.current) and np.isnan(found.backward.current)
    assert "ends before its largest current" in found.failures[0]


def test_sharp_bends_are_divided():
    """A kinked curve through few samples: where polynomials disagree intervals are halved, and nowhere else."""
    phase = np.linspace(0, 2 * PI, 33)

    def kinked(x):
        return np.sin(x / 2) * np.sign(np.cos(x / 2))

    for _ in range(4):
        more = interpolation.rough(phase, kinked(phase), 1e-3)
        assert more and all(abs(place - PI) < 1 for place in more)
        phase = np.sort([*phase, *more])
    assert np.min(np.diff(phase)) < 0.02 and phase.size < 80
    assert interpolation.rough(phase, np.sin(phase), 1e-3) == []


# what ends early, what is refused

"""Superconductors with a critical temperature of their own, and a gap equation that ends at a Debye energy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import digamma

import usadel as us
from usadel.description.elements.coupling import Coupling
from usadel.energies.cutoff import cutoff_rule
from usadel.equations.gap import bulk_gap
from usadel.errors import InputError
from usadel.gap.condensation import condensation_energy

TC = np.exp(np.euler_gamma) / np.pi  # kB Tc/Δ0


def frequencies(temperature, cutoff):
    """All Matsubara frequencies below a cutoff and their weights.

    The share of ωₙ ± πT between -x and x is a difference of ramps; its mean over x = ω_D ± πT one of their integrals.
    """
    spacing = 2 * np.pi * temperature * TC
    x, number = cutoff / spacing, np.arange(int(cutoff / spacing) + 3) + 0.5

    def below(upper):
        upper = np.clip(upper - number, -1, 1)
        ramps = [0.5 * np.maximum(upper + shift, 0.0) ** 2 for shift in (1, 0, -1)]
        return ramps[0] - 2 * ramps[1] + ramps[2]

    return spacing * number, spacing * (below(x) - below(-x))


def film_gap(temperature, inelastic, cutoff, share=1.0, tc=1.0):
    """Gap of a superconductor that is a share of a thin film, in the Cooper limit; without normal metal a bulk gap."""
    omega, weight = frequencies(temperature, cutoff)

    def mismatch(gap):
        return share * np.sum(weight / np.hypot(omega + inelastic, share * gap)) - np.arcsinh(cutoff / tc)

    return brentq(mismatch, 1e-9, 3 * tc, xtol=1e-13) if mismatch(1e-9) > 0 else 0.0


@pytest.mark.parametrize(
    ("temperature", "cutoff"), [(1.0, 125), (0.3, 3), (0.02, 125), (0.5, 0.3), (0.001, 20), (0.005, 1000)]
)
@pytest.mark.parametrize("tolerance", [1e-4, 1e-9])
def test_sums_below_a_cutoff(temperature, cutoff, tolerance):
    node, share, _ = cutoff_rule(temperature, cutoff, tolerance)
    omega, weight = frequencies(temperature, cutoff)
    assert node.size % 4 == 0 and np.all(share >= 0)
    for gap in (0.0, 0.03, 1.0, 30.0, 1e6):
        for function in (lambda w, d=gap: 1 / np.hypot(w + 0.01, d), lambda w, d=gap: np.sqrt(d) / (w + d) ** 1.5):
            assert np.sum(share * function(node)) == pytest.approx(np.sum(weight * function(omega)), abs=2 * tolerance)


@pytest.mark.parametrize("cutoff", [8 * 2 * np.pi * 0.3 * TC, 40 * 2 * np.pi * 0.3 * TC])
def test_sums_are_continuous_in_the_temperature(cutoff):
    """Where frequencies begin to be replaced, and where the cutoff passes one."""
    values = []
    for temperature in 0.3 * (1 + np.array([-1e-9, 1e-9])):
        node, share, _ = cutoff_rule(temperature, cutoff, 1e-6, coldest=0.29)
        values.append([np.append(node, share), np.sum(share / (node + 0.1))])
    assert values[0][1] == pytest.approx(values[1][1], abs=1e-8)
    assert values[0][0] == pytest.approx(values[1][0], abs=1e-3)  # points move continuously, too


@pytest.mark.parametrize("temperature", [0.02, 0.4, 0.7])
def test_bulk_gaps(temperature):
    for tc in (0.1, 0.5, 2.0):
        assert bulk_gap(temperature * tc, 0.02 * tc, Coupling(tc)) == pytest.approx(
            tc * bulk_gap(temperature, 0.02), rel=1e-11
        )
    expected = film_gap(temperature, 0.02, 40, tc=0.8)
    assert bulk_gap(temperature, 0.02, Coupling(0.8, 40)) == pytest.approx(expected, abs=1e-9)
    far = bulk_gap(temperature, 0.0, Coupling(0.8, 1e4))
    assert far == pytest.approx(bulk_gap(temperature, 0.0, Coupling(0.8)), abs=1e-7)


def test_bulk_gap_at_zero_temperature_does_not_depend_on_the_cutoff():
    for cutoff in (1.0, 5.0, 125.0):
        assert bulk_gap(1e-3, 0.0, Coupling(0.7, 0.7 * cutoff)) == pytest.approx(0.7, abs=3e-6)


def bulk(**keys):
    """A homogeneous superconductor."""
    layer = us.Superconductor(name="S", length=1.0, **keys)
    return us.Stack([layer], temperature=0.1, inelastic=0.0, tolerance=1e-6)


def test_default_values_change_nothing():
    layers = [us.Superconductor(length=1, **keys) for keys in ({}, {"critical_temperature": 1.0})]
    one, other = (
        us.solve(us.Stack([layer, us.Tunnel(conductance=1), us.NormalReservoir()], temperature=0.1, tolerance=1e-4))
        for layer in layers
    )
    for name in ("gap", "singlet_real", "energy_accumulation", "position"):
        assert np.array_equal(one.data[name].values, other.data[name].values)


def test_critical_temperature_of_a_material():
    assert us.critical(bulk(critical_temperature=0.5)).value == pytest.approx(0.5, abs=1e-6)
    found = us.critical(bulk(critical_temperature=0.5, debye_energy=10)).value

    def eigenvalue(temperature):
        omega, weight = frequencies(temperature, 10)
        return np.arcsinh(10 / 0.5) - np.sum(weight / omega)

    assert found == pytest.approx(brentq(eigenvalue, 0.3, 0.7), abs=1e-6)
    assert found == pytest.approx(0.5, rel=0.005)  # as sums differ from integrals at T/ω_D = 0.03


def test_critical_field_of_a_material():
    """Pauli limit of a second-order transition: ln(T/Tc) + Re ψ(½ + ih/2πT) - ψ(½) = 0 with its own Tc."""
    device = bulk(critical_temperature=0.4, exchange_field=[0, 0, 0.1]).replace({"temperature": 0.3})

    def eigenvalue(field):
        return np.log(0.3 / 0.4) + (digamma(0.5 + 1j * field / (2 * np.pi * 0.3 * TC)) - digamma(0.5)).real

    found = us.critical(device, "S.exchange_field.2").value
    assert found == pytest.approx(brentq(eigenvalue, 0.01, 1), abs=1e-6)


@pytest.mark.parametrize("keys", [{}, {"debye_energy": 12}])
def test_gap_along_the_critical_temperature(keys):
    """A superconductor at T = 0.3 Tc, whose own Tc is lowered to that."""
    device = bulk(critical_temperature=0.8, **keys).replace({"temperature": 0.3, "tolerance": 1e-5})
    branch = us.trace(device, "S.critical_temperature", 0.8, 0.2)
    for place, gap in zip(branch.data["S.critical_temperature"].values, branch.data.gap.values[:, 0], strict=True):
        assert gap == pytest.approx(bulk_gap(0.3, 0.0, Coupling(place, keys.get("debye_energy"))), abs=2e-5)
    closing = branch.data["S.critical_temperature"].values[branch.data.gap_closing.values == 1]
    if not keys:
        assert closing == pytest.approx([0.3], abs=1e-5)


def test_gap_along_the_debye_energy():
    """Through the frequencies, of which there are few."""
    branch = us.trace(bulk(debye_energy=2.0).replace({"temperature": 0.6, "tolerance": 1e-5}), "S.debye_energy", 2, 12)
    for place, gap in zip(branch.data["S.debye_energy"].values, branch.data.gap.values[:, 0], strict=True):
        assert gap == pytest.approx(film_gap(0.6, 0.0, place), abs=5e-6)


@pytest.mark.parametrize(("length", "error"), [(0.01, 2e-3), pytest.param(0.001, 1.5e-4, marks=pytest.mark.slow)])
def test_cooper_limit(length, error):
    """A thin S/N bilayer is a superconductor with the mean of both couplings: ω_D = 125 Δ0, four fifths of it S.

    The gap of S is 125/(0.8 cosh(ln(250)/0.8)) = 0.314 for T and Γ to 0, and what is left of ω_D L²/ħD.
    """
    layers = [us.Superconductor(length=length, debye_energy=125), us.NormalMetal(length=length / 4)]
    result = us.solve(us.Stack(layers, temperature=0.02, inelastic=1e-3, tolerance=1e-3))
    gap = result.data.gap.values[result.data.layer.values == 0]
    expected = film_gap(0.02, 1e-3, 125, share=0.8)
    assert 125 / np.cosh(np.log(250) / 0.8) / 0.8 == pytest.approx(expected, abs=2e-3)
    assert gap == pytest.approx(expected, rel=error)


def bilayer_gap(lengths, temperature, inelastic, cutoff, width):
    """Gap in cells of some width by all frequencies: θ'' = 2[(ω+Γ) sin θ - Δ cos θ], Δ arsinh ω_D = Σ 2πT sin θ."""
    inside, cells = (round(size / width) for size in (lengths[0], sum(lengths)))
    omega, weight = frequencies(temperature, cutoff)
    laplacian = np.diag(np.full(cells, -2.0)) + np.diag(np.ones(cells - 1), 1) + np.diag(np.ones(cells - 1), -1)
    laplacian[0, 0] = laplacian[-1, -1] = -1
    laplacian = laplacian / width**2
    rate = (omega + inelastic)[:, None]
    gap, angle = np.where(np.arange(cells) < inside, 0.5, 0.0), np.full((omega.size, cells), 0.2)
    for _ in range(100):
        for _ in range(20):
            rest = angle @ laplacian - 2 * (rate * np.sin(angle) - gap * np.cos(angle))
            slope = 2 * (rate * np.cos(angle) + gap * np.sin(angle))
            step = np.linalg.solve(laplacian - slope[:, :, None] * np.eye(cells), rest[:, :, None])[:, :, 0]
            angle = angle - step
            if np.max(np.abs(step)) < 1e-9:
                break
        new = np.where(np.arange(cells) < inside, weight @ np.sin(angle) / np.arcsinh(cutoff), 0.0)
        change, gap = np.max(np.abs(new - gap)), gap + 1.5 * (new - gap)
        if change < 1e-7:
            return gap[:inside]
    raise AssertionError


def test_bilayer_by_all_frequencies():
    """Too thick for the Cooper limit: the gap falls towards the contact, and has a limit there."""
    lengths, settings = (0.3, 0.05), {"temperature": 0.15, "inelastic": 0.02}
    cells = bilayer_gap(lengths, cutoff=60, width=0.005, **settings)
    layers = [us.Superconductor(length=lengths[0], debye_energy=60), us.NormalMetal(length=lengths[1])]
    result = us.solve(us.Stack(layers, tolerance=1e-5, **settings))
    found = result.at(0.005 * (np.arange(cells.size) + 0.5)).gap.values
    assert found == pytest.approx(cells, abs=1e-4)
    assert cells[0] - cells[-1] > 0.02


def test_far_from_each_other_two_superconductors_have_bulk_gaps():
    layers = [us.Superconductor(length=9), us.Superconductor(length=14, critical_temperature=0.5)]
    gap = us.solve(us.Stack(layers, temperature=0.2, tolerance=1e-4)).data.gap.values
    assert gap[0] == pytest.approx(bulk_gap(0.2, 0.01), abs=1e-4)
    assert gap[-1] == pytest.approx(bulk_gap(0.2, 0.01, Coupling(0.5)), abs=1e-4)
    assert np.all(np.diff(gap) < 1e-6)


def test_without_coupling_a_superconductor_is_a_normal_metal():
    """What is left of pairing falls like 1/ln(T/Tc), and so does the gap that is induced."""

    def gaps(second):
        layers = [us.Superconductor(length=2), us.Tunnel(conductance=2, relative_to="left"), second]
        return us.solve(us.Stack(layers, temperature=0.3, tolerance=1e-6)).data.gap.values[[0, -1]]

    normal = gaps(us.NormalMetal(length=1))
    first, second = (gaps(us.Superconductor(length=1, critical_temperature=tc)) - normal for tc in (1e-100, 1e-200))
    assert np.all(second > 0)  # two thousandths, and half of it
    assert first == pytest.approx(second * np.log(0.3e200) / np.log(0.3e100), rel=0.02)
    assert np.all(second < 2e-3)


def magnets(tc, **keys):
    """FI/S/FI with perpendicular magnets, all energies in units of one Tc and lengths in units of its ξ."""
    size = 1.5 / np.sqrt(tc)
    layer = us.Superconductor(name="S", length=size, spin_axis=[1, 0, 0], critical_temperature=tc, **keys)
    magnet = us.FerromagneticInsulator(spin_mixing=0.6, magnetization=[1, 0, 0])
    other = us.FerromagneticInsulator(spin_mixing=0.6, magnetization=[0, 1, 0])
    settings = {"temperature": 0.1 * tc, "inelastic": 0.01 * tc, "tolerance": 1e-4 * tc}
    return us.Stack([magnet, layer, other], **settings)


@pytest.mark.parametrize("cutoff", [pytest.param(None, marks=pytest.mark.slow), 20.0])
def test_scaled_devices(cutoff):
    """A device of another material is the reference device in other units: critical field, gap, folds."""
    found = []
    for tc in (1.0, 0.4):
        device = magnets(tc, **({"debye_energy": cutoff * tc} if cutoff else {}))
        branch = us.trace(device.replace({"S.spin_voltage": 0.3 * tc}), "S.spin_voltage", 0.3 * tc, 0.9 * tc)
        result = us.solve(device.replace({"S.spin_voltage": 0.3 * tc}))
        found.append(
            [
                float(result.data.gap[0]) / tc,
                float(result.at([0.75 / np.sqrt(tc)]).spin_current[2, 0]) / tc**1.5,
                branch.folds[0] / tc,
                us.critical(device).value / tc,
            ]
        )
    assert found[0] == pytest.approx(found[1], abs=2e-4)


def test_scaled_device_out_of_equilibrium():
    """Solved distributions under a voltage, between a normal and a superconducting reservoir of the same material."""
    gaps, currents = [], []
    for tc in (1.0, 0.3):
        size = 1 / np.sqrt(tc)
        layers = [
            us.NormalReservoir(voltage=0.4 * tc),
            us.Tunnel(conductance=1.0),
            us.Superconductor(length=2 * size, critical_temperature=tc),
            us.Tunnel(conductance=1.0),
            us.SuperconductingReservoir(critical_temperature=tc),
        ]
        device = us.Stack(layers, temperature=0.2 * tc, inelastic=0.02 * tc, tolerance=1e-3 * tc)
        data = us.solve(device).data
        gaps.append(data.gap.values[[0, -1]] / tc)
        currents.append(data.charge_current.values[-1] / tc**1.5)
    assert gaps[0] == pytest.approx(gaps[1], abs=2e-3) and currents[0] == pytest.approx(currents[1], abs=2e-3)
    assert gaps[0][0] < 0.9 < gaps[0][1] and currents[0] > 0.01


@pytest.mark.parametrize("cutoff", [None, 30.0])
def test_free_energy_of_a_material(cutoff):
    """∫₀^Δ (K x - G(x)) dx, which is -¼Δ² at zero temperature."""
    keys = {"critical_temperature": 0.5, "debye_energy": cutoff}
    device = us.Stack([us.Superconductor(length=1.0, **keys)], temperature=0.05, inelastic=0.0, tolerance=1e-5)
    found = condensation_energy(us.solve(device).state)
    omega, weight = frequencies(0.05, cutoff or 3e3)
    inverse = np.arcsinh((cutoff or 3e3) / 0.5)
    gap = bulk_gap(0.05, 0.0, Coupling(0.5, cutoff))
    expected = 0.5 * inverse * gap**2 - np.sum(weight * (np.hypot(omega, gap) - omega))
    assert found == pytest.approx(expected, abs=1e-5)
    assert found == pytest.approx(-0.25 * 0.5**2, rel=0.05)


def test_spin_voltage_and_field_with_a_cutoff():
    """A spin voltage enters the gap equation like an exchange field against it; solved for, it is nearly the same."""
    field = us.solve(bulk(debye_energy=20, exchange_field=[0, 0, 0.4])).data.gap.values
    imposed = us.solve(bulk(debye_energy=20, spin_voltage=0.4)).data.gap.values
    assert imposed == pytest.approx(field, abs=2e-6)
    assert field == pytest.approx(bulk_gap(0.1, 0.0, Coupling(1.0, 20)), abs=0.02)
    layer = us.Superconductor(length=1.0, debye_energy=20)
    elements = [us.NormalReservoir(spin_voltage=0.4), us.Tunnel(conductance=1e-4), layer]
    solved = us.solve(us.Stack(elements, temperature=0.1, inelastic=1e-3, tolerance=1e-3)).data.gap.values
    other = us.Superconductor(length=1.0, debye_energy=20, spin_voltage=0.4)
    imposed = us.solve(us.Stack([other], temperature=0.1, inelastic=1e-3, tolerance=1e-4)).data.gap.values
    assert solved.mean() == pytest.approx(imposed.mean(), abs=(0.4 / 20) ** 2 + 1e-3)


def test_pair_amplitudes_do_not_end_at_the_cutoff():
    """A given gap has the pair amplitude of that gap, whatever binds it."""
    one, other = (
        us.solve(bulk(gap=0.9, self_consistent=False, **keys)).data.singlet_real.values
        for keys in ({}, {"debye_energy": 5, "critical_temperature": 0.5})
    )
    assert np.array_equal(one, other)
    free = us.solve(bulk(debye_energy=5)).data
    given = us.solve(bulk(gap=float(free.gap[0]), self_consistent=False)).data
    assert free.singlet_real.values[[0, -1]] == pytest.approx(given.singlet_real.values[[0, -1]], abs=1e-5)


@pytest.mark.parametrize(
    ("kind", "keys", "words"),
    [
        (us.Superconductor, {"critical_temperature": 0}, "must be a number > 0, from 1e-300 to 10000 in units of Tc"),
        (us.Superconductor, {"debye_energy": 0.5}, "at least the bulk gap at zero temperature, 1 in units of Δ0"),
        (us.Superconductor, {"debye_energy": 2, "critical_temperature": 3}, "at least the bulk gap"),
        (us.NormalMetal, {"critical_temperature": 0.5}, "critical_temperature"),
    ],
)
def test_refused(kind, keys, words):
    with pytest.raises(InputError, match=words):
        us.Stack([kind(length=1, **keys)]).network()

"""Differential conductances from the linearized kinetic equation."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad

import usadel as us
from usadel.discretization.choice import make_grids
from usadel.energies.rules import TC
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.reference import equilibrium
from usadel.observables.variables import current_modes
from usadel.response.conductance import conductances
from usadel.states.problem import Problem

SOLVED = {"nonequilibrium": True}
WITHOUT_SPECTRA = us.Output(quantities=("gap",))


def test_normal_network():
    """Three wires of resistance 1, 2, 0.5 at a junction: ∂I_i/∂V_j = -G_iG_j/G, and G_j(1 - G_j/G)."""
    values = np.array([1.0, 0.5, 2.0])
    wires = [
        us.Wire([us.NormalMetal(length=1 / g, **SOLVED)], start=name, end="j")
        for name, g in zip("abc", values, strict=True)
    ]
    nodes = {name: us.NormalReservoir(voltage=v) for name, v in zip("abc", (0.3, 0.0, -0.1), strict=True)}
    result = us.solve(us.Device(wires, {"j": us.Junction(), **nodes}, temperature=0.2))
    exact = np.diag(values) - np.outer(values, values) / values.sum()
    for k, name in enumerate("abc"):
        found = result.conductance(name).sel(reservoir=list("abc"))
        assert np.abs(found.charge.values - exact[k]).max() < found.attrs["estimated_error"] < 1e-6
        assert np.abs(found.spin.values).max() < 1e-12


def proximity(voltage):
    end = us.NormalReservoir(name="end", voltage=voltage, spin_voltage=0.2, temperature=0.15)
    layer = us.Ferromagnet(length=1.0, exchange_field=[0, 0, 1.5], **SOLVED)
    barrier = us.Tunnel(conductance=1.5)
    return us.Stack(
        [end, layer, barrier, us.SuperconductingReservoir()], temperature=0.15, tolerance=1e-5, output=WITHOUT_SPECTRA
    )


def test_integral_over_the_voltage_is_the_current():
    """∫G dV between two voltages, by Gauss's rule, is the difference of the currents."""
    low, high = 0.7, 0.9
    node, weight = np.polynomial.legendre.leggauss(4)
    voltages = 0.5 * (low + high) + 0.5 * (high - low) * node
    charge, energy, spin = [], [], []
    for v in voltages:
        found = us.solve(proximity(float(v))).conductance("end").sel(reservoir="end")
        charge.append(float(found.charge))
        energy.append(float(found.energy))
        spin.append(float(found.spin.sel(component="z")))
    weight = 0.5 * (high - low) * weight
    first, last = (us.solve(proximity(v)).data.isel(position=0) for v in (low, high))
    assert np.ptp(charge) > 0.01
    for mode, values in (("charge", charge), ("energy", energy)):
        name = f"{mode}_current"
        assert abs(weight @ values - float(last[name] - first[name])) < 1e-5
    change = last.spin_current - first.spin_current
    assert abs(weight @ spin - float(change.sel(component="z"))) < 1e-5
    assert abs(weight @ spin) > 1e-3


@pytest.mark.parametrize("voltage", [0.0, 0.7, 1.05])
def test_tunnel_junction(voltage):
    """A weak barrier in front of a superconductor: G/G_T = ∫N(E)[-∂f(E - V)/∂E]dE, up to the barrier's strength."""
    width, broadening, transmission = 0.1 * TC, 0.02, 1e-5
    end = us.NormalReservoir(name="end", voltage=voltage)
    barrier = us.Tunnel(conductance=transmission)
    device = us.Stack(
        [end, us.NormalMetal(length=0.1, **SOLVED), barrier, us.SuperconductingReservoir(gap=1)],
        temperature=0.1, inelastic=broadening, tolerance=1e-9,
    )  # fmt: skip
    found = us.solve(device).conductance("end").sel(reservoir="end")

    def integrand(energy):
        e = energy + 1j * broadening
        dos = abs((e / np.sqrt(e**2 - 1)).real)
        return dos / (4 * width * np.cosh(0.5 * (energy - voltage) / width) ** 2)

    points = sorted({-1.0, 1.0, voltage})
    exact = quad(integrand, voltage - 40 * width, voltage + 40 * width, points=points, limit=400, epsabs=1e-12)[0]
    unit = transmission / 0.1
    assert abs(float(found.charge) / unit - exact) < 1e-3 * max(1.0, exact)


REENTRANT = json.loads(
    (Path(__file__).resolve().parents[1] / "reference" / "limits" / "ns_reentrant_conductance.json").read_text("utf-8")
)["values"]


@pytest.mark.parametrize(
    "value", [v for v in REENTRANT if v["params"].get("Delta_over_ETh") == "infinite"], ids=lambda v: str(v["value"])
)
def test_reentrance(value):
    """A wire with E_Th = Δ0 on a superconductor with a very large gap, at kT = 6e-4 E_Th."""
    end = us.NormalReservoir(name="end", voltage=value["params"]["eV_over_ETh"])
    elements = [end, us.NormalMetal(length=1.0, **SOLVED), us.SuperconductingReservoir(gap=1e7)]
    network = us.Stack(elements, temperature=1e-3, inelastic=0).network()
    problem = Problem(equilibrium(network), make_grids(network, [61]))
    found = conductances(Kinetics(network, problem, problem.initial_gap(), 1e-7), "end")
    assert abs(float(current_modes(found.values)["charge"][0]) - value["value"]) < 1e-6


def injection(voltage, tolerance=1e-5):
    """A self-consistent superconductor between a normal and a superconducting reservoir."""
    start = [us.NormalReservoir(name="end", voltage=voltage), us.Tunnel(conductance=1.0)]
    layer = us.Superconductor(length=2.0, **SOLVED)
    settings = {"temperature": 0.3, "inelastic": 0.02, "tolerance": tolerance, "output": WITHOUT_SPECTRA}
    return us.Stack([*start, layer, us.SuperconductingReservoir(name="s")], **settings)


def island(left, right, tolerance=1e-5):
    """One between two normal reservoirs, whose condensate nothing holds."""
    ends = [us.NormalReservoir(name=name, voltage=v) for name, v in (("left", left), ("right", right))]
    barriers = [us.Tunnel(conductance=1.0) for _ in ends]
    layer = us.Superconductor(length=2.0, **SOLVED)
    settings = {"temperature": 0.3, "inelastic": 0.02, "tolerance": tolerance, "output": WITHOUT_SPECTRA}
    return us.Stack([ends[0], barriers[0], layer, barriers[1], ends[1]], **settings)


def difference(device, voltage, step=0.015):
    """Derivatives of charge and energy current at the left end by four solutions: differences of fourth order."""
    weights = {-2: 1 / 12, -1: -2 / 3, 1: 2 / 3, 2: -1 / 12}
    found = {k: us.solve(device(voltage + k * step)).data for k in weights}
    names = ("charge_current", "energy_current")
    return [sum(w * float(found[k][name][0]) for k, w in weights.items()) / step for name in names]


@pytest.mark.parametrize("voltage", [0.0, 0.5])
def test_a_gap_that_follows_the_voltage(voltage):
    """Against differences of solutions. Only then is what enters what leaves."""
    result = us.solve(injection(voltage, 1e-4))
    found = result.conductance("end")
    into = found.charge.sel(reservoir=["end", "s"]).values
    assert abs(into.sum()) < found.attrs["estimated_error"] < 3e-5
    charge, energy = difference(lambda v: injection(v, 1e-6), voltage)
    assert abs(into[0] - charge) < 2e-5
    assert abs(float(found.energy.sel(reservoir="end")) - energy) < 2e-5
    at_the_same_gap = current_modes(conductances(result.refined.kinetics, "end").values)["charge"]
    assert abs(at_the_same_gap.sum()) > 0.01


def test_a_condensate_takes_a_potential_of_its_own():
    """By symmetry half of the voltage: the left one alone by dV is both by ±dV/2 about a condensate at rest."""
    result = us.solve(island(0.3, -0.3, 1e-4))
    found = result.conductance("left")
    into = found.charge.sel(reservoir=["left", "right"]).values
    charge, _ = difference(lambda v: island(v, -v, 1e-6), 0.3)
    assert result.data.gap.values.min() > 0.3
    assert abs(into.sum()) < found.attrs["estimated_error"] < 3e-5
    assert abs(into[0] - 0.5 * charge) < 2e-5
    at_the_same_gap = current_modes(conductances(result.refined.kinetics, "left").values)["charge"]
    assert abs(at_the_same_gap.sum()) > 0.01


def test_bad_input():
    result = us.solve(proximity(0.3).replace({"tolerance": 1e-3}))
    with pytest.raises(us.InputError, match="'end'"):
        result.conductance("superconducting_reservoir 3")

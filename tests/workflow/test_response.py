"""Matrices of linear response: differences of whole solutions, reciprocity, networks of resistors, laws of metals."""

import numpy as np
import pytest

import usadel as us
from usadel.energies.rules import TC
from usadel.response.krylov import SharedSpace

WITHOUT_SPECTRA = us.Output(quantities=("gap", "torque"))
DRIVES = ("voltage", "temperature", "spin_voltage_x", "spin_voltage_y", "spin_voltage_z")


def law(*magnetization):
    return us.SpinActive(conductance=0.8, polarization=0.4, spin_mixing=0.5, magnetization=magnetization)


def normal_network(conductances, joined):
    wires = [
        us.Wire([us.NormalMetal(length=1 / g)], start=a, end=b) for g, (a, b) in zip(conductances, joined, strict=True)
    ]
    inner = sorted({n for pair in joined for n in pair if n.startswith("j")})
    outer = sorted({n for pair in joined for n in pair if not n.startswith("j")})
    nodes = {n: us.Junction() for n in inner} | {n: us.NormalReservoir() for n in outer}
    return us.Device(wires, nodes, temperature=0.2, tolerance=1e-5)


def test_star_of_resistors():
    """∂I_i/∂V_j = g_i(δ_ij - g_j/Σg); Wiedemann-Franz for heat, the same for each spin."""
    g = np.array([1.0, 0.5, 2.0])
    found = us.solve(normal_network(g, [("a", "j"), ("b", "j"), ("c", "j")])).response()
    exact = np.diag(g) - np.outer(g, g) / g.sum()
    response = found.response
    assert np.abs(response.sel(current="charge", drive="voltage").values - exact).max() < 1e-6
    lorenz = np.pi**2 / 3 * TC**2 * 0.2  # L0 T, of energies in Δ0 and temperatures in Tc
    assert np.abs(response.sel(current="energy", drive="temperature").values - lorenz * exact).max() < 1e-6
    assert np.abs(response.sel(current="spin_y", drive="spin_voltage_y").values + exact).max() < 1e-6
    assert abs(found.nonlocal_resistance(("a", "b"), ("a", "c")) - 1.0) < 1e-5
    assert abs(found.nonlocal_resistance(("a", "b"), ("a", "b")) - 3.0) < 1e-5
    assert abs(found.thermopower("a", ("a", "b"))) < 1e-9
    assert abs(found.thermal_conductance("a") - lorenz * exact[0, 0]) < 1e-6
    assert np.isnan(response.sel(drive="phase").values).all() and "a.phase" in found.missing[0]
    assert np.isfinite(response.sel(drive=list(DRIVES)).values).all()


def test_unbalanced_bridge():
    """Wheatstone's: nodal analysis with Kirchhoff's laws."""
    joined = [("a", "j1"), ("a", "j2"), ("j1", "j2"), ("j1", "b"), ("j2", "b")]
    g = [1.0, 2.0, 0.7, 0.5, 3.0]
    leads = [("c", "j1"), ("d", "j2")]
    found = us.solve(normal_network([*g, 1.0, 1.0], [*joined, *leads])).response()
    names = ["a", "b", "c", "d", "j1", "j2"]
    laplace = np.zeros((6, 6))
    for value, pair in zip([*g, 1.0, 1.0], [*joined, *leads], strict=True):
        i, k = (names.index(n) for n in pair)
        laplace[[i, k], [i, k]] += value
        laplace[[i, k], [k, i]] -= value
    voltage = np.linalg.pinv(laplace)[:, 0] - np.linalg.pinv(laplace)[:, 1]
    assert abs(found.nonlocal_resistance(("a", "b"), ("c", "d")) - (voltage[2] - voltage[3])) < 1e-5
    assert abs(voltage[2] - voltage[3]) > 0.01


def driven(voltage=0.3, temperature=0.25, spin_voltage=(0.0, 0.12, 0.16), phase=0.4, bank=0.2, tolerance=1e-6):
    """A magnet between a driven reservoir and a superconductor, with magnets at both contacts."""
    size = float(np.linalg.norm(spin_voltage))
    end = us.NormalReservoir(
        name="n", voltage=voltage, temperature=temperature, spin_voltage=size,
        spin_axis=[v / size for v in spin_voltage],
    )  # fmt: skip
    layer = us.Ferromagnet(length=0.8, exchange_field=[0, 0.5, 1.5])
    far = us.SuperconductingReservoir(name="s", phase=phase, temperature=bank)
    settings = {"temperature": 0.2, "tolerance": tolerance, "output": WITHOUT_SPECTRA}
    return us.Stack([end, law(0, 0.6, 0.8), layer, law(1, 0, 0), far], **settings)


def condensates(voltage=0.3, phase=0.5, bank=0.3, tolerance=1e-4):
    """A gap that follows, between a driven and a superconducting reservoir."""
    end = [us.NormalReservoir(name="n", voltage=voltage, spin_voltage=0.1), law(0, 0.6, 0.8)]
    far = [us.Tunnel(conductance=1.0), us.SuperconductingReservoir(name="s", phase=phase, temperature=bank)]
    settings = {"temperature": 0.3, "inelastic": 0.03, "tolerance": tolerance, "output": WITHOUT_SPECTRA}
    return us.Stack([*end, us.Superconductor(length=1.0), *far], **settings)


def bridge(phase=0.9, bank=0.3, tolerance=1e-5):
    """Equilibrium: a supercurrent between two superconductors."""
    ends = [us.SuperconductingReservoir(name="s", phase=phase, temperature=bank), us.SuperconductingReservoir(name="r")]
    layers = [us.NormalMetal(length=0.6), us.Tunnel(conductance=2.0)]
    return us.Stack([ends[0], *layers, ends[1]], temperature=0.3, tolerance=tolerance, output=WITHOUT_SPECTRA)


def answers(device, start):
    """Currents (terminal, 5) and torques (interface, 3) of a whole solution."""
    result = us.solve(device, start=start)
    at = result.terminals
    currents = np.stack([at.charge_current.values, at.energy_current.values, *at.spin_current.values], axis=1)
    torque = result.data.get("torque")
    return currents, np.zeros((0, 3)) if torque is None else torque.values.T


def difference(device, keyword, value, step, tolerance):
    """Derivatives by a keyword: differences of two whole solutions."""
    start = us.solve(device(tolerance=tolerance))
    sides = [answers(device(**{keyword: value(s * step)}, tolerance=tolerance), start) for s in (1, -1)]
    return [(ahead - behind) / (2 * step) for ahead, behind in zip(*sides, strict=True)]


def axis(component):
    return lambda s: tuple(np.array((0.0, 0.12, 0.16)) + s * np.eye(3)[component])


CASES = {
    driven: [
        ("n", "temperature", "temperature", lambda s: 0.25 + s),
        ("n", "spin_voltage_x", "spin_voltage", axis(0)),
        ("s", "temperature", "bank", lambda s: 0.2 + s),
    ],
    condensates: [
        ("s", "temperature", "bank", lambda s: 0.3 + s),
        ("s", "phase", "phase", lambda s: 0.5 + s),
    ],
    bridge: [
        ("s", "phase", "phase", lambda s: 0.9 + s),
        ("s", "temperature", "bank", lambda s: 0.3 + s),
    ],
}
FINE = {driven: (2e-3, 1e-7), condensates: (6e-3, 1e-6), bridge: (1e-3, 1e-7)}  # steps and tolerances of solutions


@pytest.mark.parametrize("device", CASES, ids=lambda device: device.__name__)
def test_against_differences_of_solutions(device):
    found = us.solve(device()).response()
    assert found.error < 1e-4
    step, tolerance = FINE[device]
    for terminal, drive, keyword, value in CASES[device]:
        currents, torques = difference(device, keyword, value, step, tolerance)
        limit = 5e-6 + found.error
        asked = {"driven": terminal, "drive": drive}
        assert np.abs(found.response.sel(asked).values - currents).max() < limit, drive
        if torques.size:
            own = found.torque_response.sel(asked).values
            magnetic = np.isfinite(own[:, 0])
            assert magnetic.any() and np.abs(own - torques)[magnetic].max() < limit, drive
    if device is not condensates:
        assert np.abs(found.response.sel(driven="s", drive="temperature").values).max() > 1e-3


def reciprocal(sign, tolerance=1e-5):
    """Noncollinear magnets, two normal terminals and a superconductor; all fields and magnets times a sign."""

    def times(*vector):
        return [sign * v for v in vector]

    magnet = us.Ferromagnet(length=0.6, exchange_field=times(0.3, 0, 1.0))
    wires = [
        us.Wire([law(*times(0, 0.6, 0.8)), magnet], start="a", end="j"),
        us.Wire([us.NormalMetal(length=0.5), us.Tunnel(conductance=1.0)], start="j", end="s"),
        us.Wire([law(*times(1, 0, 0)), us.NormalMetal(length=0.8)], start="b", end="j"),
    ]  # fmt: skip
    nodes = {"a": us.NormalReservoir(), "b": us.NormalReservoir(), "j": us.Junction()}
    nodes["s"] = us.SuperconductingReservoir()
    settings = {"temperature": 0.3, "inelastic": 0.02, "tolerance": tolerance, "output": WITHOUT_SPECTRA}
    return us.Device(wires, nodes, **settings)


def conjugate(found, temperature):
    """Flows that are conjugate to (V, δT/T, Vs): charge, energy, minus spin on the reservoir's side; (10, 10)."""
    network = found.device.network()
    magnets = {
        t.name: k for t in network.terminations for k, (_, _, ends) in enumerate(network.interfaces()) if t.end in ends
    }
    out = np.zeros((2, 5, 2, 5))
    for i, terminal in enumerate("ab"):
        for k, driven_one in enumerate("ab"):
            asked = {"driven": driven_one, "drive": list(DRIVES)}
            flows = found.response.sel(asked).sel(terminal=terminal).values.copy()
            flows[2:] += found.torque_response.sel(asked).isel(interface=magnets[terminal]).values
            flows[2:] *= -1
            flows[:, 1] *= temperature
            out[i, :, k] = flows
    return out.reshape(10, 10)


def test_reciprocity():
    """T∂I/∂T = ∂Q/∂V and ∂I_i(m)/∂Vs_j = ∂J_j(-m)/∂V_i: spin voltages and magnets are odd under reversal of time."""
    ahead, reversed_one = (conjugate(us.solve(reciprocal(sign)).response(), 0.3) for sign in (1, -1))
    odd = np.array(2 * [1, 1, -1, -1, -1])
    assert np.abs(ahead - (odd[:, None] * reversed_one * odd).T).max() < 1e-8 * np.abs(ahead).max()
    assert np.abs(ahead - ahead.T).max() > 0.1  # it takes the reversal
    assert np.abs(ahead[0, 1]) > 1e-4


def test_what_follows_from_reciprocity():
    """Peltier coefficient = T × thermopower, of a contact that polarizes on a spin-split superconductor."""
    split = us.Superconductor(length=2, exchange_field=[0, 0, 0.3], gap=0.8, self_consistent=False)
    barrier = us.SpinActive(conductance=0.02, polarization=0.8, magnetization=[0, 0, 1])
    ends = [us.NormalReservoir(name=name) for name in ("hot", "cold")]
    elements = [ends[0], barrier, split, us.Tunnel(conductance=0.2), ends[1]]
    found = us.solve(us.Stack(elements, temperature=0.3, tolerance=1e-7, output=WITHOUT_SPECTRA)).response()
    seebeck = found.thermopower("hot", ("hot", "cold"))
    assert abs(seebeck) > 0.05
    assert found.peltier(("hot", "cold"), "hot") == pytest.approx(seebeck * 0.3 * TC, rel=1e-3)
    assert found.figure_of_merit("hot", "cold") > 0
    assert found.spin_seebeck("hot", "hot").shape == (3,)
    assert found.nonlocal_spin_conductance("hot", "cold").dims == ("component", "axis")


def test_torques_of_a_neighbour():
    """A device that starts from another one has the torques that it has by itself."""
    known = us.solve(driven())
    other = driven(voltage=0.2)
    there = us.solve(other, start=known).data["torque"]
    assert np.abs(there - us.solve(other).data["torque"]).max() < 1e-5


def test_what_cannot_be_driven(tmp_path):
    layer = us.Superconductor(length=1.0, spin_voltage=0.1)
    imposed = us.solve(us.Stack([us.NormalReservoir(), us.Tunnel(conductance=1), layer], tolerance=1e-3))
    with pytest.raises(us.InputError, match="imposed"):
        imposed.response()
    wire = us.solve(us.Stack([us.NormalReservoir(name="a"), us.NormalMetal(length=1), us.NormalReservoir(name="b")]))
    found = wire.response()
    with pytest.raises(us.InputError, match="no terminal 'c'; allowed: 'a', 'b'"):
        found.nonlocal_resistance(("a", "c"), ("a", "b"))
    with pytest.raises(us.InputError, match="magnet"):
        _ = found.torque_response
    again = us.load(found.save(tmp_path / "a.response.nc"))
    assert isinstance(again, us.Response) and again.data.identical(found.data)
    us.plots.default_figure(found)
    with pytest.raises(us.InputError, match="read from a file"):
        us.load(wire.save(tmp_path / "a.nc")).response()


def test_equations_with_one_operator():
    """Several right-hand sides share directions; a direction that is common to all is asked for once."""
    rng = np.random.default_rng(1)
    matrix = np.eye(30) + 0.2 * rng.normal(size=(30, 30)) / np.sqrt(30)
    right = rng.normal(size=(30, 2)) @ rng.normal(size=(2, 7))
    space, known, passes = SharedSpace(), [], 0
    while (directions := space.directions(right, 1e-8)).size:
        assert directions.shape[1] <= 2
        known.append(directions)
        space.extend(matrix @ directions)
        passes += 1
    shares, failed = space.solve(right, 1e-8)
    assert not failed.any() and passes < 20
    assert np.abs(matrix @ np.concatenate(known, axis=1) @ shares - right).max() < 1e-6


def test_a_device_without_reservoirs_has_no_terminals():
    result = us.solve(us.Stack([us.Superconductor(length=1)], temperature=0.5, tolerance=1e-3))
    assert result.terminals.sizes["terminal"] == 0
    with pytest.raises(us.InputError, match="nothing can be driven"):
        result.response()

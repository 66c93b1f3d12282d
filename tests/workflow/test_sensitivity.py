"""Derivatives by any number of a device: closed forms, linear response, differences of independent solves."""

import numpy as np
import pytest

import usadel as us
from usadel.description.device.axes import number_at
from usadel.energies.rules import TC
from usadel.solution.variables import variables
from usadel.states.transfer import carry

NO_NUMBERS = ("output", "tolerance", "title")  # of the solve, not of the device
# defined up to a global phase where no reservoir fixes one
UP_TO_PHASE = {"gap_phase", "singlet_real", "singlet_imag", "triplet_real", "triplet_imag"}


def test_resistor():
    """I = σA V/L; ∂I/∂p by hand."""
    wire = us.NormalMetal(name="N", length=2.0, conductivity=1.5, area=0.8)
    ends = [us.NormalReservoir(name="a", voltage=0.3), us.NormalReservoir(name="b")]
    result = us.solve(us.Stack([ends[0], wire, ends[1]], temperature=0.2, tolerance=1e-5))
    current = 1.5 * 0.8 * 0.3 / 2.0
    exact = {
        "a.voltage": current / 0.3,
        "N.length": -current / 2.0,
        "N.conductivity": current / 1.5,
        "N.area": current / 0.8,
    }
    exact |= {"b.voltage": -current / 0.3, "N.spin_flip": 0.0, "temperature": 0.0}
    found = result.sensitivity("charge_current", list(exact)).charge_current
    assert np.abs(found - np.array(list(exact.values()))[:, None]).max() < 1e-7
    slope = result.sensitivity("charge_accumulation", "a.voltage").charge_accumulation[0]
    here, ends = result.data.charge_accumulation.values, slope[[0, -1]].values
    assert np.abs(slope - here / 0.3).max() < 1e-7 and abs(ends[1]) < 1e-9 < abs(ends[0])


def bcs_slope(gap, temperature):
    """dΔ/dT of Σₙ [1/√(ωₙ² + Δ²) - 1/ωₙ] 2πT = ln(T/Tc): from the sums that its implicit derivative needs."""
    omega = np.pi * temperature * TC * (2 * np.arange(400_000) + 1)
    root = np.sqrt(omega**2 + gap**2)
    by_gap = -2 * np.pi * temperature * TC * np.sum(gap / root**3)
    by_temperature = -1 / temperature + 2 * np.pi * TC * np.sum(gap**2 / root**3)
    return -by_temperature / by_gap


@pytest.mark.parametrize("temperature", [0.3, 0.98])
def test_bulk_gap_falls_with_temperature(temperature):
    device = us.Stack([us.Superconductor(length=1.0)], temperature=temperature, inelastic=0.0, tolerance=1e-9)
    result = us.solve(device)
    found = result.sensitivity("gap", "temperature").gap.values
    exact = bcs_slope(float(result.data.gap[0]), temperature)
    assert np.abs(found / exact - 1).max() < 1e-6


def magnet(name, *magnetization, **keys):
    return us.FerromagneticInsulator(name=name, magnetization=magnetization, **keys)


def spin_active(name, *magnetization, **keys):
    keys = {"conductance": 1.2, "polarization": 0.4, "spin_mixing": 0.5} | keys
    return us.SpinActive(name=name, magnetization=magnetization, **keys)


COUPLED = {"spin_flip": 0.02, "spin_orbit": 0.1, "depairing": 0.03, "diffusion": 1.3, "conductivity": 0.7, "area": 1.2}
SPIN_ORBIT = {"rashba": 0.2, "dresselhaus": 0.3, "nanowire": 0.1}
DEVICES = {
    "superconductor": us.Stack(
        [
            magnet("a", 0.3, 0.2, 1, spin_mixing=0.4, second_order=0.1),
            us.Superconductor(
                name="S", length=1.2, exchange_field=[0.1, 0.05, 0.2], critical_temperature=0.9, thickness=0.3,
                gauge_x=[0.1, 0.2, 0.3], gauge_y=[0.2, 0.1, 0.1], **COUPLED,
            ),
            magnet("b", 1, 0.2, 0.1, spin_mixing=-0.3),
        ],
        temperature=0.3, tolerance=1e-8,
    ),
    "junction": us.Stack(
        [
            us.SuperconductingReservoir(name="L", phase=0.3),
            spin_active("c", 0.3, 0.2, 1, second_order=0.2, relative_to="right"),
            us.Ferromagnet(name="F", length=0.8, exchange_field=[0.4, 0.2, 1.0], **COUPLED, **SPIN_ORBIT),
            us.Tunnel(name="t", conductance=1.5, relative_to="left"),
            us.SuperconductingReservoir(name="R", phase=1.0, gap=0.8),
        ],
        temperature=0.3, tolerance=1e-8,
    ),
    "half-metal": us.Stack(
        [
            us.SuperconductingReservoir(name="L"),
            spin_active("c", 1, 0.1, 0.3, relative_to="right"),
            us.HalfMetal(name="H", length=1, polarization=0.5, magnetization=[0.1, 0.2, 1]),
            spin_active("d", 0.2, 1, 0, second_order=0.2, relative_to="left"),
            us.SuperconductingReservoir(name="R", phase=1),
        ],
        temperature=0.3, tolerance=1e-7,
    ),
    "two laws between layers": us.Stack(
        [
            us.Superconductor(name="A", length=0.8, gap=0.9, self_consistent=False),
            spin_active(
                "d", 1, 0.2, 0.1, spin_mixing=0, spin_mixing_left=0.5, spin_mixing_right=-0.2, second_order=0.1,
                relative_to="left", magnetization_left=[0, 0.4, 1], magnetization_right=[0.1, 1, 0.2],
            ),
            us.NormalMetal(name="N", length=0.6, rashba=0.1, spin_orbit=0.1),
            us.FerromagneticInsulator(name="f", spin_mixing=0.3, magnetization=[1, 0, 0.2]),
        ],
        temperature=0.3, tolerance=1e-8,
    ),
    "imposed": us.Stack(
        [
            us.Superconductor(
                name="A", length=1.0, self_consistent=False, gap=0.9, phase=0.4, phase_gradient=0.3, spin_voltage=0.2,
                voltage=0.1, spin_temperature=0.05, spin_axis=[0.1, 0.3, 1],
            ),
            us.Tunnel(name="t", conductance=1.2, relative_to="left"),
            us.Superconductor(name="B", length=0.7, self_consistent=False, gap=0.7, phase=1.0),
        ],
        # at a tolerance of 1e-7 the node at the barrier differs by 1.6e-6, whatever the steps
        temperature=0.3, inelastic=0.05, tolerance=1e-8,
    ),
    "driven": us.Stack(
        [
            us.NormalReservoir(name="L", voltage=0.3, temperature=0.35, spin_voltage=0.1, spin_axis=[0.2, 0.3, 1]),
            spin_active("c", 0.3, 0.2, 1, relative_to="right"),
            us.Ferromagnet(name="F", length=0.8, exchange_field=[0.2, 0.1, 0.4], inelastic=0.05, **COUPLED),
            us.Tunnel(name="t", conductance=1.5, relative_to="left"),
            us.SuperconductingReservoir(name="R", phase=1.0, gap=0.8, inelastic=0.05),
        ],
        temperature=0.3, tolerance=1e-7,
    ),
    "transport": us.Stack(
        [
            us.NormalReservoir(name="L", voltage=0.3, temperature=0.35),
            us.Tunnel(name="s", conductance=2.0),
            us.NormalMetal(name="N", length=1.0, depairing=0.1, diffusion=1.3, conductivity=0.7, area=1.2),
            us.Tunnel(name="t", conductance=1.5),
            us.SuperconductingReservoir(name="R", gap=0.8),
        ],
        temperature=0.3, inelastic=0.1, tolerance=1e-7,
    ),
    "driven gap": us.Stack(
        [
            us.NormalReservoir(name="L", voltage=0.2),
            us.Tunnel(name="t", conductance=1.0),
            us.Superconductor(name="S", length=2.0),
            us.Tunnel(name="u", conductance=1.0),
            us.SuperconductingReservoir(name="R", phase=0.0),
        ],
        temperature=0.3, tolerance=1e-7,
    ),
}  # fmt: skip


def written(device):
    """Paths of all numbers that a device has of its own: none that elements take from it, and none that are zero."""
    found = []
    for path in device.paths():
        if (
            path.startswith(NO_NUMBERS)
            or path.endswith(("zeeman", "_temperature", "S.voltage"))
            or ".spin_axis" in path
        ):
            continue
        try:
            value = number_at(device, path)
        except us.InputError:
            continue
        if value != 0 and isinstance(device.get(path), (int, float)):
            found.append(path)
    return found


def solved_values(device, near):
    """Variables of an independent solve at the nodes of a neighbour, at equal fractions of each layer."""
    result = us.solve(device, start=near)
    old, new = result.state.problem, near.state.problem
    out = {}
    for name, values in variables(result.solved).items():
        at_nodes = values.ndim and values.shape[-1] == old.layout.sites and name != "torque"
        out[name] = carry(old, new, values.T).T if at_nodes else values
    return out


def difference(result, steps, size):
    """Derivative along steps of several numbers, from four independent solves to fourth order."""
    present = {path: result.device.get(path) for path in steps}
    values = []
    for shift in (-2, -1, 1, 2):
        moved = {path: value + shift * size * steps[path] for path, value in present.items()}
        values.append(solved_values(result.device.replace(moved), result))
    return {name: (v[0] - 8 * v[1] + 8 * v[2] - v[3]) / (12 * size) for name, v in _by_name(values).items()}


def _by_name(values):
    return {name: [each[name] for each in values] for name in values[0]}


def compare(result, steps, size, tolerance):
    """Sensitivities along steps against differences of solves, in all variables that both have."""
    exact = difference(result, steps, size)
    fixed = result.device.network().fixes_phase
    names = sorted(set(exact) - (set() if fixed else UP_TO_PHASE) - {"free_energy"})
    found = result.sensitivity(names, list(steps))
    weights = np.array(list(steps.values()))
    for name in names:
        along = np.tensordot(weights, found[name].values, axes=1)
        assert np.abs(along - exact[name]).max() < tolerance * max(1.0, np.abs(exact[name]).max()), name


LONGER = ("superconductor", "junction", "driven")


@pytest.mark.parametrize(
    "name", ["half-metal", "transport", *(pytest.param(name, marks=pytest.mark.slow) for name in LONGER)]
)
def test_all_numbers_at_once(name):
    """Along a random direction in the space of all numbers: a wrong derivative by any of them shows."""
    device, rng = DEVICES[name], np.random.default_rng(4)
    steps = {path: rng.uniform(-1, 1) * device.get(path) for path in written(device)}
    assert len(steps) >= 10
    compare(us.solve(device), steps, 2e-3, 1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(DEVICES))
def test_every_number(name):
    device = DEVICES[name]
    result = us.solve(device)
    for path in written(device):
        compare(result, {path: device.get(path)}, 2e-3, 2e-5 if name == "driven gap" else 1e-6)


def test_zeros_and_broken_symmetries():
    """Numbers that are zero in a device of two independent spins: their derivatives have less symmetry than it has."""
    layer = us.Superconductor(name="S", length=1.5, spin_axis=[1, 0, 0])
    ends = [magnet(name, 1, 0, 0, spin_mixing=0.6) for name in "ab"]
    result = us.solve(us.Stack([ends[0], layer, ends[1]], temperature=0.1, tolerance=1e-8))
    compare(result, {"S.spin_voltage": 1.0}, 2e-3, 1e-6)
    compare(result, {"S.exchange_field.2": 1.0, "a.magnetization.1": 0.7, "b.magnetization.2": 0.3}, 2e-3, 1e-6)


def test_current_and_free_energy_of_a_junction():
    """∂F/∂φ is half the current, in its unit."""
    result = us.solve(DEVICES["junction"].replace({"tolerance": 1e-6}))
    slopes = result.sensitivity("free_energy", ["R.phase", "L.phase"]).free_energy.values
    assert abs(slopes[0] + slopes[1]) < 1e-8
    assert abs(abs(slopes[0] / float(result.data.charge_current[0])) - 0.5) < 1e-6


def test_linear_response_of_a_device_in_equilibrium():
    """∂I/∂V by another program: the matrix of linear response."""
    result = us.solve(DEVICES["driven gap"].replace({"L.voltage": 0.0, "tolerance": 1e-6}))
    at_terminal = result.response().response.sel(terminal="L", driven="L")
    found = result.sensitivity(["charge_current", "energy_current"], ["L.voltage", "L.temperature"])
    for path, drive in (("L.voltage", "voltage"), ("L.temperature", "temperature")):
        for name in ("charge", "energy"):
            exact = float(at_terminal.sel(current=name, drive=drive))
            assert abs(float(found[f"{name}_current"].sel(path=path)[0]) - exact) < 1e-6


def test_density_of_states():
    result = us.solve(DEVICES["junction"].replace({"tolerance": 1e-6}))
    energies = np.array([-1.2, 0.3, 0.79])
    found = result.sensitivity(["dos", "dos_spin"], ["R.gap"], energies)
    for path in found.path.values:
        value = number_at(result.device, path)
        near = [us.solve(result.device.replace({path: value + s}), start=result) for s in (-4e-4, -2e-4, 2e-4, 4e-4)]
        for name in ("dos", "dos_spin"):
            v = [each.dos(energies, tolerance=1e-8)[name].values for each in near]
            exact = (v[0] - 8 * v[1] + 8 * v[2] - v[3]) / 0.0024
            assert np.abs(found[name].sel(path=path).values - exact).max() < 1e-5 * np.abs(exact).max()


def test_what_is_refused(tmp_path):
    result = us.solve(us.Stack([us.Superconductor(name="S", length=1.0)], temperature=0.5, tolerance=1e-4))
    result.save(tmp_path / "a.nc")
    for of, quantity, path, words in (
        (result, [], "S.length", "quantity: must be a name"),
        (result, "nothing", "S.length", "'nothing' has no derivative by it"),
        (result, "gap", "S.name", "is not a number"),
        (result, "gap", "S.voltage", "no value beside 0 is allowed"),
        (result, "gap", "S.zeeman", "the field would follow"),
        (result, "dos", "S.length", "energies: needed"),
        (us.load(tmp_path / "a.nc"), "gap", "S.length", "read from a file"),
    ):
        with pytest.raises(us.InputError, match=words) as caught:
            of.sensitivity(quantity, path)
        assert "\n" not in str(caught.value)
    one_sided = result.sensitivity("gap", "S.depairing")  # not below 0
    assert float(one_sided.gap[0, 0]) < -0.1


def test_critical_temperature_of_a_bulk_superconductor():
    """ln T + Re ψ(½ + (Γ + ih)/2πT) - ψ(½) = 0, differentiated."""
    from scipy.special import digamma

    layer = us.Superconductor(name="S", length=1.0, exchange_field=[0, 0, 0.2])
    device = us.Stack([layer], inelastic=0.05, tolerance=1e-7)
    found = us.critical(device, "temperature", 0.6, 1.0)
    t = found.value
    argument = 0.5 + (0.05 + 0.2j) / (2 * np.pi * t * TC)
    assert abs(np.log(t) + digamma(argument).real - digamma(0.5)) < 1e-6
    unit, step = 1 / (2 * np.pi * t * TC), 1e-5  # ψ' by differences along the real and the imaginary axis
    trigamma = (digamma(argument + step) - digamma(argument - step)) / (2 * step)
    by_temperature = 1 / t - (trigamma * (argument - 0.5)).real / t
    exact = [-(trigamma * unit).real / by_temperature, -(1j * trigamma * unit).real / by_temperature, 0.0]
    slopes = found.sensitivity(["S.inelastic", "S.exchange_field.2", "S.length"]).critical_temperature
    assert np.abs(slopes - exact).max() < 1e-6
    with pytest.raises(us.InputError, match="is sought"):
        found.sensitivity("temperature")


@pytest.mark.slow
def test_critical_temperature_of_a_bilayer():
    """Against differences of independent searches."""
    layers = [
        us.Superconductor(name="S", length=1.5), us.Tunnel(name="t", conductance=2, relative_to="left"),
        us.Ferromagnet(name="F", length=0.5, exchange_field=[0, 0, 2.0]),
    ]  # fmt: skip
    device = us.Stack(layers, tolerance=1e-8)
    found = us.critical(device, "temperature", 0.6, 0.8)
    paths = ["S.length", "F.length", "F.exchange_field.2", "t.conductance", "F.diffusion"]
    slopes = found.sensitivity(paths).critical_temperature
    for path, slope in zip(paths, slopes.values, strict=True):
        value, size = device.value(path), 3e-3 * device.value(path)
        v = [
            us.critical(device.replace({path: value + k * size}), "temperature", 0.6, 0.8).value for k in (-2, -1, 1, 2)
        ]
        exact = (v[0] - 8 * v[1] + 8 * v[2] - v[3]) / (12 * size)
        assert abs(slope - exact) < 1e-5, path

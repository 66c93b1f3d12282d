"""Contacts on top of layers: closed forms, other ways to say the same, and what they are in the limit of a point."""

import numpy as np
import pytest

import usadel as us
from usadel.energies.rules import TC

THICKNESS = 0.1


def magnet(mixing, direction, span):
    return {"kind": "ferromagnetic_insulator", "spin_mixing": mixing, "magnetization": direction, "range": span}


def film(angle=np.pi / 2, **settings):
    """Case 2 of the notes on films: G_φ/G_N = 0.6 at L = 1.5, spread over the outer 0.5 of a film of length 2.5."""
    mixing = 0.6 / 1.5 * THICKNESS / 0.5
    on_top = [
        magnet(mixing, [1, 0, 0], [0, 0.2]),
        magnet(mixing, [np.cos(angle), np.sin(angle), 0], [0.8, 1]),
    ]
    layer = us.Superconductor(name="S", length=2.5, thickness=THICKNESS, on_top=on_top)
    return us.Stack([layer], **{"temperature": 0.3, "inelastic": 0.0, **settings})


def test_two_magnets_on_top_of_a_superconductor():
    """The value of another program, a film in two dimensions solved on a lattice: 16 frequencies, 1e-3 relative."""
    data = us.solve(film()).data
    middle = data.spin_current.sel(component="z").values[data.layer.values == 1]
    assert middle == pytest.approx(0.005601, rel=2e-3)
    assert np.ptp(middle) < 1e-7
    torque = data.torque.sel(component="z").values
    magnets = np.flatnonzero(torque)
    assert torque[magnets] == pytest.approx([-middle[0], middle[0]], abs=1e-7)


def test_parts_of_a_layer_are_one_in_summaries():
    summary = us.solve(film(tolerance=1e-3)).summary()
    assert str(summary).count("gap in S") == 1
    driven = two_banks(us.NormalReservoir(name="L", voltage=0.1), us.NormalReservoir(name="R"), tolerance=1e-3)
    assert us.solve(driven).data.attrs["solved_layers"] == "N"


def test_a_magnet_on_top_is_an_exchange_field():
    """Ŝ/σd = -(i/2)(G_φ/d) M̂: the field G_φD/2d. A part of a layer is a layer of its own, but for its G_N."""
    diffusion, mixing, length = 0.7, 0.08, 1.2
    field = 0.5 * mixing * diffusion / THICKNESS
    covered = us.Superconductor(
        length=length, diffusion=diffusion, thickness=THICKNESS, on_top=[magnet(mixing, [1, 0, 0], [0, 0.4])]
    )
    left = us.Superconductor(length=0.4 * length, diffusion=diffusion, exchange_field=[field, 0, 0])
    right = us.Superconductor(length=0.6 * length, diffusion=diffusion)
    normal = us.NormalMetal(length=1)
    one = us.Stack([covered, us.Tunnel(conductance=0.3, relative_to="left"), normal], temperature=0.3)
    other = us.Stack([left, right, us.Tunnel(conductance=0.3 * 0.6, relative_to="left"), normal], temperature=0.3)
    ours, theirs = us.solve(one).data, us.solve(other).data
    for name in ("gap", "spin_accumulation", "energy_accumulation"):
        assert np.abs(ours[name].values - theirs[name].values).max() < 1e-6


def test_profiles_of_a_layer_that_is_cut():
    """z of a profile is that of the whole layer."""
    covered = us.Superconductor(
        length=2, thickness=THICKNESS, exchange_field=["0.2*z**2", 0, 0], on_top=[magnet(0.0, [0, 0, 1], [0, 0.25])]
    )
    layers = us.Stack([covered]).network().layers
    assert [layer.length for layer in layers] == [0.5, 1.5]
    for layer, z, whole in ((layers[0], 0.5, 0.125), (layers[1], 0.5, 0.625)):
        assert layer.exchange.at(z)[0] == pytest.approx(0.2 * whole**2)
        assert layer.conductance == 0.5


def on_normal(conductance, reservoir, span=(0, 1)):
    return {"kind": "tunnel", "conductance": conductance, "range": list(span), "reservoir": reservoir}


def test_a_normal_metal_on_all_of_a_superconductor_broadens_its_states():
    """½G_T τ̂3/d beside -iEτ̂3: G_TD/2d more of Γ, in the gap equation and in the density of states."""
    rate, energies = 0.06, np.linspace(-2, 2, 41)
    covered = us.Superconductor(
        length=1, thickness=THICKNESS, inelastic=0.02, on_top=[on_normal(2 * rate * THICKNESS, us.NormalReservoir())]
    )
    ours = us.solve(us.Stack([covered], temperature=0.4))
    theirs = us.solve(us.Stack([us.Superconductor(length=1, inelastic=0.02 + rate)], temperature=0.4))
    assert ours.data.gap.values == pytest.approx(float(theirs.data.gap[0]), abs=1e-6)
    dos = [each.dos(energies).dos.values[0] for each in (ours, theirs)]
    assert dos[0] == pytest.approx(dos[1], abs=1e-5)
    critical = us.critical(us.Stack([covered]), "temperature").value
    assert critical == pytest.approx(us.critical(theirs.device, "temperature").value, abs=1e-6)


def test_a_superconductor_on_all_of_a_normal_metal():
    """ĝ ∝ -iετ̂3 + aĝ_S with a = G_TD/2d: a minigap, wherever in the layer."""
    rate, broadening, energies = 0.15, 0.01, np.array([0.05, 0.1, 0.2, 0.5, 0.98, 1.3])
    bank = us.SuperconductingReservoir(gap=1.0)
    layer = us.NormalMetal(length=1.3, thickness=THICKNESS, on_top=[on_normal(2 * rate * THICKNESS, bank)])
    dos = us.solve(us.Stack([layer])).dos(energies).dos.values
    e = energies + 1j * broadening
    root = np.sqrt(e - 1) * np.sqrt(e + 1)
    own, pairs = -1j * e + rate * e / root, rate / root
    exact = own / np.sqrt(own**2 - pairs**2)
    exact *= np.sign(exact.real)
    assert dos == pytest.approx(np.broadcast_to(exact.real, dos.shape), abs=2e-3)


def two_banks(left, right, **settings):
    on_top = [on_normal(0.5, left, (0, 1 / 3)), on_normal(0.5, right, (2 / 3, 1))]
    layer = us.NormalMetal(name="N", length=3, thickness=0.2, on_top=on_top)
    return us.Stack([layer], **{"temperature": 0.2, **settings})


def test_current_and_heat_between_two_normal_metals_on_top():
    """q'' = κ²(q - V) below a contact, κ² = G_T/σd: I = Aκ sh κ, A = ½V/(ch κ + ½κ sh κ), and half of IV as heat."""
    voltage, wave = 0.5, np.sqrt(0.5 / 0.2)
    result = us.solve(two_banks(us.NormalReservoir(name="L", voltage=voltage), us.NormalReservoir(name="R")))
    amplitude = 0.5 * voltage / (np.cosh(wave) + 0.5 * wave * np.sinh(wave))
    current = amplitude * wave * np.sinh(wave)
    assert result.terminals.charge_current.values == pytest.approx([current, -current], abs=1e-6)
    assert result.terminals.energy_current.values == pytest.approx(
        [0.5 * current * voltage] * np.array([1, -1]), abs=1e-6
    )
    potential = result.data.charge_accumulation.values
    assert potential[0] == pytest.approx(voltage - amplitude, abs=1e-6)
    assert result.data.attrs["conservation_error"] < 1e-6


def test_heat_between_them():
    lorenz = np.pi**2 / 6 * TC**2
    hot, cold = us.NormalReservoir(name="L", temperature=0.5), us.NormalReservoir(name="R", temperature=0.2)
    found = us.solve(two_banks(hot, cold)).terminals.energy_current.values
    wave = np.sqrt(0.5 / 0.2)
    conductance = 0.5 / (np.cosh(wave) + 0.5 * wave * np.sinh(wave)) * wave * np.sinh(wave)
    exact = lorenz * (0.5**2 - 0.2**2) * conductance
    assert found == pytest.approx([exact, -exact], abs=1e-6)


def test_supercurrent_and_torque_are_derivatives_of_the_free_energy():
    """I = 2∂F/∂φ and τ = -2∂F/∂θ in the units of the program."""

    def junction(phase, **settings):
        banks = us.SuperconductingReservoir(name="L", phase=phase), us.SuperconductingReservoir(name="R")
        return two_banks(*banks, **settings)

    step = 1e-3
    energies = [float(us.solve(junction(1.0 + s, tolerance=1e-8)).data.free_energy) for s in (step, -step)]
    current = us.solve(junction(1.0)).terminals.charge_current.values
    assert current == pytest.approx((energies[0] - energies[1]) / step * np.array([1, -1]), abs=2e-6)
    energies = [float(us.solve(film(1.0 + s, tolerance=1e-8)).data.free_energy) for s in (step, -step)]
    torque = us.solve(film(1.0)).data.torque.sel(component="z").values
    assert torque[torque > 0] == pytest.approx(-(energies[0] - energies[1]) / step, abs=2e-6)


LAWS = {
    "tunnel": ("tunnel", us.Tunnel, {}),
    "polarizing": ("spin_active", us.SpinActive, {"polarization": 0.6, "spin_mixing": 0.3, "magnetization": [1, 0, 0]}),
}
BEHIND = {
    "normal": us.NormalReservoir(name="T", voltage=0.1, spin_voltage=0.3, spin_axis=[0, 1, 0]),
    "superconductor": us.SuperconductingReservoir(name="T"),
}


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("behind", BEHIND)
def test_a_contact_on_top_of_a_short_piece_is_one_at_its_end(law, behind):
    """Currents of charge, energy and spin, and the torque, in the limit of a length 0 (extrapolated)."""
    kind, end, keys = LAWS[law]
    wire, other = us.NormalMetal(length=1.0), us.NormalReservoir(name="R", voltage=-0.2)
    there = us.solve(
        us.Stack([BEHIND[behind], end(conductance=0.4, **keys), wire, other], temperature=0.3, tolerance=1e-5)
    )

    def covered(length):
        per_area = THICKNESS / length
        scaled = {key: value * per_area if key == "spin_mixing" else value for key, value in keys.items()}
        contact = {"kind": kind, "conductance": 0.4 * per_area, **scaled, "reservoir": BEHIND[behind]}
        piece = us.NormalMetal(length=length, thickness=THICKNESS, on_top=[contact])
        return us.solve(us.Stack([piece, wire, other], temperature=0.3, tolerance=1e-5))

    long, short = covered(0.04), covered(0.02)
    for name in ("charge_current", "energy_current", "spin_current"):
        one, two, exact = (each.terminals[name].sel(terminal="T").values for each in (long, short, there))
        assert 2 * two - one == pytest.approx(exact, abs=1e-4), name
    if keys:
        one, two, exact = (each.data.torque.values.sum(axis=1) for each in (long, short, there))
        assert 2 * two - one == pytest.approx(exact, abs=2e-4)


def test_currents_add_up_beside_superconductors_and_magnets():
    """Charge and energy of all terminals, at the ends and on top; spins but for what magnets take up."""
    on_top = [
        {
            "kind": "spin_active", "conductance": 0.1, "polarization": 0.5, "spin_mixing": 0.2,
            "magnetization": [0, 1, 1], "range": [0.2, 0.7], "reservoir": us.NormalReservoir(name="T", voltage=0.3),
        },
        magnet(0.1, [1, 0, 0], [0.5, 1]),
    ]  # fmt: skip
    layer = us.NormalMetal(length=2, thickness=0.2, on_top=on_top)
    banks = us.SuperconductingReservoir(name="A"), us.SuperconductingReservoir(name="B", phase=1)
    tunnel = us.Tunnel(conductance=1.0)
    device = us.Stack([banks[0], tunnel, layer, tunnel, banks[1]], temperature=0.2, tolerance=1e-5)
    result = us.solve(device)
    assert np.abs(result.terminals.charge_current.sum().values) < 1e-5
    assert np.abs(result.terminals.energy_current.sum().values) < 1e-5
    insulator = [law.kind for _, law, _ in device.network().interfaces()].index("ferromagnetic_insulator")
    torque = result.data.torque.values[:, insulator]
    assert np.abs(torque).max() > 1e-3
    assert result.terminals.spin_current.sum("terminal").values == pytest.approx(torque, abs=1e-5)


def test_a_josephson_junction_of_banks_on_top():
    banks = us.SuperconductingReservoir(name="L"), us.SuperconductingReservoir(name="R")
    relation = us.josephson(two_banks(*banks, tolerance=1e-4))
    data = relation.data
    phase = 1.0
    there = us.solve(two_banks(us.SuperconductingReservoir(name="L", phase=phase), banks[1]))
    found = float(data.current.interp(phase=phase))
    assert found == pytest.approx(float(there.terminals.charge_current.sel(terminal="L")), abs=5e-3)
    assert float(data.critical_current_forward) == pytest.approx(float(data.critical_current_backward), abs=1e-4)


def test_linear_response_of_normal_metals_on_top():
    """∂I/∂V is the conductance, ∂Q/∂T that of Wiedemann and Franz."""
    result = us.solve(two_banks(us.NormalReservoir(name="L"), us.NormalReservoir(name="R")))
    matrix = result.response().data.response
    wave = np.sqrt(0.5 / 0.2)
    conductance = 0.5 * wave * np.sinh(wave) / (np.cosh(wave) + 0.5 * wave * np.sinh(wave))
    by_voltage = matrix.sel(driven="L", drive="voltage", current="charge").values
    assert by_voltage == pytest.approx([conductance, -conductance], abs=1e-6)
    by_temperature = matrix.sel(driven="R", drive="temperature", current="energy").values
    heat = 2 * 0.2 * np.pi**2 / 6 * TC**2 * conductance
    assert by_temperature == pytest.approx([-heat, heat], abs=1e-6)


def transistor(**settings):
    """A normal wire between a superconductor and a normal metal, with a superconductor and a magnet on top."""
    on_top = [
        on_normal(0.3, us.SuperconductingReservoir(name="P", phase="phase"), (0.5, 1)),
        magnet(0.1, [1, 0, 0], [0.7, 1]),
    ]
    layer = us.NormalMetal(length=2, thickness=0.2, on_top=on_top)
    drain = us.NormalReservoir(name="U", voltage="voltage", spin_voltage=0.1)
    ends = us.SuperconductingReservoir(name="A"), us.Tunnel(conductance=1.0), layer, us.Tunnel(conductance=0.7), drain
    return us.Stack(ends, temperature=0.2, tolerance=1e-4, parameters={"phase": 0.5, "voltage": 0.1}).replace(settings)


@pytest.mark.slow
@pytest.mark.parametrize(("key", "driven", "step"), [("phase", "P", 0.02), ("voltage", "U", 0.03)])
def test_linear_response_against_differences(key, driven, step):
    """To the second order of the differences."""
    result = us.solve(transistor())
    response = result.response().data.sel(driven=driven, drive=key)
    value = result.device.value(key)
    sides = [us.solve(transistor(tolerance=1e-5, **{key: value + s})) for s in (step, -step)]
    for name in ("charge", "energy"):
        exact = np.subtract(*(side.terminals[f"{name}_current"].values for side in sides)) / (2 * step)
        assert response.response.sel(current=name).values == pytest.approx(exact, abs=5e-4)
    exact = np.subtract(*(side.data.torque.values for side in sides)) / (2 * step)
    torque = response.torque_response.values
    (insulator,) = np.flatnonzero(np.all(np.isfinite(torque), axis=1))
    assert torque[insulator] == pytest.approx(exact[:, insulator], abs=5e-4)


def test_a_reservoir_on_top_may_float():
    """Half-way between two others, by symmetry: at half of the voltage."""
    on_top = [
        on_normal(0.5, us.NormalReservoir(name="L", voltage=0.4), (0, 0.3)),
        on_normal(0.5, us.NormalReservoir(name="M", floating=["voltage"]), (0.4, 0.6)),
        on_normal(0.5, us.NormalReservoir(name="R"), (0.7, 1)),
    ]
    layer = us.NormalMetal(length=3, thickness=0.2, on_top=on_top)
    found = us.solve(us.Stack([layer], temperature=0.2)).terminals.sel(terminal="M")
    assert float(found.voltage) == pytest.approx(0.2, abs=1e-6)
    assert float(found.charge_current) == pytest.approx(0.0, abs=1e-6)

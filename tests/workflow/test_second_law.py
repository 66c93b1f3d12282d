"""What reservoirs drive through a device: conserved, and never at a gain of order.

Per energy, fluxes J into the device answer linearly to the modes of all normal reservoirs, J = G δh. Elastic scattering
is unitary, so that Σ δh·J ≥ 0 for every δh: the symmetric part of G has no negative eigenvalue. Whatever all reservoirs
share in the energy mode drives nothing.
"""

import numpy as np
import pytest
from single_energies import SingleEnergies

import usadel as us

ENERGIES = np.array([0.2, 0.7, 0.92, 1.05, 1.4])
SOLVED = {"nonequilibrium": True}
KEYS = {"inelastic": 1e-9, "temperature": 0.2}
NODES = 33


def rigid(**keys):
    return us.Superconductor(**{"length": 1.1, "self_consistent": False, "gap": 0.9, **SOLVED, **keys})


def contact(**keys):
    return us.SpinActive(
        conductance=0.8, polarization=0.6, spin_mixing_left=0.5, spin_mixing_right=-0.3, magnetization=[0, 1, 2],
        magnetization_left=[1, 0, 0], **keys,
    )  # fmt: skip


LEFT, RIGHT = us.NormalReservoir(), us.NormalReservoir()


def chain(*between):
    """Leads of normal metal beside the reservoirs: there all modes are conserved, magnets absorb spin."""
    lead = us.NormalMetal(length=0.4, **SOLVED)
    return us.Stack([LEFT, lead, *between, lead, RIGHT], **KEYS)


def magnet(**keys):
    return us.Ferromagnet(**{"length": 0.9, "exchange_field": ["cos(2*z)", "sin(2*z)", 0.5], **SOLVED, **keys})


def three():
    wires = [
        us.Wire([magnet(nanowire=0.6), contact()], start="a", end="j"),
        us.Wire([rigid(phase="0.4*z", exchange_field=[0, 0, 0.2])], start="j", end="b"),
        us.Wire([us.NormalMetal(length=0.5, spin_flip=0.1, **SOLVED)], start="j", end="s"),
    ]
    ends = {"a": LEFT, "b": RIGHT, "s": us.SuperconductingReservoir(phase=0.8)}
    return us.Device(wires, {"j": us.Junction(), **ends}, **KEYS)


FIRST, LAST = {"relative_to": "left"}, {"relative_to": "right"}
DEVICES = {
    "normal, relaxing": chain(us.NormalMetal(length=1.0, spin_flip=0.1, rashba=0.4, **SOLVED)),
    "magnets": chain(contact(**FIRST), magnet(spin_orbit=0.1), contact(**FIRST), magnet(rashba=0.5), contact(**LAST)),
    "superconductor": chain(us.Tunnel(conductance=2.0, **LAST), rigid(), us.Tunnel(conductance=0.7, **FIRST)),
    "spin-split superconductor": chain(
        contact(**FIRST), rigid(exchange_field=[0.2, 0, 0.1], spin_flip=0.02), contact(**LAST)
    ),
    "depairing, gauge field": chain(rigid(depairing=0.2, nanowire=0.4), magnet(dresselhaus=0.3)),
    "half-metal": chain(
        contact(**FIRST),
        us.HalfMetal(length=0.8, polarization=0.7, magnetization=[1, 2, 0], depairing=0.1, **SOLVED),
        contact(second_order=0.1, **FIRST),
        rigid(),
        us.Tunnel(conductance=0.7, **FIRST),
    ),
    "cross": three(),
}


def response(device):
    """G (energies, 8n, 8n): what enters the device from each reservoir by unit modes in each of them."""
    network = device.network()
    normal = [k for k, t in enumerate(network.terminations) if t.pairing is None]
    columns = []
    for driven in normal:
        for mode in range(8):
            found = SingleEnergies(device, ENERGIES, NODES, driven=(driven, mode))
            columns.append(np.concatenate([inward(found, network, network.terminations[k].end) for k in normal]))
    return np.array(columns).transpose(2, 1, 0)


def inward(found, network, end):
    """-σA n J of a reservoir at an end, per Σ δh·(M > 0)."""
    site = found.problem.layout.site(end)
    layer = network.layers[end.layer]
    sign = -1.0 if end.side == "left" else 1.0
    return sign * layer.conductivity * layer.area * found.flux[site]


@pytest.mark.parametrize("name", DEVICES)
def test_dissipation(name):
    device = DEVICES[name]
    g = response(device)
    symmetric = np.linalg.eigvalsh(0.5 * (g + g.transpose(0, 2, 1)))
    assert symmetric.max() > 0.3
    assert symmetric.min() > -1e-7 * symmetric.max()
    n = g.shape[1] // 8
    energy_rows = g.reshape(-1, n, 8, n, 8)[:, :, 0]
    if name != "cross":
        assert np.abs(energy_rows.sum(axis=1)).max() < 1e-9  # what enters leaves
        shared = g.reshape(-1, n, 8, n, 8)[..., 0].sum(axis=-1)
        assert np.abs(shared).max() < 1e-6


@pytest.mark.parametrize("name", ["superconductor", "half-metal"])
@pytest.mark.parametrize(("voltages", "temperatures"), [((0.8, -0.1), (0.2, 0.5)), ((0.3, 0.0), (0.6, 0.2))])
def test_entropy_production(name, voltages, temperatures):
    """Heat into reservoirs, what they give as work less what they give as energy, over their temperatures."""
    ends = [us.NormalReservoir(voltage=v, temperature=t) for v, t in zip(voltages, temperatures, strict=True)]
    device = us.Stack(
        [ends[0], *DEVICES[name].elements[1:-1], ends[1]], temperature=0.2, tolerance=1e-3,
        output=us.Output(quantities=["gap"]),
    )  # fmt: skip
    data = us.solve(device).data
    heat = [
        sign * (v * float(data.charge_current[k]) - float(data.energy_current[k]))
        for sign, k, v in ((1, 0, voltages[0]), (-1, -1, voltages[1]))
    ]
    work = voltages[0] * float(data.charge_current[0]) - voltages[1] * float(data.charge_current[-1])
    assert sum(heat) == pytest.approx(work, abs=1e-6)  # energy is conserved
    assert heat[0] / temperatures[0] + heat[1] / temperatures[1] > 1e-3

"""One row per term and per interface law: what the consistency tests run through.

A new term or law is complete only with its row here and its formula in `oracle`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import oracle

from usadel import description as us

DIMENSIONS = {"length": 1.3, "diffusion": 0.7, "conductivity": 1.4, "area": 0.8, "inelastic": 0.06}
OTHER = {"length": 0.9, "diffusion": 1.6, "conductivity": 0.5, "area": 1.7, "inelastic": 0.02}
THIRD = {"length": 2.1, "diffusion": 1.1, "conductivity": 2.0, "area": 0.4, "inelastic": 0.0}
SX, SY, SZ = oracle.PAULI[1:]
O = 0 * SX


@dataclass(frozen=True)
class Term:
    """A layer with one term.

    Attributes
    ----------
    layer : the layer.
    self_energy : Σ̂(z, Δ) (n, 4, 4) of X = -i[Σ̂, ĝ], without energy; Δ are the gaps at z.
    key : key of `CONSTANT`, `LINEAR` or `GAUGE` that the row stands for, if it is listed there.
    linear : pairs (C, S) of self-energies CSĝS.
    gauge : A_x, A_y, A_z (3, 2, 2).
    """

    layer: Any
    self_energy: Callable[[Any, Any], Any] = lambda z, gap: np.zeros((z.size, 4, 4))
    key: str | None = None
    linear: tuple[tuple[float, Any], ...] = ()
    gauge: tuple[Any, Any, Any] = (O, O, O)


def _field(z):
    return np.stack([0.5 * np.cos(np.pi * z), 0.3 - z, 0.4 + z**2], axis=-1)


TERMS = {
    "energy": Term(us.NormalMetal(**DIMENSIONS)),
    "pairing": Term(us.Superconductor(**DIMENSIONS), lambda z, gap: oracle.pair_potential(gap)),
    "exchange_field": Term(
        us.Ferromagnet(exchange_field=["0.5*cos(pi*z)", "0.3 - z", "0.4 + z**2"], **DIMENSIONS),
        lambda z, gap: oracle.spin(_field(z)),
        key="exchange_field",
    ),
    "spin-split superconductor": Term(
        us.Superconductor(exchange_field=["0.5*cos(pi*z)", "0.3 - z", "0.4 + z**2"], **DIMENSIONS),
        lambda z, gap: oracle.pair_potential(gap) + oracle.spin(_field(z)),
    ),
    "spin_flip": Term(
        us.NormalMetal(spin_flip=0.4, **DIMENSIONS), key="spin_flip", linear=tuple((0.4, s) for s in oracle.RHO[1:4])
    ),
    "spin_orbit": Term(
        us.NormalMetal(spin_orbit=0.3, **DIMENSIONS), key="spin_orbit", linear=tuple((0.3, s) for s in oracle.RHO[5:])
    ),
    "depairing": Term(us.NormalMetal(depairing=0.7, **DIMENSIONS), key="depairing", linear=((0.175, oracle.TAU3),)),
    "rashba": Term(
        us.NormalMetal(rashba=0.6, **DIMENSIONS), key="rashba", gauge=(-0.6 * SY, 0.6 * SX, O)
    ),
    "dresselhaus": Term(
        us.NormalMetal(dresselhaus=-0.5, **DIMENSIONS), key="dresselhaus", gauge=(-0.5 * SX, 0.5 * SY, O)
    ),
    "nanowire": Term(us.NormalMetal(nanowire=0.7, **DIMENSIONS), key="nanowire", gauge=(O, O, -0.7 * SX)),
    "gauge_x": Term(
        us.NormalMetal(gauge_x=[0.4, -0.5, 0.3], **DIMENSIONS), key="gauge_x",
        gauge=(0.4 * SX - 0.5 * SY + 0.3 * SZ, O, O),
    ),
    "gauge_y": Term(
        us.NormalMetal(gauge_y=[0.2, 0.6, -0.4], **DIMENSIONS), key="gauge_y",
        gauge=(O, 0.2 * SX + 0.6 * SY - 0.4 * SZ, O),
    ),
    "gauge_z": Term(
        us.NormalMetal(gauge_z=[-0.3, 0.5, 0.4], **DIMENSIONS), key="gauge_z",
        gauge=(O, O, -0.3 * SX + 0.5 * SY + 0.4 * SZ),
    ),
    "phase_gradient": Term(
        us.NormalMetal(phase_gradient=1.2, **DIMENSIONS), key="phase_gradient", gauge=(O, O, -0.6 * oracle.ONE)
    ),
    "all couplings": Term(
        us.Superconductor(
            exchange_field=[0.3, 0.4, -0.2], spin_flip=0.2, spin_orbit=0.1, depairing=0.4, rashba=0.6,
            dresselhaus=0.3, nanowire=0.5, **DIMENSIONS,
        ),
        lambda z, gap: oracle.pair_potential(gap) + oracle.spin([0.3, 0.4, -0.2]),
        linear=(
            *((0.2, s) for s in oracle.RHO[1:4]), *((0.1, s) for s in oracle.RHO[5:]), (0.1, oracle.TAU3),
        ),
        gauge=(0.3 * SX - 0.6 * SY, 0.6 * SX - 0.3 * SY, -0.5 * SX),
    ),
    "half_metal": Term(us.HalfMetal(polarization=0.6, magnetization=[1, -2, 0.5], **DIMENSIONS)),
}  # fmt: skip

FIELD = (0.3, -0.5, 0.4)
LEFT_S = us.Superconductor(name="left", nanowire=0.5, **DIMENSIONS)
RIGHT_F = us.Ferromagnet(name="right", exchange_field=FIELD, nanowire=-0.3, rashba=0.4, spin_flip=0.1, **OTHER)
RIGHT_S = us.Superconductor(name="third", **THIRD)

HALF_METAL = us.HalfMetal(name="half", polarization=0.6, magnetization=[1, -2, 0.5], **THIRD)
BIASED = us.SuperconductingReservoir(gap=0.8, phase=-0.7, inelastic=0.05)


def _insulator(mixing, magnetization, angle=0.0):
    return us.FerromagneticInsulator(spin_mixing=mixing, magnetization=magnetization, second_order=angle)


MISALIGNED = {
    "conductance": 0.8, "polarization": -0.6, "magnetization": [1, 2, -1],
    "spin_mixing_left": 0.9, "magnetization_left": [0, 1, 1],
    "spin_mixing_right": -0.5, "magnetization_right": [1, 0, 2],
}  # fmt: skip
"""A spin-active interface with everything different."""


def _hub(*stacks):
    wires = [us.Wire(list(stack), **ends) for stack, ends in stacks]
    return us.Device(wires, {"o": us.Junction()})


def _vacuum(interface, side, g, outside, n, unit):
    return np.zeros_like(g)


def _insulating_magnet(interface, side, g, outside, n, unit):
    mixing, direction = interface.spin_mixing * unit, interface.magnetization
    if interface.second_order:
        return oracle.insulator_of_second_order(g, mixing, interface.second_order, direction, n)
    return oracle.ferromagnetic_insulator_current(g, mixing, direction, n)


def _tunnel(interface, side, g, outside, n, unit):
    return oracle.tunnel_current(g, outside, interface.conductance * unit, n)


def _spin_active(interface, side, g, outside, n, unit):
    conductance, t = interface.conductance * unit, interface.second_order
    m = oracle.spin(interface.magnetization)
    sides = []
    for one in ("left", "right"):
        mixing, direction = getattr(interface, f"spin_mixing_{one}"), getattr(interface, f"magnetization_{one}")
        mixing = interface.spin_mixing if mixing is None else mixing
        sides.append((mixing * unit, oracle.spin(interface.magnetization if direction is None else direction)))
    here, beyond = sides if side == "left" else sides[::-1]
    return oracle.spin_active_current(g, outside, conductance, interface.polarization, m, here, beyond, t, n)


LAWS = {
    "vacuum": _vacuum,
    "ferromagnetic_insulator": _insulating_magnet,
    "tunnel": _tunnel,
    "spin_active": _spin_active,
}
"""Of every kind: σA ĝ∂ĝ (L, 4, 4) that a `side` of the interface asks for, by the oracle."""


@dataclass(frozen=True)
class Interface:
    """A device with one interface law (or way of joining layers).

    Attributes
    ----------
    device : the device.
    kind : kind of the law that the row stands for.
    """

    device: Any
    kind: str = "transparent"


INTERFACES = {
    "vacuum": Interface(us.Stack([LEFT_S]), "vacuum"),
    "ferromagnetic insulators": Interface(
        us.Stack([_insulator(0.6, [1, 2, -1]), LEFT_S, _insulator(-0.9, [0, 1, 1])]),
        "ferromagnetic_insulator",
    ),
    "tunnel to reservoirs": Interface(
        us.Stack(
            [
                us.NormalReservoir(inelastic=0.03),
                us.Tunnel(conductance=0.7),
                RIGHT_F,
                us.Tunnel(conductance=1.3),
                us.SuperconductingReservoir(gap=0.9, phase=0.5, inelastic=0.04),
            ]
        ),
        "tunnel",
    ),
    "tunnel between layers, ratio to the left": Interface(
        us.Stack([LEFT_S, us.Tunnel(conductance=0.9, relative_to="left"), RIGHT_F]), "tunnel"
    ),
    "tunnel between layers, ratio to the right": Interface(
        us.Stack([LEFT_S, us.Tunnel(conductance=0.9, relative_to="right"), RIGHT_F]), "tunnel"
    ),
    "ferromagnetic insulators of second order": Interface(
        us.Stack([_insulator(0.6, [1, 2, -1], 0.5), LEFT_S, _insulator(-0.9, [0, 1, 1], -1.1)]),
        "ferromagnetic_insulator",
    ),
    **{
        f"spin-active to reservoirs, t = {t}": Interface(
            us.Stack(
                [
                    us.NormalReservoir(inelastic=0.03),
                    us.SpinActive(**MISALIGNED, second_order=t),
                    RIGHT_F,
                    us.SpinActive(conductance=1.3, polarization=0.4, spin_mixing=0.7, magnetization=[0, 1, 0]),
                    us.SuperconductingReservoir(gap=0.9, phase=0.5, inelastic=0.04),
                ]
            ),
            "spin_active",
        )
        for t in (0, 0.6)
    },
    **{
        f"spin-active between layers, t = {t}": Interface(
            us.Stack([LEFT_S, us.SpinActive(**MISALIGNED, second_order=t, relative_to=side), RIGHT_F, BIASED]),
            "spin_active",
        )
        for t, side in ((0, "right"), (0.6, "left"))
    },
    "transparent reservoirs": Interface(us.Stack([BIASED, RIGHT_F, us.NormalReservoir()])),
    "transparent joint of different layers": Interface(us.Stack([LEFT_S, RIGHT_F])),
    **{
        f"half-metal behind magnets, t = {t}": Interface(
            us.Stack(
                [
                    LEFT_S,
                    us.SpinActive(**MISALIGNED, second_order=t, relative_to="left"),
                    HALF_METAL,
                    us.SpinActive(**MISALIGNED, second_order=t, relative_to="right"),
                    RIGHT_S,
                ]
            ),
            "spin_active",
        )
        for t in (0, 0.6)
    },
    "half-metal before a reservoir": Interface(
        us.Stack(
            [
                LEFT_S,
                us.SpinActive(**MISALIGNED, relative_to="left"),
                HALF_METAL,
                us.SpinActive(**MISALIGNED, second_order=0.6),
                BIASED,
            ]
        ),
        "spin_active",
    ),
    "hub of three": Interface(
        _hub(
            ([LEFT_S], {"end": "o"}),
            ([RIGHT_F], {"start": "o"}),
            ([RIGHT_S, _insulator(0.5, [0, 0, 1])], {"start": "o"}),
        )
    ),
    "hub with laws": Interface(
        _hub(
            ([LEFT_S], {"end": "o"}),
            ([us.SpinActive(**MISALIGNED, second_order=0.6), RIGHT_F], {"start": "o"}),
            ([RIGHT_S, us.SpinActive(**MISALIGNED)], {"end": "o"}),
            ([us.Tunnel(conductance=0.9), us.NormalMetal(**DIMENSIONS)], {"start": "o"}),
        ),
        "spin_active",
    ),
    "ring with a lead": Interface(_hub(([LEFT_S, RIGHT_F], {"start": "o", "end": "o"}), ([RIGHT_S], {"end": "o"}))),
    "ring of two": Interface(
        us.Device(
            [us.Wire([LEFT_S], start="a", end="b"), us.Wire([RIGHT_F], start="a", end="b")],
            {"a": us.Junction(), "b": us.Junction()},
        )
    ),
}


@dataclass(frozen=True)
class Measured:
    """What is measured at a place.

    Attributes
    ----------
    names : of its variables in the result file; dims : of these.
    source : "current", "accumulation" or "pairs" if it is a sum over energy; then
    matrices : ρ (4, 4) of ½·¼Tr[ρ K̂]Eᵖ (currents) and -½·¼Tr[ρ ĝᴷ]Eᵖ (accumulations), m (2, 2) of pairs, one a row.
    power : p; sign : of the variables relative to these formulas.
    """

    names: str
    dims: tuple[str, ...]
    source: str | None = None
    matrices: tuple[Any, ...] = ()
    power: int = 0
    sign: float = 1.0


def _with_parts(name):
    return f"{name} {name}_super {name}_resistive"


X, CX = ("position",), ("component", "position")
RHO, TAU3 = oracle.RHO, oracle.TAU3
QUANTITIES = (
    Measured("gap gap_phase", X),
    Measured("singlet_real singlet_imag", X, "pairs", (oracle.ONE,)),
    Measured("triplet_real triplet_imag", CX, "pairs", (SX, SY, SZ)),
    Measured(_with_parts("charge_current"), X, "current", (TAU3,), sign=-1.0),
    Measured(_with_parts("energy_current"), X, "current", (RHO[0],), 1),
    Measured(_with_parts("spin_current"), CX, "current", tuple(RHO[5:])),
    Measured(_with_parts("spin_energy_current"), CX, "current", tuple(RHO[1:4]), 1),
    Measured("charge_accumulation", X, "accumulation", (RHO[0],), sign=-1.0),
    Measured("energy_accumulation", X, "accumulation", (TAU3,), 1),
    Measured("spin_accumulation", CX, "accumulation", tuple(RHO[1:4])),
    Measured("spin_energy_accumulation", CX, "accumulation", tuple(RHO[5:]), 1),
    Measured("dos", ("position", "energy")),
    Measured("dos_spin", ("component", "position", "energy")),
    Measured("distribution", ("mode", "position", "energy")),
    Measured("torque", ("component", "interface")),
    Measured("free_energy", ()),
    Measured("work", ()),
    Measured("terminal_voltage terminal_temperature terminal_spin_voltage", ("terminal",)),
    Measured("terminal_charge_current terminal_energy_current", ("terminal",)),
    Measured("terminal_spin_current", ("component", "terminal")),
)

"""Devices of the study: a superconductor, or a normal metal, between two magnets that transmit, and what feeds it.

The first magnet is along x, the second one at the angle θ to it in the xy plane. Both have G_φ/G_N = 0.6 and
G/G_N = 0.15; the layer between them is 1.5 ξ long; T = 0.1 Tc and Γ = 0.01 Δ0.
"""

from __future__ import annotations

import math
from typing import Any

import usadel as us

X, Y, Z = (1, 0, 0), (0, 1, 0), (0, 0, 1)
AXES = {"x": X, "y": Y, "z": Z}
LENGTH = 1.5  # ξ
SPIN_MIXING, CONDUCTANCE = 0.6, 0.15  # G_N
GAP = 0.9  # Δ0, where it is given
TEMPERATURE = 0.1  # Tc
TOLERANCE = 1e-4
LEFT, RIGHT = "left", "right"


def magnet(angle: float = 0.0, **keys: Any) -> us.SpinActive:
    """A magnet that transmits, with its magnetization at an angle (π) to x in the xy plane."""
    direction = (math.cos(math.pi * angle), math.sin(math.pi * angle), 0)
    given: dict[str, Any] = {"conductance": CONDUCTANCE, "spin_mixing": SPIN_MIXING, "magnetization": direction}
    return us.SpinActive(**given | keys)


def metal(normal: bool = False, rigid: bool = True, **keys: Any) -> us.Superconductor | us.NormalMetal:
    """The layer between the magnets: normal, or superconducting with a given or a self-consistent gap."""
    if normal:
        return us.NormalMetal(name="S", length=LENGTH, **keys)
    given: dict[str, Any] = {"gap": GAP, "self_consistent": False} if rigid else {}
    return us.Superconductor(name="S", length=LENGTH, **given, **keys)


def spin_valve(
    angle: float, *, normal: bool = False, rigid: bool = True, temperature: float = TEMPERATURE,
    polarization: float = 0.0, voltage: float = 0.0, **source: Any,
) -> us.Stack:  # fmt: skip
    """Reservoir | magnet | layer | magnet | reservoir.

    Parameters
    ----------
    angle : between the magnets (π). normal, rigid : see `metal`.
    polarization : of both contacts. voltage, source : what the left reservoir is held at.
    """
    return us.Stack(
        [
            us.NormalReservoir(name=LEFT, voltage=voltage, **source),
            magnet(polarization=polarization),
            metal(normal, rigid),
            magnet(angle, polarization=polarization),
            us.NormalReservoir(name=RIGHT),
        ],
        title="A layer between two magnets that transmit",
        temperature=temperature, tolerance=TOLERANCE,
    )  # fmt: skip


def half_metal_source(voltage: float, direction: tuple[int, int, int], angle: float = 0.5) -> us.Stack:
    """Bias | half-metal of 0.5 ξ with P = 0.9 | magnet | superconductor | magnet | reservoir."""
    polarization = 0.9
    feed = us.HalfMetal(
        name="H", length=0.5, polarization=polarization, magnetization=direction, nonequilibrium=True
    )  # fmt: skip
    first = us.SpinActive(
        conductance=CONDUCTANCE, polarization=polarization, magnetization=direction, relative_to="right",
        spin_mixing_left=0.0, spin_mixing_right=SPIN_MIXING, magnetization_right=X,
    )  # fmt: skip
    return us.Stack(
        [
            us.NormalReservoir(name=LEFT, voltage=voltage), us.Tunnel(conductance=1.0), feed, first,
            metal(), magnet(angle), us.NormalReservoir(name=RIGHT),
        ],
        title="A half-metal before the first magnet", temperature=TEMPERATURE, tolerance=TOLERANCE,
    )  # fmt: skip


def fed_from_both_ends(
    spin_voltage: float, axis: tuple[int, int, int], *, imposed: bool, rigid: bool = True,
    conductance: float = CONDUCTANCE, spin_mixing: float = SPIN_MIXING, angle: float = 0.5,
) -> us.Stack:  # fmt: skip
    """The device of the 2019 paper with a reservoir at one spin voltage behind each magnet.

    imposed : whether the layer has the distribution of the reservoirs, as in the paper, or its own. Reservoirs feel
    no spin mixing, so that torques are on what the layer does alone.
    """
    held: dict[str, Any] = {"spin_voltage": spin_voltage, "spin_axis": axis}

    def contact(at: float, inside: str) -> us.SpinActive:
        keys: dict[str, Any] = {"spin_mixing": 0.0, f"spin_mixing_{inside}": spin_mixing}
        return magnet(at, conductance=conductance, **keys)

    layer = metal(rigid=rigid, nonequilibrium=not imposed, **(held if imposed else {}))
    return us.Stack(
        [us.NormalReservoir(**held), contact(0.0, "right"), layer, contact(angle, "left"), us.NormalReservoir(**held)],
        title="The 2019 paper's device between reservoirs of one spin voltage",
        temperature=TEMPERATURE, tolerance=TOLERANCE,
    )  # fmt: skip

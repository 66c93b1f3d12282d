"""Damping of a precessing magnet: one magnet turns about z at the frequency Ω, all else is symmetric about z.

In the frame that turns with it everything rests. What the turning leaves behind is an exchange field Ω/2 along z in the
equation of motion of all electrons, and the same spin voltage of their distributions; where nothing mixes spins, both
together do nothing but for the magnet that precesses. The spin current J_z into the layer is what that pumps, and
α_G S = J_z/(2Ω sin²α) its damping at the cone angle α, with its areal spin S; -J_y/(Ω sin α) is field-like.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import usadel as us
from usadel.description.elements.layers import spin_mixing
from usadel.studies.inverse_effect import figures
from usadel.studies.inverse_effect.part import Found, Measured, Part, gathered, solved

FREQUENCY = 0.1  # Δ0/ħ
CONE = 0.05  # rad
SPIN_MIXING, CONDUCTANCE = 0.3, 0.2  # G_N
TEMPERATURES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.78, 0.85, 0.9)  # Tc
ALIGNMENTS = {"parallel": 1, "antiparallel": -1}
TOLERANCE = 1e-5
_DISTRIBUTION = ("voltage", "spin_voltage", "spin_temperature", "tau_ee", "tau_eph")  # a bath does not turn


def in_rotating_frame(device: us.Stack, frequency: float) -> us.Stack:
    """The device as it is in a frame that turns about z at Ω, in which one magnet, at any angle to z, rests.

    Parameters
    ----------
    device : that of one moment, without spin voltages. frequency : ħΩ/Δ0.

    Raises
    ------
    InputError
        If something would not rest there: what mixes spins inside of a layer, a second magnet or an exchange field
        that is not along z; or if there is a condensate outside, a distribution that is not in equilibrium, or a bath.
    """
    changed: dict[str, Any] = {}
    for number, element in enumerate(device.elements):
        path = f"stack.{number}"
        if isinstance(element, us.NormalReservoir):
            _refuse(path, element, "spin_voltage", "transverse", "spin_temperature")
            changed |= {f"{path}.spin_voltage": 0.5 * frequency, f"{path}.spin_axis": (0, 0, 1)}
        elif isinstance(element, us.Superconductor | us.Ferromagnet):
            mixing = spin_mixing(vars(element))
            _refuse(path, element, *mixing, "zeeman", "on_top", *_DISTRIBUTION)
            x, y, z = element.exchange_field
            if (x, y) != (0, 0) or not isinstance(z, int | float):
                raise us.InputError(f"{path}.exchange_field: precesses unless it is uniform and along z")
            changed |= {f"{path}.exchange_field": (0, 0, z + 0.5 * frequency), f"{path}.nonequilibrium": True}
        elif not isinstance(
            element, us.Tunnel | us.SpinActive | us.FerromagneticInsulator | us.Transparent | us.Vacuum
        ):
            raise us.InputError(
                f"{path} ({element.kind}): does not rest in a frame that turns; allowed: superconductors, ferromagnets "
                "(of any exchange field along z, also 0), normal reservoirs, insulating and spin-active interfaces"
            )
    tilted = [k for k, element in enumerate(device.elements) if _is_tilted(element)]
    if len(tilted) > 1:
        raise us.InputError(f"stack.{tilted[1]}.magnetization: a second magnet that precesses; allowed: along z")
    return device.replace(changed)


def _refuse(path: str, element: us.Superconductor | us.Ferromagnet | us.NormalReservoir, *keys: str) -> None:
    for key in keys:
        if getattr(element, key):
            raise us.InputError(f"{path}.{key}: does not rest in a frame that turns; allowed: leave it out")


def _is_tilted(element: Any) -> bool:
    keys = ("magnetization", "magnetization_left", "magnetization_right")
    vectors = [getattr(element, key, None) for key in keys]
    return any(vector is not None and any(vector[:2]) for vector in vectors)


def precessing(alignment: int, temperature: float, *, normal: bool = False) -> us.Stack:
    """Precessing insulator | 1 ξ | magnet along ±z that transmits | reservoir, in the rotating frame."""
    keys: dict[str, Any] = {"name": "S", "length": 1.0}
    layer = us.Ferromagnet(exchange_field=(0, 0, 0), **keys) if normal else us.Superconductor(**keys)
    device = us.Stack(
        [
            us.FerromagneticInsulator(spin_mixing=SPIN_MIXING, magnetization=(math.sin(CONE), 0, math.cos(CONE))),
            layer,
            us.SpinActive(conductance=CONDUCTANCE, spin_mixing=SPIN_MIXING, magnetization=(0, 0, alignment)),
            us.NormalReservoir(),
        ],
        title="A precessing magnet on a superconductor, in its frame",
        temperature=temperature, inelastic=0.01, tolerance=TOLERANCE,
    )  # fmt: skip
    return in_rotating_frame(device, FREQUENCY)


def measure(task: tuple[str, str, float]) -> dict[str, Any]:
    """Of (metal, alignment, temperature)."""
    metal, alignment, temperature = task
    result = solved(precessing(ALIGNMENTS[alignment], temperature, normal=metal == "N"))
    pumped = result.data.spin_current.transpose("component", "position").values[:, 0]
    return {
        "damping": float(pumped[2]) / (2 * FREQUENCY * math.sin(CONE) ** 2),
        "field_like": -float(pumped[1]) / (FREQUENCY * math.sin(CONE)),
        "gap": float(result.data.gap.max()) if "gap" in result.data else 0.0,
        "converged": int(result.converged),
    }


def against_temperature(measured: Measured) -> Found:
    """Damping α_G S (ħN0Δ0ξA) against temperature and alignment, superconducting and normal."""
    along: dict[str, Sequence[Any]] = {"metal": ("S", "N"), "alignment": list(ALIGNMENTS), "temperature": TEMPERATURES}
    data = gathered(measured, along, {})
    numbers = {
        f"damping_{metal}_{alignment}": data.damping.sel(metal=metal, alignment=alignment).values.tolist()
        for metal in along["metal"]
        for alignment in ALIGNMENTS
    }
    return data, {"temperature": list(TEMPERATURES)} | numbers


_TASKS = [(metal, alignment, t) for metal in ("S", "N") for alignment in ALIGNMENTS for t in TEMPERATURES]
DAMPING = Part(_TASKS, measure, against_temperature, figures.damping)

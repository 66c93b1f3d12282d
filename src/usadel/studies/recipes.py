"""Studies that come up again and again: a device, what is varied, and one call that computes it.

Each returns a labelled result, which `usadel.plots.default_figure` draws and `.save` keeps. Further arguments go to
the procedure: `workers`, `store`, `resume`, `retry_failed`, `scheduler`, `progress`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import usadel as us
from usadel.studies.ouassou2019 import device as paper_device
from usadel.studies.units import KB_TC

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    Values = Sequence[float] | ArrayLike


def spin_valve(
    angles: Values,
    *,
    length: float = 1.0,
    spin_mixing: float = 0.5,
    inelastic: float = 0.01,
    tolerance: float = 1e-5,
    **ways: Any,
) -> us.Critical:
    """Critical temperature of a superconductor between two insulating magnets against the angle between these.

    Parameters
    ----------
    angles : between the magnetizations (π).
    length : of the superconductor (ξ). spin_mixing : Gφ/G_N of both. inelastic : Γ (Δ0).
    tolerance : of the search.
    """
    turned = us.FerromagneticInsulator(spin_mixing=spin_mixing, magnetization=("sin(pi*angle)", 0, "cos(pi*angle)"))
    elements = [
        us.FerromagneticInsulator(spin_mixing=spin_mixing, magnetization=(0, 0, 1)),
        us.Superconductor(name="S", length=length),
        turned,
    ]
    device = us.Stack(
        elements,
        title="Spin valve: a superconductor between insulating magnets",
        inelastic=inelastic,
        tolerance=tolerance,
        parameters={"angle": 0.0},
    )
    return us.critical(device, over={"angle": angles}, **ways)


@dataclass(frozen=True)
class Bilayer:
    """A superconductor on a ferromagnet, as experiments describe it.

    The equations are those of Fominov, Chtchelkatchev and Golubov, Phys. Rev. B 66, 014507 (2002), whose coherence
    lengths are √(ħD/2πkTc) with the Tc of the superconductor; γ_b is the resistance of the interface for a unit area
    over ρ_F ξ_F.

    Attributes
    ----------
    critical_temperature : of the superconductor (K).
    thickness : of the superconductor (nm).
    coherence_length, magnet_coherence_length : ξ_S, ξ_F (nm).
    resistivity, magnet_resistivity : ρ_S, ρ_F, both in the same unit.
    exchange_field : h/k (K).
    interface : γ_b.
    """

    critical_temperature: float
    thickness: float
    coherence_length: float
    magnet_coherence_length: float
    resistivity: float
    magnet_resistivity: float
    exchange_field: float
    interface: float

    def device(self, tolerance: float = 1e-4, inelastic: float = 0.0) -> us.Stack:
        """The device, with the thickness of its ferromagnet (nm) as parameter `thickness`."""
        xi = self.coherence_length * math.sqrt(2 * math.pi * KB_TC)  # nm: √(ħD/Δ0)
        conductivity = self.resistivity / self.magnet_resistivity
        conductance = conductivity * xi / (self.interface * self.magnet_coherence_length)  # σ_S/ξ
        magnet = us.Ferromagnet(
            name="F",
            length=f"thickness/{xi}",
            diffusion=(self.magnet_coherence_length / self.coherence_length) ** 2,
            conductivity=conductivity,
            exchange_field=(0, 0, self.exchange_field / self.critical_temperature * KB_TC),
        )
        elements = [
            us.Superconductor(name="S", length=self.thickness / xi),
            us.Tunnel(conductance=conductance * self.thickness / xi, relative_to="left"),
            magnet,
        ]
        return us.Stack(
            elements,
            title="Superconductor on a ferromagnet",
            temperature=0.5,
            inelastic=inelastic,
            tolerance=tolerance,
            parameters={"thickness": 5.0},
        )

    def critical_temperatures(self, thicknesses: Values, tolerance: float = 1e-4, **ways: Any) -> us.Critical:
        """Critical temperature (that of the superconductor is 1) against the thickness of the ferromagnet (nm)."""
        return us.critical(self.device(tolerance), over={"thickness": thicknesses}, **ways)


NIOBIUM_COPPER_NICKEL = Bilayer(
    critical_temperature=7.0,
    thickness=11.0,
    coherence_length=8.9,
    magnet_coherence_length=7.6,
    resistivity=7.5,
    magnet_resistivity=60.0,
    exchange_field=130.0,
    interface=0.3,
)
"""Nb/Cu0.43Ni0.57 (μΩ cm), of the fit in Phys. Rev. B 66, 014507 (2002)."""


def zero_pi(
    lengths: Values,
    *,
    exchange_field: float = 3.0,
    conductance: float = 0.3,
    temperature: float = 0.3,
    inelastic: float = 0.01,
    tolerance: float = 1e-4,
    **ways: Any,
) -> us.Josephson:
    """Critical current and ground state of an S/F/S junction against the length of its ferromagnet.

    Parameters
    ----------
    lengths : of the ferromagnet (ξ).
    exchange_field : along z (Δ0). conductance : G_T/G_N of both interfaces.
    temperature : (Tc). inelastic : Γ (Δ0). tolerance : of currents.
    """
    contact = us.Tunnel(conductance=conductance)
    magnet = us.Ferromagnet(name="F", length=1.0, exchange_field=(0, 0, exchange_field))
    device = us.Stack(
        [us.SuperconductingReservoir(), contact, magnet, contact, us.SuperconductingReservoir()],
        title="S/F/S junction",
        temperature=temperature,
        inelastic=inelastic,
        tolerance=tolerance,
    )
    return us.josephson(device, over={"F.length": lengths}, **ways)


def triplet_junction(
    angles: Values,
    *,
    exchange_field: float = 10.0,
    thin: float = 0.3,
    length: float = 2.0,
    same_side: bool = True,
    temperature: float = 0.2,
    tolerance: float = 1e-5,
    **ways: Any,
) -> us.Josephson:
    """Critical current of an S/F'/F/F''/S junction against the angle of its outer magnets with the inner one.

    Pairs of equal spins, made by the outer magnets, survive in a long inner one: between collinear magnets the current
    is smaller by orders of magnitude [Houzet and Buzdin, Phys. Rev. B 76, 060504 (2007)].

    Parameters
    ----------
    angles : of both outer magnetizations with z, that of the inner one, in the xz plane (π).
    exchange_field : of all three (Δ0). thin, length : of the outer magnets and of the inner one (ξ).
    same_side : whether the outer magnetizations are turned the same way, or oppositely.
    temperature : (Tc). tolerance : of currents.
    """
    sense = 1 if same_side else -1
    left, right = (
        us.Ferromagnet(
            length=thin,
            exchange_field=(f"{side * exchange_field}*sin(pi*angle)", 0, f"{exchange_field}*cos(pi*angle)"),
        )
        for side in (1, sense)
    )
    inner = us.Ferromagnet(name="F", length=length, exchange_field=(0, 0, exchange_field))
    device = us.Stack(
        [us.SuperconductingReservoir(), left, inner, right, us.SuperconductingReservoir()],
        title="S/F'/F/F''/S junction",
        temperature=temperature,
        tolerance=tolerance,
        parameters={"angle": 0.0},
    )
    return us.josephson(device, over={"angle": angles}, **ways)


def injection_diagram(
    temperatures: Values,
    *,
    spin_axis: tuple[int, int, int] = (0, 0, 1),
    largest: float = 1.2,
    tolerance: float = 1e-4,
    **ways: Any,
) -> us.Critical:
    """Phase diagram of the 2019 paper's device: the spin voltage at which superconductivity ends, against temperature.

    Parameters
    ----------
    temperatures : (Tc).
    spin_axis : of the injected spins; the magnets are along x and y.
    largest : spin voltage of the search (Δ0). tolerance : of the search.
    """
    device = paper_device(spin_axis, 0.0, tolerance)
    return us.critical(device, "S.spin_voltage", 0.0, largest, over={"temperature": temperatures}, **ways)

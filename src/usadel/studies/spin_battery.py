"""The spin battery of Morten, Brataas and Belzig (2004), in closed form: Eqs. (5), (6) and (11), and its limits.

A spin-polarized reservoir feeds a homogeneous BCS wire through a tunnel barrier; a ferromagnetic tunnel probe at the
distance L, with its magnetization parallel or antiparallel, sees two electrochemical potentials, Δμ apart.
Lengths are in units of the normal spin-flip length l_sf = √(Dτ_sf), energies in one unit of the caller's choice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf

Array = NDArray[Any]

GAP_OVER_TC = 1.76
"""Δ(T=0)/kB Tc as in the paper."""

_ORDER = 20  # of Gauss's rule on every panel
_TAIL = 45.0  # temperatures beyond the edges of the Fermi functions: e^-45 of the integrand is left


def paper_gap(temperature: ArrayLike) -> Array:
    """Δ/kB Tc = 1.76 tanh(1.74 √(Tc/T - 1)) at temperatures in Tc, 0 above 1; the caption of Fig. 2."""
    temperature = np.asarray(temperature, float)
    return GAP_OVER_TC * np.tanh(1.74 * np.sqrt(np.maximum(1 / temperature - 1, 0.0)))


def coefficients(energy: ArrayLike, gap: float) -> dict[str, Array]:
    """Coefficients of the kinetic equations in a homogeneous BCS superconductor; Eqs. (5), (6).

    With cosh θ = E/√(E²-Δ²) and sinh θ = -Δ/√(E²-Δ²), the sign that Eq. (10) implies.

    Parameters
    ----------
    energy : energies E > 0, E ≠ Δ.
    gap : Δ, in the same unit.

    Returns
    -------
    dict
        ``alpha_tt``, ``alpha_lsls``, ``alpha_tsts``, ``d_l``, ``d_t`` (diffusion in units of D) and ``l_sf``, the
        spin-diffusion length √(D_L/D α_TSTS) of Eq. (4d), 0 below the gap where no spin current flows.
    """
    energy = np.asarray(energy, float)
    root = np.sqrt(energy.astype(complex) ** 2 - gap**2)  # principal branch: +i below the gap
    cosh, sinh = energy / root, -gap / root
    alpha_tsts = cosh.real**2 + sinh.real**2
    d_l = cosh.real**2 - sinh.real**2
    with np.errstate(invalid="ignore", divide="ignore"):
        length = np.where(energy > gap, np.sqrt(d_l / alpha_tsts), 0.0)
    return {
        "alpha_tt": sinh.imag,
        "alpha_lsls": cosh.real**2 - sinh.imag**2,
        "alpha_tsts": alpha_tsts,
        "d_l": d_l,
        "d_t": cosh.real**2 + sinh.imag**2,
        "l_sf": length,
    }


def signal(distance: float, bias: float, temperature: float, gap: float, barrier: float = 1.0) -> float:
    """Δμ/eV of a spin battery at finite temperature, with full polarizations P = 1; Eq. (11).

        Δμ = 2 ∫_Δ^∞ dE [f(E - eV/2) - f(E + eV/2)] exp(-L/l(E)) R_sf(E)/(R_sf(E) + R_I(E)),
        l(E) = l_sf √[(E²-Δ²)/(E²+Δ²)],  R_sf = l(E) R/l_sf,  R_I = b R √(E²-Δ²)/E

    R is the normal resistance of the wire within l_sf. In the variable ξ = √(E²-Δ²) the integrand is smooth:
    R_sf/(R_sf+R_I) = E/(E + b √(ξ²+2Δ²)).

    Parameters
    ----------
    distance : L/l_sf > 0.
    bias : eV > 0; temperature : kB T > 0; gap : Δ; all in one unit of energy.
    barrier : b, normal resistance of the barrier over R; 1 in Fig. 2.

    Returns
    -------
    float
        To a relative accuracy of 1e-10, however small the signal is.
    """
    if min(distance, bias, temperature) <= 0 or gap < 0 or barrier < 0:
        raise ValueError("distance, bias and temperature must be positive, gap and barrier not negative")
    xi, weight = _rule(bias, temperature, gap)
    energy, root = np.hypot(xi, gap), np.sqrt(xi**2 + 2 * gap**2)
    arriving = np.exp(-distance * root / xi) * energy / (energy + barrier * root)
    return 2 * float(weight @ (injected(energy, bias, temperature) * arriving)) / bias


def transmitted_signal(transmission: Callable[[Array], Array], bias: float, temperature: float, gap: float) -> float:
    """Δμ/eV = (2/eV) ∫_Δ^∞ dE [f(E - eV/2) - f(E + eV/2)] 𝒯(E) of any transmission 𝒯 = h_TS(L)/Δf, as in `signal`."""
    xi, weight = _rule(bias, temperature, gap)
    energy = np.hypot(xi, gap)
    return 2 * float(weight @ (injected(energy, bias, temperature) * transmission(energy))) / bias


def _rule(bias: float, temperature: float, gap: float) -> tuple[Array, Array]:
    """Points in ξ and weights of ∫dE = ∫dξ ξ/E, by Gauss's rule on every panel."""
    panels = _panels(bias, temperature, gap)
    node, weight = np.polynomial.legendre.leggauss(_ORDER)
    half = 0.5 * np.diff(panels)[:, None]
    xi = (panels[:-1, None] + half * (1 + node)).ravel()
    return xi, (half * weight).ravel() * xi / np.hypot(xi, gap)


def _panels(bias: float, temperature: float, gap: float) -> Array:
    """Panels in ξ: below the gap's scale e^{-L/l(E)} rises over many orders of magnitude, so that they double."""
    edge = np.sqrt(max((0.5 * bias) ** 2 - gap**2, 0.0))
    top = np.sqrt((max(0.5 * bias, gap) + _TAIL * temperature) ** 2 - gap**2)
    panels = np.unique(np.concatenate([[0.0, edge, top], top * 2.0 ** -np.arange(1.0, 30.0)]))
    return np.unique(np.concatenate([panels, np.clip(edge + temperature * np.arange(-40.0, 41.0, 4.0), 0.0, top)]))


def injected(energy: ArrayLike, bias: float, temperature: float) -> Array:
    """Δf = f(E - eV/2) - f(E + eV/2) = sinh(eV/2T)/[cosh(E/T) + cosh(eV/2T)], without overflow or cancellation."""
    a, b = np.asarray(energy, float) / temperature, 0.5 * bias / temperature
    largest = np.maximum(a, b)
    numerator = np.exp(b - largest) * -np.expm1(-2 * b)
    return np.asarray(
        numerator / (np.exp(a - largest) * (1 + np.exp(-2 * a)) + np.exp(b - largest) * (1 + np.exp(-2 * b)))
    )


def normal_signal(distance: float, barrier: float = 1.0) -> float:
    """Δμ/eV above Tc, e^{-L/l_sf}/(1 + b): what Eq. (11) gives; the paper prints twice that."""
    return float(np.exp(-distance) / (1 + barrier))


def cold_signal(distance: float, bias: float, gap: float, printed: bool = False) -> float:
    """Δμ/eV at T = 0 for R_sf ≫ R_I and E ≫ Δ, where l_sf/l(E) ≈ 1 + Δ²/E².

        Δμ/eV = (2Δ/eV) e^{-λ} {e^{-κr²}/r - e^{-κ} + √(πκ) [erf(r√κ) - erf(√κ)]},  r = 2Δ/eV,  λ = L/l_sf

    κ = λ follows from l(E); the paper prints κ = λ/2 (``printed=True``). 0 below the threshold eV = 2Δ.
    """
    ratio = 2 * gap / bias
    if ratio >= 1:
        return 0.0
    kappa = 0.5 * distance if printed else distance
    root = np.sqrt(kappa)
    braces = np.exp(-kappa * ratio**2) / ratio - np.exp(-kappa)
    braces += np.sqrt(np.pi) * root * (erf(ratio * root) - erf(root))
    return float(ratio * np.exp(-distance) * braces)

"""Terms of the Usadel equation in plain matrices, one short file each; the files of this folder are the registry.

A file that has a `TERM` (or `TERMS`) is one: `Constant`, `Linear` or `Gauge`, see `terms.term`.
"""

from __future__ import annotations

import math
from importlib import import_module
from pkgutil import iter_modules

from usadel.description.device.resolved import ResolvedLayer
from usadel.terms.term import Constant, Gauge, Linear, Term


def _registered() -> list[Term]:
    """All of them; the order, which only the last digits of sums depend on, is that of earlier versions."""
    modules = [import_module(f"{__name__}.{found.name}") for found in reversed(list(iter_modules(__path__)))]
    return [term for module in modules for term in getattr(module, "TERMS", (getattr(module, "TERM", None),)) if term]


TERMS = {term.key: term for term in _registered()}
CONSTANT = [term for term in TERMS.values() if isinstance(term, Constant)]
LINEAR = [term for term in TERMS.values() if isinstance(term, Linear)]
GAUGE = [term for term in TERMS.values() if isinstance(term, Gauge)]


def energy_scale(layer: ResolvedLayer) -> float:
    """Energy (Δ0) up to which the terms of a layer give its spectra structure.

    Rates of scattering add up, gauge fields like the sides of a triangle; fields count one by one.
    """
    scattering = sum(term.rate(layer) for term in LINEAR) + covering_rate(layer)
    fields = [term.rate(layer) for term in CONSTANT]
    return max(scattering, layer.diffusion * gauge_wave_number(layer) ** 2, *fields)


def wave_number(layer: ResolvedLayer) -> float:
    """How fast (1/ξ) states of a layer may vary at energies of about Δ0, or of its gap."""
    squares = (
        sum(term.wave_number(layer) ** 2 for term in (*CONSTANT, *LINEAR)) + covering_rate(layer) / layer.diffusion
    )
    gap = 1.0 if layer.pairing is None else max(1.0, layer.pairing.coupling.critical_temperature)
    return math.hypot(math.sqrt(max(gap / layer.diffusion, squares)), gauge_wave_number(layer))


def covering_rate(layer: ResolvedLayer) -> float:
    """Rate (Δ0) at which electrons meet what lies on top of a layer."""
    return layer.diffusion * sum(covering.rate for covering in layer.on_top)


def gauge_wave_number(layer: ResolvedLayer) -> float:
    """How fast (1/ξ) gauge fields turn the pairs of a layer."""
    return math.hypot(*(term.wave_number(layer) for term in GAUGE))


__all__ = [
    "CONSTANT",
    "GAUGE",
    "LINEAR",
    "TERMS",
    "Constant",
    "Gauge",
    "Linear",
    "Term",
    "covering_rate",
    "energy_scale",
    "gauge_wave_number",
    "wave_number",
]

"""Which kinds a file may name."""

from __future__ import annotations

from usadel.description.elements.element import Element
from usadel.description.elements.interfaces import FerromagneticInsulator, SpinActive, Transparent, Tunnel, Vacuum
from usadel.description.elements.materials import Ferromagnet, HalfMetal, NormalMetal, Superconductor
from usadel.description.elements.reservoirs import (
    Junction,
    NormalReservoir,
    SpinPumpedReservoir,
    SuperconductingReservoir,
)

LAYERS = (Superconductor, NormalMetal, Ferromagnet, HalfMetal)
INTERFACES = (Transparent, Tunnel, SpinActive, FerromagneticInsulator, Vacuum)
RESERVOIRS = (NormalReservoir, SpinPumpedReservoir, SuperconductingReservoir)

STACK_KINDS: dict[str, type[Element]] = {cls.kind: cls for cls in (*LAYERS, *INTERFACES, *RESERVOIRS)}
"""Kinds of the elements of a stack or wire."""
NODE_KINDS: dict[str, type[Element]] = {cls.kind: cls for cls in (*RESERVOIRS, Junction)}
"""Kinds of the nodes of a network."""

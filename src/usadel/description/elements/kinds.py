"""Which kinds a file may name: every class that declares a `kind`, in the order of its module."""

from __future__ import annotations

from types import ModuleType

from usadel.description.elements import interfaces, materials, reservoirs
from usadel.description.elements.element import Element
from usadel.description.elements.reservoirs import Junction, Reservoir


def _declared(module: ModuleType, base: type[Element]) -> tuple[type[Element], ...]:
    classes = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, base)]
    return tuple(cls for cls in classes if "kind" in vars(cls))


LAYERS = _declared(materials, materials.Layer)
INTERFACES = _declared(interfaces, interfaces.Interface)
RESERVOIRS = _declared(reservoirs, Reservoir)

STACK_KINDS = {cls.kind: cls for classes in (LAYERS, INTERFACES, RESERVOIRS) for cls in classes}
"""Kinds of the elements of a stack or wire."""
NODE_KINDS: dict[str, type[Element]] = {**{cls.kind: cls for cls in RESERVOIRS}, Junction.kind: Junction}
"""Kinds of the nodes of a network."""

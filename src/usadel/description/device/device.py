"""Devices: the usual chain of elements, and the general graph of wires that meet at nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Annotated, Any, Self

from usadel.description.device.assembly import Chain, assemble
from usadel.description.device.base import DeviceBase, FrozenMap
from usadel.description.device.covered import gathered, with_covered
from usadel.description.device.resolved import Network
from usadel.description.device.tables import (
    Tables,
    elements_of,
    list_of,
    nodes_of,
    settings_of,
    table_of,
    tables_of,
)
from usadel.description.elements.element import Description, Element
from usadel.description.elements.interfaces import Interface
from usadel.description.elements.materials import Layer
from usadel.description.elements.measured import Scaled
from usadel.description.elements.reservoirs import Junction, Reservoir
from usadel.description.text import toml
from usadel.description.text.sketch import Drawn
from usadel.description.values.keys import Key, Name
from usadel.errors import InputError, shown, unknown


@dataclass(frozen=True, kw_only=True)
class _Elements(Key):
    """A sequence of elements."""

    type_name = "list of tables"
    allowed = "layers, interfaces and reservoirs"

    def check(self, value: Any) -> tuple[Element, ...]:
        if isinstance(value, (str, Mapping, Description)) or not isinstance(value, Iterable):
            raise self._refused(value)
        elements = tuple(value)
        for i, element in enumerate(elements):
            if not isinstance(element, (Layer, Interface, Reservoir)):
                raise InputError(f"must be a layer, interface or reservoir, not {shown(element)}", key=str(i))
        return elements

    def json_type(self) -> dict[str, Any]:
        return {"type": "array", "items": {"$ref": "#/$defs/element"}, "minItems": 1}


@dataclass(frozen=True, kw_only=True)
class _Wires(Key):
    """A sequence of wires."""

    type_name = "list of tables"
    allowed = "a list of wires, at least one"

    def check(self, value: Any) -> tuple[Wire, ...]:
        wires = tuple(value) if isinstance(value, (list, tuple)) else ()
        if not wires or not all(isinstance(wire, Wire) for wire in wires):
            raise self._refused(value)
        return wires

    def json_type(self) -> dict[str, Any]:
        return {"type": "array", "items": {"$ref": "#/$defs/wire"}, "minItems": 1}


@dataclass(frozen=True, kw_only=True)
class _Nodes(Key):
    """Reservoirs and junctions by name."""

    type_name = "table of tables"
    allowed = "a table of reservoirs and junctions by name"

    def check(self, value: Any) -> FrozenMap:
        if not isinstance(value, Mapping):
            raise self._refused(value)
        for name, node in value.items():
            self._check_node(name, node)
        return FrozenMap(value)

    def _check_node(self, name: Any, node: Any) -> None:
        Name(meaning="").check(name)
        if not isinstance(node, (Reservoir, Junction)):
            raise InputError(f"must be a reservoir or a junction, not {shown(node)}", key=name)
        if node.name is not None:
            raise InputError(f"has its name from the table: leave out name = {node.name!r}", key=f"{name}.name")

    def json_type(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {"$ref": "#/$defs/node"}}


class Stack(DeviceBase):
    """A chain of elements from left to right: layers, interfaces between them, reservoirs at the ends.

    Neighbours without an interface between them touch transparently; an end without anything is vacuum.

    Parameters
    ----------
    elements : sequence
        Layers, interfaces and reservoirs.
    title : str
        One line about the device.
    temperature : float or str
        In units of Tc, > 0; for every element that has none of its own. Default 0.01.
    inelastic : float or str
        Dynes broadening in units of Δ0, >= 0; likewise. Default 0.01.
    tolerance : float or str
        Largest absolute error of gap, currents and accumulations, from 1e-10 to 1e-2. Default 1e-6.
    parameters : mapping
        Names for expressions; numbers or expressions of each other.
    output : Output
        What to compute and write.
    scale : Scale
        The reference metal in real units, with which numbers may have units.
    """

    elements: Annotated[tuple[Element, ...], _Elements(meaning="The elements from left to right")]

    def __init__(self, elements: Iterable[Element], **settings: Any) -> None:
        super().__init__(**{"elements": elements, **settings})

    def elements_by_place(self) -> dict[str, Element]:
        """Every element with its place ``stack.i``."""
        return with_covered(self._placed())

    def _placed(self) -> dict[str, Element]:
        return {f"stack.{i}": element for i, element in enumerate(self.elements)}

    def _assemble(self, scaled: Scaled) -> tuple[Network, Mapping[str, Element]]:
        chain = Chain(tuple(self._placed().items()), "stack")
        return assemble([chain], {}, scaled)

    def rebuilt(self, elements: Mapping[str, Element], settings: Mapping[str, Any]) -> Self:
        """A stack of other elements, in their order."""
        return type(self)(tuple(gathered(elements).values()), **settings)

    def drawing(self) -> list[Drawn]:
        """One line of all elements."""
        return [Drawn(self.elements)]

    def shape_tables(self) -> list[toml.Table]:
        """A table of every element."""
        return [table for place, element in self._placed().items() for table in tables_of("stack", element, place)]

    @classmethod
    def from_tables(cls, tables: Tables) -> Self:
        """A stack from the tables of a file; raises `InputError` with the place of what is wrong."""
        if is_network(tables):
            raise InputError("is a device of [[wire]]: use Device.from_toml")
        settings = settings_of(tables, cls.settings(), ("stack",))
        return cls(elements_of(tables.get("stack"), "stack"), **settings)

    @classmethod
    def from_toml(cls, source: str | PathLike[str]) -> Self:
        """Read a device from a TOML file, or from the text of one."""
        return toml.read(source, cls.from_tables)

    def __repr__(self) -> str:
        return self.sketch()

    __str__ = __repr__


class Wire(Description):
    """A chain of elements as part of a `Device`.

    Parameters
    ----------
    elements : sequence
        Layers with interfaces between them; an interface first or last is the law of that end.
    start, end : str, optional
        Nodes at which it begins and ends. None: a free end, which may have its own reservoir or
        insulator among `elements`.
    """

    elements: Annotated[tuple[Element, ...], _Elements(meaning="The elements from start to end")]
    start: Annotated[str | None, Name(meaning="Node at which it begins", optional=True, absent="a free end")] = None
    end: Annotated[str | None, Name(meaning="Node at which it ends", optional=True, absent="a free end")] = None

    def __init__(self, elements: Iterable[Element], **ends: Any) -> None:
        super().__init__(**{"elements": elements, **ends})

    @classmethod
    def from_table(cls, table: Tables, place: str) -> Self:
        """A wire from its table in a file."""
        for key in table:
            if key not in ("start", "end", "stack"):
                raise InputError(unknown("key", key, ["start", "end", "stack"]), key=f"{place}.{key}")
        elements = elements_of(table.get("stack"), f"{place}.stack")
        try:
            return cls(elements, **{key: table[key] for key in table if key != "stack"})
        except InputError as error:
            raise error.under(place) from None

    def shape_tables(self, place: str) -> list[toml.Table]:
        """Its table in a file, and those of its elements."""
        own = table_of("[[wire]]", self, place, ("elements",))
        placed = [(element, f"{place}.stack.{j}") for j, element in enumerate(self.elements)]
        return [own, *(table for each in placed for table in tables_of("wire.stack", *each))]


class Device(DeviceBase):
    """Wires that meet at nodes: reservoirs, and junctions where currents add up to zero.

    Parameters
    ----------
    wires : sequence of Wire
        The wires.
    nodes : mapping
        Name -> reservoir or `Junction`.
    **settings
        As those of `Stack`.
    """

    wires: Annotated[tuple[Wire, ...], _Wires(meaning="The wires")]
    nodes: Annotated[Mapping[str, Element], _Nodes(meaning="What wires meet at")] = FrozenMap({})

    def __init__(self, wires: Iterable[Wire], nodes: Mapping[str, Element] | None = None, **settings: Any) -> None:
        super().__init__(**{"wires": wires, "nodes": nodes or {}, **settings})

    def elements_by_place(self) -> dict[str, Element]:
        """Every element with its place ``wire.i.stack.j`` or ``node.NAME``."""
        found = {
            f"wire.{i}.stack.{j}": element
            for i, wire in enumerate(self.wires)
            for j, element in enumerate(wire.elements)
        }
        return with_covered(found | {f"node.{name}": node for name, node in self.nodes.items()})

    def _assemble(self, scaled: Scaled) -> tuple[Network, Mapping[str, Element]]:
        chains = []
        for i, wire in enumerate(self.wires):
            place = f"wire.{i}.stack"
            placed = tuple((f"{place}.{j}", element) for j, element in enumerate(wire.elements))
            start = self._node(wire.start, f"wire.{i}.start")
            chains.append(Chain(placed, place, start, self._node(wire.end, f"wire.{i}.end")))
        return assemble(chains, self.nodes, scaled)

    def _node(self, name: str | None, key: str) -> str | None:
        if name is not None and name not in self.nodes:
            raise InputError(unknown("node", name, self.nodes), key=key)
        return name

    def rebuilt(self, elements: Mapping[str, Element], settings: Mapping[str, Any]) -> Self:
        """A device of the same wires and nodes, with other elements."""
        left = gathered(elements)
        wires = [
            Wire([left.pop(f"wire.{i}.stack.{j}") for j in range(len(wire.elements))], **_ends(wire))
            for i, wire in enumerate(self.wires)
        ]
        nodes = {place.removeprefix("node."): node for place, node in left.items()}
        return type(self)(wires, nodes, **settings)

    def drawing(self) -> list[Drawn]:
        """One line for each wire."""
        return [
            Drawn(
                wire.elements,
                before=f"wire.{i}: " + (f"({wire.start}) " if wire.start else ""),
                behind=f" ({wire.end})" if wire.end else "",
            )
            for i, wire in enumerate(self.wires)
        ]

    def shape_tables(self) -> list[toml.Table]:
        """A table of every node, wire and element."""
        nodes = [table_of(f"[node.{toml.bare(name)}]", node, f"node.{name}") for name, node in self.nodes.items()]
        return nodes + [table for i, wire in enumerate(self.wires) for table in wire.shape_tables(f"wire.{i}")]

    @classmethod
    def from_tables(cls, tables: Tables) -> Self:
        """A network from the tables of a file; raises `InputError` with the place of what is wrong."""
        if not is_network(tables):
            raise InputError("is a device of [[stack]]: use Stack.from_toml")
        if "stack" in tables:
            raise InputError("a device is either [[stack]] or [[wire]] with [node.NAME], not both", key="stack")
        settings = settings_of(tables, cls.settings(), ("wire", "node"))
        wires = [Wire.from_table(table, f"wire.{i}") for i, table in enumerate(list_of(tables.get("wire"), "wire"))]
        return cls(wires, nodes_of(tables.get("node", {})), **settings)

    @classmethod
    def from_toml(cls, source: str | PathLike[str]) -> Self:
        """Read a network from a TOML file, or from the text of one."""
        return toml.read(source, cls.from_tables)

    def __repr__(self) -> str:
        return self.sketch()

    __str__ = __repr__


def _ends(wire: Wire) -> dict[str, str]:
    return {key: value for key, value in wire.written().items() if key != "elements"}


def is_network(tables: Tables) -> bool:
    """Whether the tables of a file describe wires and nodes."""
    return "wire" in tables or "node" in tables

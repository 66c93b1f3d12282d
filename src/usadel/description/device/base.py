"""What every device has, whatever its shape: title, defaults for its elements, parameters, output, paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Self

from pydantic import PrivateAttr

from usadel.description.device.driven import distribution_text, with_followers
from usadel.description.device.output import EnergyRequest, Output
from usadel.description.device.resolved import Network, ResolvedLayer
from usadel.description.device.tables import table_of
from usadel.description.elements.element import Description, Element
from usadel.description.elements.materials import Layer
from usadel.description.elements.measured import Scaled
from usadel.description.elements.scale import Scale, ScaleKey
from usadel.description.text import paths, toml
from usadel.description.text.html import html
from usadel.description.text.notes import notes
from usadel.description.text.paths import Address
from usadel.description.text.sketch import Drawn, sketch
from usadel.description.values.expressions import check_name
from usadel.description.values.keys import Key, Number, Quantity, Text, as_number, check_expression
from usadel.description.values.measures import DIMENSIONS, is_measure, read_measure
from usadel.description.values.metal import ReferenceMetal
from usadel.description.values.titles import filled
from usadel.errors import InputError, shown


class FrozenMap(Mapping[str, Any]):
    """A dictionary that cannot be changed, and can be hashed."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Mapping[str, Any]) -> None:
        self._entries = dict(entries)

    def __getitem__(self, name: str) -> Any:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __hash__(self) -> int:
        return hash(frozenset(self._entries.items()))

    def __repr__(self) -> str:
        return repr(self._entries)


@dataclass(frozen=True, kw_only=True)
class _Parameters(Key):
    """Numbers or expressions with names."""

    type_name = "table"
    allowed = "a table of names, each a number, also with a unit, or an expression of other parameters"

    def check(self, value: Any) -> FrozenMap:
        if not isinstance(value, Mapping):
            raise self._refused(value)
        return FrozenMap({name: self._entry(name, entry) for name, entry in value.items()})

    def _entry(self, name: Any, value: Any) -> Number:
        check_name(name)
        if name in RESERVED_NAMES:
            raise InputError(f"parameter '{name}' has the name of a key of the device; choose another name")
        try:
            if isinstance(value, str):
                if is_measure(value):
                    read_measure(value, DIMENSIONS)
                else:
                    check_expression(value, profile=False)
                return value
            number = as_number(value)
            if number is None:
                raise InputError(f"must be a number or an expression, not {shown(value)}")
            return number
        except InputError as error:
            raise error.under(name) from None

    def json_type(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {"anyOf": [{"type": "number"}, {"type": "string"}]}}


@dataclass(frozen=True, kw_only=True)
class _Output(Key):
    """An `Output`, or its keys in a dictionary."""

    type_name = "table"
    allowed = "a table with quantities and energies, or Output(...)"

    def check(self, value: Any) -> Output:
        if isinstance(value, Mapping):
            return Output(**value)
        if not isinstance(value, Output):
            raise self._refused(value)
        return value

    def json_type(self) -> dict[str, Any]:
        return {"$ref": "#/$defs/output"}


class DeviceBase(Description):
    """A device of any shape: common settings, and the rules of paths."""

    title: Annotated[str, Text(meaning="One line about the device; {name} stands for a parameter")] = ""
    temperature: Annotated[Number, Quantity(meaning="Temperature; default for every element", unit="Tc", above=0)] = (
        0.01
    )
    inelastic: Annotated[
        Number, Quantity(meaning="Dynes broadening Γ; default for every element", unit="Δ0", at_least=0)
    ] = 0.01
    tolerance: Annotated[
        Number,
        Quantity(meaning="Largest absolute error of gap, currents and accumulations", at_least=1e-10, at_most=1e-2),
    ] = 1e-6
    parameters: Annotated[Mapping[str, Number], _Parameters(meaning="Names for expressions, and for sweeps")] = (
        FrozenMap({})
    )
    output: Annotated[Output, _Output(meaning="What to compute and write")] = Output()
    scale: Annotated[
        Scale | None,
        ScaleKey(meaning="The reference metal in real units", optional=True, absent="no number has a unit"),
    ] = None

    _title: str = PrivateAttr()  # as written, with the names of parameters
    _network: Network = PrivateAttr()
    _metal: ReferenceMetal | None = PrivateAttr()
    _scaled: Scaled = PrivateAttr()
    _elements: Mapping[str, Element] = PrivateAttr()  # by place, without units
    _values: dict[str, Any] = PrivateAttr()
    _energies: EnergyRequest = PrivateAttr()

    @classmethod
    def settings(cls) -> dict[str, Key]:
        """The keys that do not depend on the shape of the device."""
        return DeviceBase.keys()

    def model_post_init(self, context: Any) -> None:
        """Check everything that only the whole device tells."""
        self._check_names()
        self._metal = None if self.scale is None else self.scale.metal()
        self._scaled = Scaled.of(self.parameters, self._metal)
        self._title = self.title
        self.__dict__["title"] = filled(self.title, self.parameters)
        self._values = self.in_force(self._scaled.names, numbers=self._scaled.numbers(self))
        self._scaled = replace(self._scaled, device=self.inherited())
        try:
            self._energies = self._scaled.element(self.output).energies_in_force(self._scaled.names)
        except InputError as error:
            raise error.under("output") from None
        self._network, resolved = self._assemble(self._scaled)
        self._elements = {**self.elements_by_place(), **resolved}

    def written(self) -> dict[str, Any]:
        """The explicitly given values, in the order of declaration; the title with the names of parameters."""
        given = super().written()
        return given | {"title": self._title} if "title" in given else given

    def settings_in_force(self) -> Mapping[str, Any]:
        """Values of the settings, expressions evaluated."""
        return self._values

    def inherited(self) -> dict[str, float]:
        """Values in force that elements take from the device unless they have their own."""
        return {key: self._values[key] for key in ("temperature", "inelastic")}

    def _check_names(self) -> None:
        known: dict[str, str] = {}
        elements = self.elements_by_place()
        reserved = RESERVED_NAMES.union(*(element.keys() for element in elements.values()))
        for place, element in elements.items():
            name = _name_of(place, element)
            if name is None:
                continue
            key = place if place.startswith("node.") else f"{place}.name"
            if name in reserved:
                raise InputError(f"'{name}' has a meaning of its own in paths; choose another name", key=key)
            if name in known:
                raise InputError(f"name '{name}' is taken by {known[name]}; names must be unique", key=key)
            known[name] = place

    def elements_by_place(self) -> dict[str, Element]:
        """Every element with its place, such as ``stack.1``, in order."""
        raise NotImplementedError

    def _assemble(self, scaled: Scaled) -> tuple[Network, Mapping[str, Element]]:
        """The network, and the elements by place without units."""
        raise NotImplementedError

    def rebuilt(self, elements: Mapping[str, Element], settings: Mapping[str, Any]) -> Self:
        """A device of the same shape with other elements, by place, and settings."""
        raise NotImplementedError

    def drawing(self) -> list[Drawn]:
        """The lines of its sketch."""
        raise NotImplementedError

    def shape_tables(self) -> list[toml.Table]:
        """The tables of its elements, wires and nodes."""
        raise NotImplementedError

    def network(self) -> Network:
        """The device with every value in force: a graph of resolved layers."""
        return self._network

    def driven_network(self) -> Network:
        """The same with distributions unknown wherever a small change of a reservoir would be felt."""
        layers = [element for element in self.elements_by_place().values() if isinstance(element, Layer)]
        return with_followers(self._network, [layers[k] for k in self._network.written])

    def in_force_at(self, place: str) -> dict[str, Any]:
        """Values in force of the element at a place, or of ``output``, also what only its neighbours tell."""
        if place == "scale":
            return {} if self.scale is None else self.scale.written()
        holder = self._scaled.element(self.output) if place == "output" else self._elements[place]
        values = holder.in_force(self._scaled.names, self.inherited())
        if isinstance(holder, Layer):
            values["nonequilibrium"] = self._layers_by_place()[place][1].nonequilibrium
        return values

    def _layers_by_place(self) -> dict[str, tuple[Layer, ResolvedLayer]]:
        """Layers as they are written and as they are resolved."""
        places = [(place, element) for place, element in self._elements.items() if isinstance(element, Layer)]
        first = [self._network.written.index(k) for k in range(len(places))]
        resolved = (self._network.layers[k] for k in first)
        return {place: (layer, part) for (place, layer), part in zip(places, resolved, strict=True)}

    def parameters_in_force(self) -> Mapping[str, float]:
        """Values of the parameters; of those with units in units of the program, of those that no unit fits, none."""
        return self._scaled.names

    def metal(self) -> ReferenceMetal | None:
        """The reference metal in SI; None without a scale."""
        return self._metal

    def energies(self) -> EnergyRequest:
        """Energies at which the density of states is wanted."""
        return self._energies

    def quantities(self) -> tuple[str, ...] | None:
        """Result variables that are wanted; None: all that the device has."""
        return self.output.quantities

    def paths(self) -> list[str]:
        """Every path that `get`, `value` and `replace` know, each once."""
        return paths.all_paths(self)

    def get(self, path: str) -> Any:
        """What stands at a path: a number, an expression as written, or the default of the key."""
        return paths.look_up(self, paths.find(self, path))

    def value(self, path: str) -> Any:
        """The value in force at a path, expressions evaluated and device defaults filled in."""
        return paths.evaluated(self, paths.find(self, path))

    def replace(self, changes: Mapping[str, Any]) -> Self:
        """A new device in which some values differ.

        Parameters
        ----------
        changes : mapping
            Path -> value. A path is a key of the device (``temperature``), a parameter (``angle``), a key of
            an element by name (``S.length``) or place (``stack.1.length``), a component of a vector
            (``stack.0.magnetization.2``), or a key written at exactly one place (``spin_voltage``). The
            value None stands for the default.

        Raises
        ------
        InputError
            If a path is unknown or ambiguous, or the new device is not valid.
        """
        return paths.replaced(self, changes)

    def address(self, path: str) -> Address:
        """Where a path points to, independent of how it is written; raises `InputError`."""
        return paths.find(self, path)

    def unit(self, path: str) -> str:
        """Unit of the number at a path, as in the reference of keys; empty for a pure number."""
        return paths.unit(self, paths.find(self, path))

    def remarks(self) -> dict[str, list[str]]:
        """Whether distributions are solved for, and conductances that follow for layers and interfaces, by place."""
        found = {
            place: [
                f"distribution: {distribution_text(layer, resolved.nonequilibrium)}",
                f"G_N = σA/L = {resolved.conductance:.6g} /R_ξ",
            ]
            for place, (layer, resolved) in self._layers_by_place().items()
        }
        for _, law, _ in self._network.interfaces():
            if law.place and law.reference is not None:
                reference = self._network.layers[law.reference]
                found[law.place] = [f"G_N is that of {self._network.layer_names[law.reference]}"]
                true = law.normal_conductance(reference.conductance)
                if true is not None:
                    found[law.place].append(f"true normal-state conductance = {true:.6g} /R_ξ")
        return found

    def notes(self) -> list[str]:
        """What is allowed but most often a mistake, such as temperatures in kelvin: one line each."""
        return notes(self)

    def sketch(self) -> str:
        """A drawing of the device with every value in force."""
        return sketch(self)

    def _repr_html_(self) -> str:
        return html(self)

    def tables(self) -> list[toml.Table]:
        """The device as the tables of a file; only what was given is written."""
        found = [table_of("", self, "", ("scale", "parameters", "output", "elements", "wires", "nodes"))]
        if self.scale is not None:
            found.append(table_of("[scale]", self.scale, "scale"))
        if self.parameters:
            found.append(toml.Table("[parameters]", self.parameters))
        if self.output.written():
            found.append(table_of("[output]", self.output, "output"))
        return found + self.shape_tables()

    def to_toml(self) -> str:
        """The device as the text of a TOML file."""
        return toml.write(self.tables())


def _name_of(place: str, element: Element) -> str | None:
    return place.removeprefix("node.") if place.startswith("node.") else element.name


RESERVED_NAMES = frozenset({*DeviceBase.keys(), "stack", "wire", "node", "scale"})

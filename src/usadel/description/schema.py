"""The reference of all keys, made from their declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from usadel.description.device.base import DeviceBase
from usadel.description.device.device import Stack, Wire
from usadel.description.device.output import Output
from usadel.description.elements.element import Description, Element
from usadel.description.elements.kinds import INTERFACES, LAYERS, NODE_KINDS, RESERVOIRS, STACK_KINDS
from usadel.description.elements.on_top import KINDS as ON_TOP_KINDS
from usadel.description.elements.reservoirs import Junction
from usadel.description.elements.scale import Scale
from usadel.description.values.expressions import FUNCTIONS
from usadel.description.values.keys import Key
from usadel.description.values.measures import DIMENSIONS
from usadel.description.values.metal import UNITS

ON_TOP = tuple(ON_TOP_KINDS.values())

_EXPRESSIONS = f"""\
Any number may be an expression in quotes: numbers, `pi`, names from `[parameters]`, `+ - * / **`, parentheses
and {", ".join(FUNCTIONS)}.
With a table `[scale]`, any number may also have a unit: `"30 nm"`, `"0.3 meV"`, `"1.2 K"`; see below that table.
Where "also of z" is said, `z` is the position in the layer from 0 (left) to 1 (right).
"""


def schema_text() -> str:
    """Markdown reference of every kind and key: type, default, unit, allowed range, meaning."""
    parts = ["# Keys of a device file", _EXPRESSIONS, "## Top level", _table(DeviceBase, DeviceBase.settings())]
    parts += ["## [output]", _table(Output), "## [scale]", _summary(Scale), _table(Scale), _units_table()]
    groups = (
        ("Layers: [[stack]]", LAYERS),
        ("Interfaces: [[stack]]", INTERFACES),
        ("Reservoirs: [[stack]]", RESERVOIRS),
        ("Contacts on top of a layer: [[stack.on_top]]", ON_TOP),
    )
    for title, classes in groups:
        parts.append(f"## {title}")
        for cls in classes:
            parts += [f'### kind = "{cls.kind}"', _summary(cls), _table(cls)]
    parts += [
        "## Networks: [[wire]], [[wire.stack]], [node.NAME]",
        "Instead of [[stack]]: wires, their elements in [[wire.stack]]; nodes are reservoirs or junctions.",
        _table(Wire, {key: Wire.keys()[key] for key in ("start", "end")}),
        f'### kind = "{Junction.kind}"',
        _summary(Junction),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _units_table() -> str:
    """Which units numbers may have, by the unit of their key."""
    kinds: list[type[Description]] = [DeviceBase, Output, *LAYERS, *INTERFACES, *RESERVOIRS, *ON_TOP]
    keys = [(name, key) for cls in kinds for name, key in cls.keys().items() if key.numeric]
    rows = ["| unit of the key | numbers with units |", "| --- | --- |"]
    for unit in dict.fromkeys(key.unit for _, key in keys if key.unit in UNITS):
        rows.append(f"| {unit} | {_examples([UNITS[unit].si])} |".replace("|e|", "\\|e\\|"))
    for name, also in dict.fromkeys((name, tuple(reading.unit for reading in key.also)) for name, key in keys):
        if also:
            rows.append(f"| `{name}` | also {_examples(also)} |")
    return "\n".join(rows)


def _examples(units: Iterable[str]) -> str:
    return ", ".join(f'{DIMENSIONS[unit][0]}, `"{DIMENSIONS[unit][1]}"`' for unit in units)


def _summary(cls: type[Description]) -> str:
    return (cls.__doc__ or "").split("\n\n")[0]


def _table(cls: type[Description], keys: Mapping[str, Key] | None = None) -> str:
    rows = ["| key | type | default | unit | allowed | meaning |", "| --- | --- | --- | --- | --- | --- |"]
    for name, key in (keys or cls.keys()).items():
        cells = [f"`{name}`", key.type_name, _default(cls, name, key), key.unit, key.bounds, key.meaning]
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def _default(cls: type[Description], name: str, key: Key) -> str:
    if cls.required(name):
        return "required"
    value = cls.default(name)
    if value is None:
        return key.absent
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(f"{part:g}" for part in value) + "]"
    if isinstance(value, float):
        return f"{value:g}"
    return "empty"


def json_schema() -> dict[str, Any]:
    """JSON schema of a device file, for editors that complete and check TOML."""
    definitions = {kind: _object(cls) for kind, cls in {**STACK_KINDS, **NODE_KINDS}.items()}
    definitions["on_top"] = _one_of({f"{kind}_on_top": cls for kind, cls in ON_TOP_KINDS.items()})
    definitions |= {f"{kind}_on_top": _object(cls) for kind, cls in ON_TOP_KINDS.items()}
    definitions["output"] = _object(Output)
    definitions["scale"] = _object(Scale)
    definitions["element"] = _one_of(STACK_KINDS)
    definitions["node"] = _one_of(NODE_KINDS)
    wire = _object(Wire)
    wire["properties"]["stack"] = wire["properties"].pop("elements")
    wire["required"] = ["stack"]
    definitions["wire"] = wire
    settings = {name: _property(DeviceBase, name, key) for name, key in DeviceBase.settings().items()}
    shapes = {
        "stack": Stack.keys()["elements"].json_type(),
        "wire": {"type": "array", "items": {"$ref": "#/$defs/wire"}, "minItems": 1},
        "node": {"type": "object", "additionalProperties": {"$ref": "#/$defs/node"}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Device of the usadel package",
        "type": "object",
        "properties": {**settings, **shapes},
        "additionalProperties": False,
        "oneOf": [{"required": ["stack"]}, {"required": ["wire"]}],
        "$defs": definitions,
    }


def _one_of(kinds: Iterable[str]) -> dict[str, Any]:
    return {"oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in kinds]}


def _object(cls: type[Description]) -> dict[str, Any]:
    properties = {name: _property(cls, name, key) for name, key in cls.keys().items()}
    named = issubclass(cls, Element)
    return {
        "type": "object",
        "description": _summary(cls),
        "properties": ({"kind": {"const": cls.kind}} if named else {}) | properties,
        "required": (["kind"] if named else []) + [name for name in properties if cls.required(name)],
        "additionalProperties": False,
    }


def _property(cls: type[Description], name: str, key: Key) -> dict[str, Any]:
    unit = f" [{key.unit}]" if key.unit else ""
    absent = f" Default: {_default(cls, name, key)}."
    return {"description": f"{key.meaning}{unit}.{absent}", **key.json_type()}

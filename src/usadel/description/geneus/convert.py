"""Devices from GENEUS configurations.

The materials of a configuration become the layers of a `Stack`, those of ``order: 0`` its reservoirs. All layers have
the diffusion constant of the reference metal; what GENEUS says about both sides of an interface fixes the ratio of
their conductivities. Temperatures are in Tc, lengths in ξ and energies in Δ0 as here; phases are in units of π.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import Any

from usadel.description.device.device import Stack
from usadel.description.elements.materials import Ferromagnet, HalfMetal, NormalMetal, Superconductor
from usadel.description.elements.reservoirs import NormalReservoir, SuperconductingReservoir
from usadel.description.geneus.arguments import numbers_of, used_in
from usadel.description.geneus.file import Configuration, Entry, Section, read_configuration
from usadel.description.geneus.interfaces import KEYS, Draft, Side, between, to_nothing, to_reservoir
from usadel.description.geneus.values import ONE, DecidedByArgumentError, Value, ratio, value_of
from usadel.description.text.files import file_text
from usadel.description.text.toml import write
from usadel.description.values.keys import Number
from usadel.description.values.titles import filled
from usadel.errors import InputError, unknown

LAYERS = {
    "conductor": NormalMetal,
    "superconductor": Superconductor,
    "ferromagnet": Ferromagnet,
    "halfmetal": HalfMetal,
}
SCALARS = {  # their name -> ours, where value and unit are the same
    "length": "length", "scattering": "inelastic", "temperature": "temperature", "voltage": "voltage",
    "spinvoltage": "spin_voltage", "spintemperature": "spin_temperature", "rashba": "rashba",
    "dresselhaus": "dresselhaus", "nanowire": "nanowire", "scattering_spinflip": "spin_flip",
    "scattering_spinorbit": "spin_orbit", "depairing": "depairing",
}  # fmt: skip
DECIDING = ("order",)  # keys that say what the device consists of, so that no parameter can stand there
STEERING = ("order", "boost", "iteration", "phaselock", "zeroenergy")  # say how GENEUS computes, not what
PAIRING = ("gap", "phase", "selfconsistent")
KINETIC = ("equilibrium", "nonequilibrium", "transverse")
INTERFACE = tuple(f"{key}_{end}" for key in KEYS for end in "ab")
EXTRA = {
    "conductor": (), "superconductor": ("magnetization", "zeeman"), "ferromagnet": ("magnetization", "zeeman"),
    "halfmetal": ("polarization",),
}  # fmt: skip
DEFAULTS = {"temperature": 0.01, "inelastic": 0.01}  # of every layer there, and of a device here


@dataclass(frozen=True)
class Conversion:
    """What became of a configuration.

    Attributes
    ----------
    device : Stack
        The device.
    notes : tuple of str
        Keys that are unnecessary or have no effect, and where results differ, a line each.
    remarks : dict
        Place of an element, such as ``stack.1`` -> where it comes from.
    """

    device: Stack
    notes: tuple[str, ...]
    remarks: dict[str, str]


def from_geneus(source: str | PathLike[str], *arguments: str | float) -> Stack:
    """Read a device from a GENEUS configuration.

    Parameters
    ----------
    source : str or path
        The file, or its text (of several lines).
    *arguments : str or float
        What takes the place of ``{1}``, ``{2}``, ... in it. Numbers become the parameters ``arg1``, ``arg2``, ... of
        the device, wherever that means the same.

    Returns
    -------
    Stack
        The same device; ``to_toml`` writes it as ours.

    Raises
    ------
    InputError
        In one line: file, line, key, and what cannot be represented.
    """
    return convert(source, arguments).device


def converted_text(source: str | PathLike[str], arguments: Sequence[str | float] = ()) -> tuple[str, tuple[str, ...]]:
    """A configuration as the text of a commented TOML file, and the notes of `convert`."""
    conversion = convert(source, arguments)
    name = Path(source).name if "\n" not in str(source) else "a GENEUS configuration"
    behind = f" with {' '.join(map(str, arguments))}" if arguments else ""
    heading = [f"Converted from {name}{behind}. Lengths in ξ, energies in Δ0, temperatures in Tc, phases in rad."]
    heading += [f"{note[0].upper()}{note[1:]}." for note in conversion.notes]
    return write(conversion.device.tables(), {"": "\n".join(heading), **conversion.remarks}), conversion.notes


def convert(source: str | PathLike[str], arguments: Sequence[str | float] = ()) -> Conversion:
    """As `from_geneus`, with notes about what is unnecessary, and remarks for a commented file."""
    if isinstance(source, str) and "\n" in source:
        text, file = source, ""
    else:
        text, file = file_text(Path(source), "a GENEUS configuration"), str(source)
    texts, fixed = [str(argument) for argument in arguments], dict[int, str]()
    while True:
        try:
            return _converted(read_configuration(text, texts, DECIDING, fixed))
        except DecidedByArgumentError as found:  # these arguments stay numbers
            fixed |= dict.fromkeys(numbers_of(found.names), found.why)
        except InputError as error:
            raise error.at(file=file) from None


def _converted(configuration: Configuration) -> Conversion:
    notes = configuration.notes + [
        f"{entry.key} (line {entry.line}) has no effect: it stands before the first section"
        for entry in configuration.ignored
    ]
    sections = configuration.sections
    for section in sections:
        _check_keys(section)
    reservoirs = [_is_reservoir(section) for section in sections]
    _check_order(sections, reservoirs)
    steering = [f"{e.key} (line {e.line})" for section in sections for e in _steering(section)]
    if steering:
        notes.append(f"unnecessary, as they only steer the algorithm of GENEUS: {', '.join(steering)}")
    drafts = _drafts(sections, reservoirs, notes)
    settings = _settings(drafts)
    written = [settings, *(draft.values for draft in drafts)]
    parameters = {name: value for name, value in configuration.parameters.items() if used_in(name, written)}
    if configuration.title:
        gone = {name: value for name, value in configuration.parameters.items() if name not in parameters}
        settings["title"] = filled(configuration.title, gone)
    if parameters:
        settings["parameters"] = parameters
    return Conversion(_built(drafts, settings), tuple(notes), _remarks(drafts))


def _check_keys(section: Section) -> None:
    if section.kind not in LAYERS:
        raise InputError(unknown("material", section.kind, LAYERS), line=section.line)
    allowed = [*SCALARS, "spinaxis", *EXTRA[section.kind], *PAIRING, *INTERFACE, *KINETIC, *STEERING]
    for entry in section.entries.values():
        if entry.key not in allowed:
            raise InputError(unknown("key", entry.key, allowed), kind=section.kind, line=entry.line)


def _is_reservoir(section: Section) -> bool:
    entry = section.get("order")
    order = entry.integer() if entry else 1
    if entry and not 0 <= order <= 16:
        raise entry.error(f"must be an integer from 0 (a reservoir) to 16, not {order}")
    return order == 0


def _check_order(sections: list[Section], reservoirs: list[bool]) -> None:
    if not sections:
        raise InputError("has no section; at least one is needed: [conductor], [superconductor], [ferromagnet], …")
    if all(reservoirs):
        raise InputError("has no layer: every section is a reservoir, order: 0", line=sections[0].line)
    for i in range(1, len(sections) - 1):
        if reservoirs[i]:
            entry = sections[i].get("order")
            assert entry is not None
            raise entry.error("a reservoir is allowed only as the first or the last section")


def _steering(section: Section) -> Iterator[Entry]:
    for key in STEERING:
        entry = section.get(key)
        if entry is None or (key == "order" and entry.integer() == 0):
            continue
        if key in ("boost", "phaselock", "zeroenergy"):
            entry.flag()
        else:
            entry.integer()
        yield entry


def _drafts(sections: list[Section], reservoirs: list[bool], notes: list[str]) -> list[Draft]:
    """The elements from left to right."""
    elements = [
        _reservoir(section, notes) if bath else _layer(section, notes)
        for section, bath in zip(sections, reservoirs, strict=True)
    ]
    chain = []
    if not reservoirs[0]:
        chain.append(to_nothing(Side(sections[0], "a"), notes))
    chain.append(elements[0])
    for i, (left, right) in enumerate(pairwise(sections)):
        sides = Side(left, "b"), Side(right, "a")
        if reservoirs[i] or reservoirs[i + 1]:
            chain.append(to_reservoir(sides[1] if reservoirs[i] else sides[0], notes))
        else:
            interface, ratio = between(*sides, notes)
            chain.append(interface)
            _set_conductivity(elements[i], elements[i + 1], ratio)
        chain.append(elements[i + 1])
    if not reservoirs[-1]:
        chain.append(to_nothing(Side(sections[-1], "b"), notes))
    return [draft for draft in chain if draft is not None]


def _set_conductivity(left: Draft, right: Draft, change: Value) -> None:
    """σ of the layer on the right, so that its conductance σ/L is `change` times that of the layer on the left."""
    lengths = [value_of(draft.sources["length"]) if "length" in draft.sources else ONE for draft in (left, right)]
    for draft, length in zip((left, right), lengths, strict=True):
        if length.number <= 0:
            raise draft.sources["length"].error("must be > 0")
    right.conductivity = ratio([left.conductivity, change, lengths[1]], lengths[:1])
    if not right.conductivity.is_one:
        right.values["conductivity"] = right.conductivity.written


def _layer(section: Section, notes: list[str]) -> Draft:
    draft = Draft(LAYERS[section.kind], remark=str(section))
    draft.values["length"] = 1.0
    for theirs, ours in SCALARS.items():
        if entry := section.get(theirs):
            draft.set(ours, entry.number(), entry)
    if entry := section.get("spinaxis"):
        draft.set("spin_axis", entry.vector(), entry)
    _set_kinetics(draft, section)
    if section.kind == "superconductor":
        _set_pairing(draft, section)
    else:
        notes += [
            f"{entry.key} (line {entry.line}) is unnecessary: a [{section.kind}] has no gap of its own"
            for key in PAIRING
            if (entry := section.get(key))
        ]
    if section.kind == "halfmetal":
        _set_polarization(draft, section, notes)
    elif entry := section.get("magnetization"):
        draft.set("exchange_field", entry.vector(), entry)
    elif section.kind == "ferromagnet":
        draft.values["exchange_field"] = (0.0, 0.0, 0.0)
    if entry := section.get("zeeman"):
        draft.set("zeeman", entry.number(), entry)
    return draft


def _set_kinetics(draft: Draft, section: Section) -> None:
    """`nonequilibrium: T`, or `equilibrium: F`, solves the kinetic equation; without, no reservoir drives anything."""
    draft.values["nonequilibrium"] = False
    for key, solved in (("nonequilibrium", True), ("equilibrium", False)):
        if (entry := section.get(key)) and entry.flag() == solved:
            draft.set("nonequilibrium", True, entry)
    if (entry := section.get("transverse")) and entry.flag() and not draft.values["nonequilibrium"]:
        draft.set("transverse", True, entry)


def _set_pairing(draft: Draft, section: Section) -> None:
    gap, phase, consistent = (section.get(key) for key in PAIRING)
    if consistent and not consistent.flag():
        draft.set("self_consistent", False, consistent)
        draft.values["gap"] = 1.0  # not the bulk gap at its temperature
    if gap:
        draft.set("gap", gap.number(), gap)
    if phase:
        draft.set("phase", radians(phase.number()), phase)


def _set_polarization(draft: Draft, section: Section, notes: list[str]) -> None:
    entry = section.get("polarization")
    if entry is None:
        raise InputError("needs polarization: a number > -1 and < 1", kind=section.kind, line=section.line)
    draft.set("polarization", entry.number(), entry)
    draft.values["magnetization"] = (0.0, 0.0, 1.0)
    notes += [
        f"{entry.key} (line {entry.line}) has no effect: a [halfmetal] polarizes its interfaces itself, along z"
        for key in ("polarization", "magnetization")
        for end in "ab"
        if (entry := section.get(f"{key}_{end}"))
    ]


def radians(phase: Number) -> Number:
    """A phase in units of π as ours."""
    if isinstance(phase, str):
        return f"pi*({phase})"
    return f"{'-' if phase < 0 else ''}pi*{abs(phase):.15g}" if phase else 0.0


def _reservoir(section: Section, notes: list[str]) -> Draft:
    """A reservoir; its gap is 1 whatever its temperature, unless written."""
    gap, phase = section.get("gap"), section.get("phase")
    superconducting = section.kind == "superconductor" or gap is not None
    draft = Draft(SuperconductingReservoir if superconducting else NormalReservoir, remark=f"{section}, order 0")
    used = ["order", "temperature", "scattering"]
    if superconducting:
        draft.set("gap", gap.number() if gap else 1.0, gap)
        used += ["gap", "phase"]
        if phase:
            draft.set("phase", radians(phase.number()), phase)
    biases = ("voltage", "spinvoltage", "spintemperature")
    for key in ("temperature", "scattering", *(() if superconducting else biases)):
        if entry := section.get(key):
            draft.set(SCALARS[key], entry.number(), entry)
    if superconducting:
        _refuse_bias(section, biases)
    else:
        used += [*biases, "spinaxis", "transverse"]
        if (entry := section.get("transverse")) and entry.flag():
            draft.set("transverse", True, entry)
        if entry := section.get("spinaxis"):
            draft.set("spin_axis", entry.vector(), entry)
    notes += [
        f"{entry.key} (line {entry.line}) has no effect in a reservoir"
        for entry in section.entries.values()
        if entry.key not in used and entry.key not in STEERING
    ]
    return draft


def _refuse_bias(section: Section, keys: Sequence[str]) -> None:
    for key in keys:
        if (entry := section.get(key)) and not value_of(entry).is_zero:
            if not value_of(entry).number:
                why = f"{key} (line {entry.line}) can only be 0 in a superconducting reservoir"
                raise DecidedByArgumentError(value_of(entry).names, why)
            raise entry.error("a superconducting reservoir is always in equilibrium at zero voltage")


def _settings(drafts: list[Draft]) -> dict[str, Any]:
    """Temperature and inelastic rate of the first layer become those of the device; others keep their own."""
    settings: dict[str, Any] = {}
    first = next(draft for draft in drafts if draft.kind in LAYERS.values())
    for key, default in DEFAULTS.items():
        common = first.values.get(key, default)
        for draft in drafts:
            if draft.kind not in (*LAYERS.values(), NormalReservoir, SuperconductingReservoir):
                continue
            if draft.values.setdefault(key, default) == common:
                del draft.values[key]
        if common != default:
            settings[key] = common
    return settings


def _built(drafts: list[Draft], settings: dict[str, Any]) -> Stack:
    elements = []
    for draft in drafts:
        try:
            elements.append(draft.kind(**draft.values))
        except InputError as error:
            raise _located(error, draft, error.key) from None
    try:
        return Stack(elements, **settings)
    except InputError as error:
        _, _, rest = error.key.partition("stack.")
        place, _, key = rest.partition(".")
        if place.isdigit():
            raise _located(error, drafts[int(place)], key) from None
        raise _located(error, next(d for d in drafts if error.key in d.sources), error.key) from None


def _located(error: InputError, draft: Draft, key: str) -> InputError:
    """The error under the name and in the line of the entry that a key comes from."""
    entry = draft.sources.get(key.partition(".")[0])
    if entry is None:
        return error.at(key=key, kind=draft.remark)
    return error.at(key=entry.key, kind="", line=entry.line)


def _remarks(drafts: list[Draft]) -> dict[str, str]:
    return {f"stack.{i}": draft.remark for i, draft in enumerate(drafts)}

"""Interfaces of GENEUS configurations.

There each layer describes the interfaces at its ends from its own side, in units of its own conductance
G_N = σA/L: ``conductance`` is G_T/G_N (1 unless written), ``spinmixing`` G_φ/G_T (at an end without neighbour
G_φ/G_N), ``secondorder`` the mixing angle ϑ, ``misalignment0`` and ``misalignment1`` the directions that reflection
sees on this and on the other side. Between two layers both descriptions have to be of one and the same interface;
the two conductance ratios then tell how the conductivities of the layers compare.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

from usadel.description.elements.interfaces import FerromagneticInsulator, SpinActive, Transparent, Tunnel
from usadel.description.geneus.file import Entry, Section
from usadel.description.values.expressions import evaluate
from usadel.description.values.keys import Number, Triple
from usadel.errors import InputError

End = Literal["a", "b"]
KEYS = (
    "conductance", "resistance", "transparent", "polarization", "spinmixing", "secondorder", "magnetization",
    "misalignment0", "misalignment1",
)  # fmt: skip
_Z: Triple = (0.0, 0.0, 1.0)


@dataclass
class Draft:
    """An element to be built: its class, the values of its keys, and the entry each of them comes from."""

    kind: Any
    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, Entry] = field(default_factory=dict)
    remark: str = ""
    conductivity: float = 1.0

    def set(self, key: str, value: Any, source: Entry | None) -> None:
        """Give a key its value."""
        self.values[key] = value
        if source is not None:
            self.sources[key] = source


class Side:
    """How one layer describes the interface at one of its ends.

    Attributes
    ----------
    section : Section
        The layer.
    end : "a" or "b"
        Its left or right end.
    """

    def __init__(self, section: Section, end: End) -> None:
        self.section = section
        self.end: End = end
        self.polarized = section.get("polarization") if section.kind == "halfmetal" else None

    def entry(self, key: str) -> Entry | None:
        """The entry of a key at this end."""
        return self.section.get(f"{key}_{self.end}")

    def name(self, key: str) -> str:
        """A key at this end as it is called in messages."""
        return f"{key}_{self.end} of {self.section}"

    @property
    def transparent(self) -> bool:
        """Whether it is said to be transparent."""
        entry = self.entry("transparent")
        return entry is not None and entry.flag()

    def conductance(self) -> tuple[Number, Entry | None]:
        """G_T/G_N, and where it is written."""
        conductance, resistance = self.entry("conductance"), self.entry("resistance")
        if conductance and resistance:
            raise resistance.error(f"says the same as {conductance.key} in line {conductance.line}: give one of them")
        if resistance is None:
            return (_constant(conductance) if conductance else 1.0), conductance
        value = value_of(resistance)
        if value <= 0:
            raise resistance.error(f"must be a number > 0 or an expression for one, not {value:g}")
        return short(1 / value), resistance

    def polarization(self) -> tuple[Number, Entry | None]:
        """P; a half-metal has its own at its interfaces, along z."""
        entry = self.polarized or self.entry("polarization")
        return (_constant(entry) if entry else 0.0), entry

    def ratio(self, key: str) -> float:
        """Value of ``spinmixing`` or ``secondorder``; 0 if it is not written."""
        entry = self.entry(key)
        return value_of(entry) if entry else 0.0

    def magnetization(self) -> Triple:
        """Direction that transmission sees; z unless written, and always in a half-metal."""
        entry = None if self.polarized else self.entry("magnetization")
        direction = _direction(entry) if entry else _Z
        if entry and not any(_numbers(direction)):
            raise entry.error("must not be zero: it is the direction of a magnetization")
        return direction

    def reflection(self, which: int) -> Triple:
        """Direction that reflection on this (0) or the other (1) side sees."""
        entry = self.entry(f"misalignment{which}")
        direction = _direction(entry) if entry else None
        return direction if direction and any(_numbers(direction)) else self.magnetization()

    def transmission(self) -> float:
        """t = ϑ G_T/G_φ from ``secondorder`` = ϑ."""
        theta, ratio = self.ratio("secondorder"), self.ratio("spinmixing")
        if not theta:
            return 0.0
        entry = self.entry("secondorder")
        assert entry is not None
        if not ratio:
            raise entry.error(f"needs spinmixing_{self.end}: the terms of second order hold their ratio")
        return short(theta / ratio)


def value_of(entry: Entry) -> float:
    """The value of an entry that may depend on nothing but pi."""
    value = entry.number()
    try:
        return float(evaluate(value)) if isinstance(value, str) else value
    except InputError as error:
        raise error.at(key=entry.key, line=entry.line) from None


def _constant(entry: Entry) -> Number:
    """The value of an entry as it is written, once it is known to depend on nothing but pi."""
    value_of(entry)
    return entry.number()


def _direction(entry: Entry) -> Triple:
    """A vector that is known to depend on nothing but pi."""
    vector = entry.vector()
    try:
        _numbers(vector)
    except InputError as error:
        raise error.at(key=entry.key, line=entry.line) from None
    return vector


def short(number: float) -> float:
    """A derived number without the last rounding error, so that it is pleasant to read."""
    return float(f"{number:.14g}")


def _numbers(vector: Triple) -> list[float]:
    return [float(evaluate(part)) if isinstance(part, str) else part for part in vector]


def _same_direction(one: Triple, other: Triple) -> bool:
    a, b = _numbers(one), _numbers(other)
    sizes = math.hypot(*a) * math.hypot(*b)
    return sum(x * y for x, y in zip(a, b, strict=True)) > sizes * (1 - 1e-12)


def to_nothing(side: Side, notes: list[str]) -> Draft | None:
    """What ends the device: a ferromagnetic insulator, or vacuum (None)."""
    if side.transparent:
        entry = side.entry("transparent")
        assert entry is not None
        raise entry.error("has no neighbour at that end; a normal reservoir there is a [conductor] with order: 0")
    for key in ("conductance", "resistance", "polarization", "misalignment1"):
        if entry := side.entry(key):
            notes.append(f"{entry.key} (line {entry.line}) has no effect: nothing is at that end")
    mixing, theta = side.entry("spinmixing"), side.entry("secondorder")
    if mixing is None or not side.ratio("spinmixing"):
        if theta and side.ratio("secondorder"):
            raise theta.error(f"needs spinmixing_{side.end}: the term of second order is proportional to it")
        return None
    draft = Draft(FerromagneticInsulator, remark=_remark(side))
    draft.set("spin_mixing", _constant(mixing), mixing)
    draft.set("magnetization", side.reflection(0), side.entry("misalignment0") or side.entry("magnetization"))
    if theta:
        draft.set("second_order", _constant(theta), theta)
        notes.append(_second_order(theta))
    return draft


def to_reservoir(side: Side, notes: list[str]) -> Draft | None:
    """The interface between a layer and a reservoir; None if it is transparent."""
    if side.transparent:
        _say_ignored(side, notes)
        return Draft(Transparent, remark=_remark(side))
    conductance, source = side.conductance()
    polarization, polarizer = side.polarization()
    ratio, t = side.ratio("spinmixing"), side.transmission()
    if not (ratio or t or _nonzero(polarization)):
        return _tunnel(side, conductance, source)
    draft = Draft(SpinActive, remark=_remark(side))
    draft.set("conductance", conductance, source)
    _set_polarization(draft, polarization, polarizer)
    mixing = side.entry("spinmixing")
    if ratio:
        assert mixing is not None
        draft.set("spin_mixing", short(ratio * _size(conductance)), mixing)
    here, there = side.reflection(0), side.reflection(1)
    magnet = side.entry("magnetization")
    if _nonzero(polarization) or (t and not _same_direction(here, there)):
        draft.set("magnetization", side.magnetization(), magnet)
        if ratio:
            _set_direction(draft, _facing(side), here, side.entry("misalignment0"))
        if t:
            _set_direction(draft, _opposite(side), there, side.entry("misalignment1"))
    else:
        draft.set("magnetization", here, side.entry("misalignment0") or magnet)
    _set_second_order(draft, side, t, notes)
    return draft


def between(left: Side, right: Side, notes: list[str]) -> tuple[Draft, float]:
    """The interface between two layers, and the ratio of their conductances G_N, right to left."""
    if left.transparent or right.transparent:
        return _transparent(left, right, notes)
    (conductance, source), (other, other_source) = left.conductance(), right.conductance()
    ratio = _positive(conductance, source) / _positive(other, other_source)
    polarization, polarizer, direction = _common_polarization(left, right, notes)
    mixings = [side.ratio("spinmixing") for side in (left, right)]
    if not (any(mixings) or _nonzero(polarization)):
        draft = _tunnel(left, conductance, source)
    else:
        draft = Draft(SpinActive, remark=_remark(left))
        draft.set("conductance", conductance, source)
        _set_polarization(draft, polarization, polarizer)
        if _nonzero(polarization):
            draft.set("magnetization", direction, left.entry("magnetization") or right.entry("magnetization"))
        if any(mixings):
            _set_mixings(draft, (left, right), mixings, _size(conductance))
            _set_directions(draft, (left, right), mixings)
    _set_second_order(draft, left, _common_transmission(left, right), notes)
    draft.values["relative_to"] = "left"
    return draft, ratio


def _set_mixings(draft: Draft, sides: tuple[Side, Side], ratios: list[float], conductance: float) -> None:
    """G_φ in the unit of the left layer's G_N, as the conductance."""
    if ratios[0] == ratios[1]:
        draft.set("spin_mixing", short(ratios[0] * conductance), sides[0].entry("spinmixing"))
        return
    for side, ratio in zip(sides, ratios, strict=True):
        if ratio:
            draft.set(f"spin_mixing_{_facing(side)}", short(ratio * conductance), side.entry("spinmixing"))


def _set_directions(draft: Draft, sides: tuple[Side, Side], ratios: list[float]) -> None:
    """Directions that reflection sees, on the sides that mix spins."""
    seen = [side for side, ratio in zip(sides, ratios, strict=True) if ratio]
    here = [side.reflection(0) for side in seen]
    polarized = "magnetization" in draft.values
    if not polarized and all(_same_direction(here[0], direction) for direction in here):
        draft.set("magnetization", here[0], seen[0].entry("misalignment0") or seen[0].entry("magnetization"))
        return
    for side, direction in zip(seen, here, strict=True):
        _set_direction(draft, _facing(side), direction, side.entry("misalignment0") or side.entry("magnetization"))


def _facing(side: Side) -> str:
    """The side of the interface on which a layer lies: the layer at its right end is the one on the left."""
    return "left" if side.end == "b" else "right"


def _opposite(side: Side) -> str:
    return "right" if _facing(side) == "left" else "left"


def _set_direction(draft: Draft, side: str, direction: Triple, source: Entry | None) -> None:
    if "magnetization" not in draft.values or not _same_direction(direction, draft.values["magnetization"]):
        draft.set(f"magnetization_{side}", direction, source)


def _set_polarization(draft: Draft, polarization: Number, source: Entry | None) -> None:
    if _nonzero(polarization):
        draft.set("polarization", polarization, source)


def _set_second_order(draft: Draft, side: Side, t: float, notes: list[str]) -> None:
    if t:
        entry = side.entry("secondorder")
        assert entry is not None
        draft.set("second_order", t, entry)
        notes.append(_second_order(entry))


def _tunnel(side: Side, conductance: Number, source: Entry | None) -> Draft:
    draft = Draft(Tunnel, remark=_remark(side))
    draft.set("conductance", conductance, source)
    return draft


def _transparent(left: Side, right: Side, notes: list[str]) -> tuple[Draft, float]:
    for side, other in ((left, right), (right, left)):
        if not side.transparent:
            entry = other.entry("transparent")
            assert entry is not None
            raise entry.error(
                f"needs {side.name('transparent')}: T; a contact that is transparent from one side only "
                "does not conserve the current"
            )
        _say_ignored(side, notes)
    entry = left.entry("transparent")
    assert entry is not None
    notes.append(
        f"{entry.key} (line {entry.line}): between two layers GENEUS only matches the propagators; here the current "
        "is conserved as well, for equal conductivities"
    )
    lengths = [value_of(length) if (length := side.section.get("length")) else 1.0 for side in (left, right)]
    return Draft(Transparent, remark=_remark(left)), lengths[0] / lengths[1]


def _say_ignored(side: Side, notes: list[str]) -> None:
    for key in KEYS:
        entry = side.entry(key)
        if entry and key != "transparent":
            notes.append(f"{entry.key} (line {entry.line}) has no effect: the interface is transparent")


def _common_polarization(left: Side, right: Side, notes: list[str]) -> tuple[Number, Entry | None, Triple]:
    """P, where it is written, and the direction that transmission sees, the same from both sides."""
    for side, other in ((left, right), (right, left)):
        if side.polarized and not (other.polarized or other.entry("polarization")):
            entry = side.polarized
            notes.append(
                f"polarization (line {entry.line}): GENEUS has the interface polarize on the side of {side.section} "
                f"only, unless {other.name('polarization')} says the same; here it polarizes on both sides"
            )
            return _constant(entry), entry, side.magnetization()
    (one, source), (two, other_source) = left.polarization(), right.polarization()
    written = source or other_source
    if abs(_size(one) - _size(two)) > 1e-12:
        assert written is not None
        raise written.error(_differ("polarization", left, right, f"{_size(one):g}", f"{_size(two):g}"))
    if _nonzero(one) and not _same_direction(left.magnetization(), right.magnetization()):
        where = left.entry("magnetization") or right.entry("magnetization") or written
        assert where is not None
        shown = (f"[{', '.join(f'{part:g}' for part in _numbers(side.magnetization()))}]" for side in (left, right))
        raise where.error(_differ("magnetization", left, right, *shown))
    return one, source, left.magnetization()


def _common_transmission(left: Side, right: Side) -> float:
    one, other = left.transmission(), right.transmission()
    if abs(one - other) > 1e-12:
        entry = left.entry("secondorder") or right.entry("secondorder")
        assert entry is not None
        raise entry.error(_differ("secondorder/spinmixing", left, right, f"{one:g}", f"{other:g}"))
    return one


def _differ(what: str, left: Side, right: Side, *values: str) -> str:
    return (
        f"differs from what the other layer says about the same interface: {what} is {values[0]} in {left.section} "
        f"and {values[1]} in {right.section}; write the same in both, or no current is conserved"
    )


def _positive(value: Number, source: Entry | None) -> float:
    number = _size(value)
    if number <= 0:
        assert source is not None
        raise source.error(f"must be a number > 0 or an expression for one, not {number:g}")
    return number


def _size(value: Number) -> float:
    return float(evaluate(value)) if isinstance(value, str) else value


def _nonzero(value: Number) -> bool:
    return _size(value) != 0


def _remark(side: Side) -> str:
    return f"{'left' if side.end == 'a' else 'right'} end of {side.section}"


def _second_order(entry: Entry) -> str:
    return (
        f"{entry.key} (line {entry.line}): results differ from those of GENEUS, whose terms of second order do not "
        "conserve charge; here they follow from the exact scattering condition"
    )

"""Interfaces of GENEUS configurations.

There each layer describes the interfaces at its ends from its own side, in units of its own conductance
G_N = σA/L: ``conductance`` is G_T/G_N (1 unless written), ``spinmixing`` G_φ/G_T (at an end without neighbour
G_φ/G_N), ``secondorder`` the mixing angle ϑ, ``misalignment0`` and ``misalignment1`` the directions that reflection
sees on this and on the other side. Between two layers both descriptions have to be of one and the same interface;
the two conductance ratios then tell how the conductivities of the layers compare.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from usadel.description.elements.interfaces import FerromagneticInsulator, SpinActive, Transparent, Tunnel
from usadel.description.geneus.file import Entry, Section
from usadel.description.geneus.values import (
    ONE,
    ZERO,
    DecidedByArgumentError,
    Direction,
    Value,
    agree,
    direction_of,
    ratio,
    value_of,
)

End = Literal["a", "b"]
KEYS = (
    "conductance", "resistance", "transparent", "polarization", "spinmixing", "secondorder", "magnetization",
    "misalignment0", "misalignment1",
)  # fmt: skip
_Z = Direction((ZERO, ZERO, ONE))


@dataclass
class Draft:
    """An element to be built: its class, the values of its keys, and the entry each of them comes from."""

    kind: Any
    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, Entry] = field(default_factory=dict)
    remark: str = ""
    conductivity: Value = ONE

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

    def conductance(self) -> tuple[Value, Entry | None]:
        """G_T/G_N, and where it is written."""
        conductance, resistance = self.entry("conductance"), self.entry("resistance")
        if conductance and resistance:
            raise resistance.error(f"says the same as {conductance.key} in line {conductance.line}: give one of them")
        if resistance is None:
            return (value_of(conductance) if conductance else ONE), conductance
        return ratio([ONE], [_positive(value_of(resistance), resistance)]), resistance

    def polarization(self) -> tuple[Value, Entry | None]:
        """P; a half-metal has its own at its interfaces, along z."""
        entry = self.polarized or self.entry("polarization")
        return (value_of(entry) if entry else ZERO), entry

    def ratio(self, key: str) -> Value:
        """Value of ``spinmixing`` or ``secondorder``; 0 if it is not written."""
        entry = self.entry(key)
        return value_of(entry) if entry else ZERO

    def magnetization(self) -> Direction:
        """Direction that transmission sees; z unless written, and always in a half-metal."""
        entry = None if self.polarized else self.entry("magnetization")
        direction = direction_of(entry) if entry else _Z
        if entry and not any(direction.numbers):
            raise entry.error("must not be zero: it is the direction of a magnetization")
        return direction

    def reflection(self, which: int) -> Direction:
        """Direction that reflection on this (0) or the other (1) side sees."""
        entry = self.entry(f"misalignment{which}")
        direction = direction_of(entry) if entry else None
        if entry and direction and direction.names and not any(direction.numbers):
            why = f"{entry.key} (line {entry.line}) vanishes for this value of it"
            raise DecidedByArgumentError(direction.names, why)
        return direction if direction and any(direction.numbers) else self.magnetization()

    def transmission(self) -> Value:
        """t = ϑ G_T/G_φ from ``secondorder`` = ϑ."""
        theta, mixing = self.ratio("secondorder"), self.ratio("spinmixing")
        if theta.is_zero:
            return ZERO
        entry = self.entry("secondorder")
        assert entry is not None
        if not mixing.number:
            raise entry.error(f"needs spinmixing_{self.end}: the terms of second order hold their ratio")
        return ratio([theta], [mixing])


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
    if mixing is None or side.ratio("spinmixing").is_zero:
        if theta and not side.ratio("secondorder").is_zero:
            raise theta.error(f"needs spinmixing_{side.end}: the term of second order is proportional to it")
        return None
    draft = Draft(FerromagneticInsulator, remark=_remark(side))
    draft.set("spin_mixing", value_of(mixing).written, mixing)
    draft.set("magnetization", side.reflection(0).written, side.entry("misalignment0") or side.entry("magnetization"))
    if theta:
        draft.set("second_order", value_of(theta).written, theta)
        notes.append(_second_order(theta))
    return draft


def to_reservoir(side: Side, notes: list[str]) -> Draft | None:
    """The interface between a layer and a reservoir; None if it is transparent."""
    if side.transparent:
        _say_ignored(side, notes)
        return Draft(Transparent, remark=_remark(side))
    conductance, source = side.conductance()
    polarization, polarizer = side.polarization()
    mixing, t = side.ratio("spinmixing"), side.transmission()
    if mixing.is_zero and t.is_zero and polarization.is_zero:
        return _tunnel(side, conductance, source)
    draft = Draft(SpinActive, remark=_remark(side))
    draft.set("conductance", conductance.written, source)
    _set_polarization(draft, polarization, polarizer)
    if not mixing.is_zero:
        draft.set("spin_mixing", ratio([mixing, conductance]).written, side.entry("spinmixing"))
    here, there = side.reflection(0), side.reflection(1)
    magnet = side.entry("magnetization")
    if not polarization.is_zero or not (t.is_zero or here.is_along(there)):
        seen = side.magnetization()
        draft.set("magnetization", seen.written, magnet)
        if not mixing.is_zero:
            _set_direction(draft, _facing(side), here, seen, side.entry("misalignment0"))
        if not t.is_zero:
            _set_direction(draft, _opposite(side), there, seen, side.entry("misalignment1"))
    else:
        draft.set("magnetization", here.written, side.entry("misalignment0") or magnet)
    _set_second_order(draft, side, t, notes)
    return draft


def between(left: Side, right: Side, notes: list[str]) -> tuple[Draft, Value]:
    """The interface between two layers, and the ratio of their conductances G_N, right to left."""
    if left.transparent or right.transparent:
        return _transparent(left, right, notes)
    (conductance, source), (other, other_source) = left.conductance(), right.conductance()
    change = ratio([_positive(conductance, source)], [_positive(other, other_source)])
    polarization, polarizer, direction = _common_polarization(left, right, notes)
    mixings = [side.ratio("spinmixing") for side in (left, right)]
    mixed = not all(mixing.is_zero for mixing in mixings)
    if not mixed and polarization.is_zero:
        draft = _tunnel(left, conductance, source)
    else:
        draft = Draft(SpinActive, remark=_remark(left))
        draft.set("conductance", conductance.written, source)
        _set_polarization(draft, polarization, polarizer)
        seen = None if polarization.is_zero else direction
        if seen:
            draft.set("magnetization", seen.written, left.entry("magnetization") or right.entry("magnetization"))
        if mixed:
            _set_mixings(draft, (left, right), mixings, conductance)
            _set_directions(draft, (left, right), mixings, seen)
    _set_second_order(draft, left, _common_transmission(left, right), notes)
    draft.values["relative_to"] = "left"
    return draft, change


def _set_mixings(draft: Draft, sides: tuple[Side, Side], ratios: list[Value], conductance: Value) -> None:
    """G_φ in the unit of the left layer's G_N, as the conductance."""
    if ratios[0].numbers == ratios[1].numbers:
        draft.set("spin_mixing", ratio([ratios[0], conductance]).written, sides[0].entry("spinmixing"))
        return
    for side, mixing in zip(sides, ratios, strict=True):
        if not mixing.is_zero:
            key = f"spin_mixing_{_facing(side)}"
            draft.set(key, ratio([mixing, conductance]).written, side.entry("spinmixing"))


def _set_directions(draft: Draft, sides: tuple[Side, Side], ratios: list[Value], polarized: Direction | None) -> None:
    """Directions that reflection sees, on the sides that mix spins; polarized: the one that transmission sees."""
    seen = [side for side, mixing in zip(sides, ratios, strict=True) if not mixing.is_zero]
    here = [side.reflection(0) for side in seen]
    if polarized is None and all(here[0].is_along(direction) for direction in here):
        source = seen[0].entry("misalignment0") or seen[0].entry("magnetization")
        draft.set("magnetization", here[0].written, source)
        return
    for side, direction in zip(seen, here, strict=True):
        source = side.entry("misalignment0") or side.entry("magnetization")
        _set_direction(draft, _facing(side), direction, polarized, source)


def _facing(side: Side) -> str:
    """The side of the interface on which a layer lies: the layer at its right end is the one on the left."""
    return "left" if side.end == "b" else "right"


def _opposite(side: Side) -> str:
    return "right" if _facing(side) == "left" else "left"


def _set_direction(
    draft: Draft, side: str, direction: Direction, magnetization: Direction | None, source: Entry | None
) -> None:
    if magnetization is None or not direction.is_along(magnetization):
        draft.set(f"magnetization_{side}", direction.written, source)


def _set_polarization(draft: Draft, polarization: Value, source: Entry | None) -> None:
    if not polarization.is_zero:
        draft.set("polarization", polarization.written, source)


def _set_second_order(draft: Draft, side: Side, t: Value, notes: list[str]) -> None:
    if not t.is_zero:
        entry = side.entry("secondorder")
        assert entry is not None
        draft.set("second_order", t.written, entry)
        notes.append(_second_order(entry))


def _tunnel(side: Side, conductance: Value, source: Entry | None) -> Draft:
    draft = Draft(Tunnel, remark=_remark(side))
    draft.set("conductance", conductance.written, source)
    return draft


def _transparent(left: Side, right: Side, notes: list[str]) -> tuple[Draft, Value]:
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
    lengths = [value_of(length) if (length := side.section.get("length")) else ONE for side in (left, right)]
    return Draft(Transparent, remark=_remark(left)), ratio(lengths[:1], lengths[1:])


def _say_ignored(side: Side, notes: list[str]) -> None:
    for key in KEYS:
        entry = side.entry(key)
        if entry and key != "transparent":
            notes.append(f"{entry.key} (line {entry.line}) has no effect: the interface is transparent")


def _common_polarization(left: Side, right: Side, notes: list[str]) -> tuple[Value, Entry | None, Direction]:
    """P, where it is written, and the direction that transmission sees, the same from both sides."""
    for side, other in ((left, right), (right, left)):
        if side.polarized and not (other.polarized or other.entry("polarization")):
            entry = side.polarized
            notes.append(
                f"polarization (line {entry.line}): GENEUS has the interface polarize on the side of {side.section} "
                f"only, unless {other.name('polarization')} says the same; here it polarizes on both sides"
            )
            return value_of(entry), entry, side.magnetization()
    (one, source), (two, other_source) = left.polarization(), right.polarization()
    written = source or other_source
    if not agree(one, two, "the polarizations on both sides of an interface"):
        assert written is not None
        raise written.error(_differ("polarization", left, right, f"{one.number:g}", f"{two.number:g}"))
    directions = left.magnetization(), right.magnetization()
    if not one.is_zero and not directions[0].must_be_along(directions[1], "the magnetizations of an interface"):
        where = left.entry("magnetization") or right.entry("magnetization") or written
        assert where is not None
        shown = (f"[{', '.join(f'{part:g}' for part in direction.numbers)}]" for direction in directions)
        raise where.error(_differ("magnetization", left, right, *shown))
    return one, source, directions[0]


def _common_transmission(left: Side, right: Side) -> Value:
    one, other = left.transmission(), right.transmission()
    if not agree(one, other, "the transmissions on both sides of an interface"):
        entry = left.entry("secondorder") or right.entry("secondorder")
        assert entry is not None
        raise entry.error(_differ("secondorder/spinmixing", left, right, f"{one.number:g}", f"{other.number:g}"))
    return one


def _differ(what: str, left: Side, right: Side, *values: str) -> str:
    return (
        f"differs from what the other layer says about the same interface: {what} is {values[0]} in {left.section} "
        f"and {values[1]} in {right.section}; write the same in both, or no current is conserved"
    )


def _positive(value: Value, source: Entry | None) -> Value:
    if value.number <= 0:
        assert source is not None
        raise source.error(f"must be a number > 0 or an expression for one, not {value.number:g}")
    return value


def _remark(side: Side) -> str:
    return f"{'left' if side.end == 'a' else 'right'} end of {side.section}"


def _second_order(entry: Entry) -> str:
    return (
        f"{entry.key} (line {entry.line}): results differ from those of GENEUS, whose terms of second order do not "
        "conserve charge; here they follow from the exact scattering condition"
    )

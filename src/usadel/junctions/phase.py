"""The phase difference of a junction: what is varied, which phases follow, and where the current is taken."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from usadel.description.device.axes import number_at
from usadel.description.device.resolved import Covering, LayerEnd, Network, Termination
from usadel.description.device.solvable import biased_place
from usadel.description.elements.reservoirs import SuperconductingReservoir
from usadel.errors import InputError

if TYPE_CHECKING:
    from usadel.description import Device, Stack

STEP = 0.25  # rad or 1/ξ, by which a parameter is varied to see which phases follow it
ROUNDING = 1e-9

NEEDED = (
    "needed: two superconducting reservoirs, or --phase PATH (in Python phase=) with the phase of one bank, a "
    "parameter that it depends on, or the phase gradient of a ring"
)


@dataclass(frozen=True)
class Tap:
    """Where a current is taken: at an end of a layer, or in its middle; it counts with a sign."""

    end: LayerEnd
    sign: float
    middle: bool = False


@dataclass(frozen=True)
class PhaseDifference:
    """φ = slope · value + offset for the value at a path; the current counts from left to right.

    Attributes
    ----------
    path : what is varied.
    taps : where the current is taken; their currents are added.
    is_plain : whether nothing but the phase of a bank is varied, so that a turn leads back to the same device.
    """

    path: str
    slope: float
    offset: float
    taps: tuple[Tap, ...]
    is_plain: bool = False

    def value(self, phase: float) -> float:
        """The value at the path for a phase difference."""
        return (phase - self.offset) / self.slope

    def phase(self, value: float) -> float:
        """The phase difference for a value at the path."""
        return self.slope * value + self.offset


@dataclass(frozen=True)
class _Bank:
    """Something with a given phase: a reservoir, at the ends of all layers that it joins, or a layer."""

    name: str
    phase: float
    ends: tuple[LayerEnd, ...]
    is_layer: bool


def phase_difference(device: Stack | Device, path: str | None = None) -> PhaseDifference:
    """The phase difference of a device between its two banks, or the one that a path varies.

    It is that of the left bank less that of the right one; in a ring, the phase that pairs gain on the way round it.

    Raises
    ------
    InputError
        If the device has no such difference, or the path changes none, or a current is given.
    """
    if biased := biased_place(device):
        raise InputError("is given; needed: a given phase, which is varied", key=f"{biased}.current")
    chosen = _reservoir_path(device) if path is None else path
    value = number_at(device, chosen)
    here, there = device.network(), _varied(device, chosen, value).network()
    if _phases_of(here, there) != here:
        changed = "changes more than phases" if _phases_of(there, here) != here else "changes no phase difference"
        raise InputError(f"{changed}; {NEEDED}", key=chosen)
    banks = list(zip(_banks(here), _banks(there), strict=True))
    changes = [(after.phase - before.phase) / STEP for before, after in banks]
    if any(abs(change) > ROUNDING for change in changes):
        found = _between_banks(chosen, value, [before for before, _ in banks], changes)
        return replace(found, is_plain=device.address(chosen).key == "phase")
    return _around_ring(chosen, value, here, there)


def _reservoir_path(device: Stack | Device) -> str:
    """Path of the phase of one of two superconducting reservoirs."""
    elements = device.elements_by_place()
    places = [place for place, element in elements.items() if isinstance(element, SuperconductingReservoir)]
    if len(places) != 2:
        raise InputError(f"the device has {len(places)} superconducting reservoirs; {NEEDED}", key="phase")
    return f"{places[0]}.phase"


def _varied(device: Stack | Device, path: str, value: float) -> Stack | Device:
    try:
        return device.replace({path: value + STEP})
    except InputError as error:
        raise InputError(f"cannot be varied as a phase: {error}; {NEEDED}", key=path) from None


def _phases_of(one: Network, other: Network) -> Network:
    """Another network with the phases of one."""
    layers = [
        replace(
            layer,
            phase_gradient=mine.phase_gradient,
            pairing=mine.pairing and layer.pairing and replace(layer.pairing, phase=mine.pairing.phase),
            on_top=tuple(map(_with_phase, mine.on_top, layer.on_top)),
        )
        for mine, layer in zip(one.layers, other.layers, strict=True)
    ]
    terminations = [
        _with_phase(mine, theirs) for mine, theirs in zip(one.terminations, other.terminations, strict=True)
    ]
    return replace(other, layers=tuple(layers), terminations=tuple(terminations))


B = TypeVar("B", Termination, Covering)


def _with_phase(one: B, other: B) -> B:
    if other.reservoir is None or one.pairing is None or other.pairing is None:
        return other
    pairing = replace(other.pairing, phase=one.pairing.phase)
    return replace(other, reservoir=replace(other.reservoir, pairing=pairing))


def _banks(network: Network) -> list[_Bank]:
    """From left to right: superconducting reservoirs, and layers with a given gap where there are no two of these."""
    ends: dict[str, list[LayerEnd]] = {}
    phases: dict[str, float] = {}
    for termination in sorted(network.terminations, key=lambda t: (t.end.layer, t.end.side == "right")):
        if termination.pairing is not None:
            ends.setdefault(termination.name, []).append(termination.end)
            phases[termination.name] = termination.pairing.phase
    found = [_Bank(name, phases[name], tuple(at), False) for name, at in ends.items()]
    for covering, layers in network.on_top().values():
        if covering.pairing is not None:  # what flows on to the right has entered on its left
            found.append(_Bank(covering.name, covering.pairing.phase, (LayerEnd(layers[-1], "right"),), True))
    for k, (layer, name) in enumerate(zip(network.layers, network.layer_names, strict=True)):
        if layer.pairing is not None and layer.has_given_gap:
            found.append(_Bank(name, float(layer.pairing.phase.at(0.5)[0]), (LayerEnd(k, "right"),), True))
    return sorted(found, key=lambda bank: (bank.ends[0].layer, bank.ends[0].side == "right" and not bank.is_layer))


def _between_banks(path: str, value: float, banks: list[_Bank], changes: list[float]) -> PhaseDifference:
    first = next(k for k, change in enumerate(changes) if abs(change) > ROUNDING)
    others = [k for k, change in enumerate(changes) if abs(change - changes[first]) > ROUNDING]
    if not others:
        raise InputError(f"turns the phases of all banks alike; {NEEDED}", key=path)
    turned = [k for k in range(len(banks)) if k not in others]
    if not _alike([changes[k] for k in others]) or not _alike([banks[k].phase for k in others]):
        raise InputError("changes several differences of phases; allowed: what changes one", key=path)
    left, right = (turned, others) if min(turned) < min(others) else (others, turned)
    slope = changes[left[0]] - changes[right[0]]
    offset = banks[left[0]].phase - banks[right[0]].phase - slope * value
    return PhaseDifference(path, slope, offset, _taps([banks[k] for k in left], [banks[k] for k in right]))


def _alike(values: list[float]) -> bool:
    return max(values) - min(values) <= ROUNDING


def _taps(left: list[_Bank], right: list[_Bank]) -> tuple[Tap, ...]:
    """Where the current from the left banks to the right ones flows: out of whichever is a group of reservoirs."""
    if not any(bank.is_layer for bank in left):
        return tuple(Tap(end, 1.0 if end.side == "left" else -1.0) for bank in left for end in bank.ends)
    if not any(bank.is_layer for bank in right):
        return tuple(Tap(end, -1.0 if end.side == "left" else 1.0) for bank in right for end in bank.ends)
    return (Tap(LayerEnd(left[-1].ends[0].layer, "right"), 1.0),)


def _around_ring(path: str, value: float, here: Network, there: Network) -> PhaseDifference:
    """What a gauge field stands for: pairs whose phase grows to the right by so much are behind at the left end."""
    before, after = ([-k.phase_gradient * k.length for k in network.layers] for network in (here, there))
    turned = [k for k, pair in enumerate(zip(before, after, strict=True)) if abs(pair[1] - pair[0]) > ROUNDING]
    if not turned:
        raise InputError(f"changes no phase difference; {NEEDED}", key=path)
    slope = math.fsum(after[k] - before[k] for k in turned) / STEP
    offset = math.fsum(before[k] for k in turned) - slope * value
    return PhaseDifference(path, slope, offset, (Tap(LayerEnd(turned[0], "left"), 1.0, middle=True),))

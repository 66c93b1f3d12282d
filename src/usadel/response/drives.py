"""What can be changed at a terminal: voltage, temperature, spin voltage, and the phase of a condensate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from usadel.description.device.resolved import Covering, Distribution, Network, ResolvedReservoir, Termination
from usadel.equations.kinetic import distributions
from usadel.equations.kinetic.response import Derivative

VOLTAGE, TEMPERATURE, PHASE = "voltage", "temperature", "phase"
Moved = Callable[[ResolvedReservoir, float], ResolvedReservoir]
SPIN_VOLTAGE = "spin_voltage"
"""Along the reservoir's own axis."""
SPIN_VOLTAGES = ("spin_voltage_x", "spin_voltage_y", "spin_voltage_z")
DRIVES = (VOLTAGE, TEMPERATURE, *SPIN_VOLTAGES, PHASE)

# Of central differences of reservoirs' states: their error is of second order, and ten digits are left.
PHASE_STEP = 1e-5  # rad
TEMPERATURE_STEP = 1e-4  # of the temperature


@dataclass(frozen=True)
class States:
    """A change of reservoirs with their own states: by terminals, what is there one step ahead and one behind."""

    ahead: Mapping[str, ResolvedReservoir]
    behind: Mapping[str, ResolvedReservoir]
    step: float

    def networks(self, network: Network) -> tuple[Network, Network]:
        """The network with the reservoirs one step ahead and one behind."""
        return network.having(self.ahead), network.having(self.behind)


@dataclass(frozen=True)
class Drive:
    """A change of reservoirs: of the distributions of some, by ∂h/∂p of each, or of all that others are."""

    distributions: Sequence[tuple[Distribution, Derivative]] = ()
    states: States | None = None


def drive_of(ends: Sequence[Termination | Covering], name: str) -> Drive | None:
    """The change of a terminal, which may have several contacts, by its name; None if it has none such."""
    reservoirs = [t.reservoir for t in ends if t.reservoir is not None]
    if reservoirs[0].pairing is not None:
        return _condensate(ends, name)
    derivatives = [_derivative(one, name) for one in reservoirs]
    known = [(one, found) for one, found in zip(reservoirs, derivatives, strict=True) if found is not None]
    return Drive(known) if len(known) == len(reservoirs) else None


def all_voltages(network: Network) -> Drive:
    """Voltages are counted from the potential of a floating condensate: those of all reservoirs change with it."""
    return Drive([(one, partial(distributions.voltage_derivative, one)) for one in network.reservoirs])


def _condensate(ends: Sequence[Termination | Covering], name: str) -> Drive | None:
    if name == PHASE:
        return Drive(states=_states(ends, _turned, PHASE_STEP))
    if name == TEMPERATURE:
        temperature = max(t.reservoir.temperature for t in ends if t.reservoir is not None)
        return Drive(states=_states(ends, _heated, TEMPERATURE_STEP * temperature))
    return None


def _states(ends: Sequence[Termination | Covering], moved: Moved, step: float) -> States:
    ahead, behind = ({t.name: moved(t.reservoir, s) for t in ends if t.reservoir is not None} for s in (step, -step))
    return States(ahead, behind, step)


def _turned(reservoir: ResolvedReservoir, angle: float) -> ResolvedReservoir:
    pairing = reservoir.pairing
    return reservoir if pairing is None else replace(reservoir, pairing=replace(pairing, phase=pairing.phase + angle))


def _heated(reservoir: ResolvedReservoir, change: float) -> ResolvedReservoir:
    return replace(reservoir, temperature=reservoir.temperature + change)


def _derivative(reservoir: ResolvedReservoir, name: str) -> Derivative | None:
    if name == VOLTAGE:
        return partial(distributions.voltage_derivative, reservoir)
    if name == TEMPERATURE:
        return partial(distributions.temperature_derivative, reservoir)
    if name == SPIN_VOLTAGE:
        return partial(distributions.own_spin_voltage_derivative, reservoir)
    if name in SPIN_VOLTAGES:
        axis = SPIN_VOLTAGES.index(name)
        if distributions.follows_spin_voltage(reservoir, axis):
            return partial(distributions.spin_voltage_derivative, reservoir, axis)
    return None

"""The baths of collisions, such that these conserve what they do: energy, charge and spin at every place.

F = ∫dE ROWS M(h - h_b) = 0 for the temperature, voltage and spin voltage of the baths, on which h depends everywhere.
With the moments m of h and m_b of a bath, normal electrons have Dm'' = (m - m_b)/τ: F = m - m_b vanishes after a change

    δm_b = F + y,   -D y'' = F/τ,

which becomes one of the bath's numbers by Newton's step, place by place. M varies with energy beside superconductors;
what this leaves there is for Anderson's acceleration. Without y strong collisions would need (L²/τD) steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from usadel.description.device.resolved import LayerEnd, Network, ResolvedInterface
from usadel.discretization.contacts import conductance_ratio
from usadel.equations.kinetic.collisions import NUMBERS
from usadel.equations.spectral.scheme import elements
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.inside import collision_rates
from usadel.kinetics.reference import reference_temperature, sources
from usadel.progress import tell
from usadel.solvers.anderson import Anderson
from usadel.solvers.status import Status
from usadel.states.problem import Array
from usadel.work import exhausted


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    iterations: int = 60
    goal: float = 0.1  # of the tolerance, for the last change of the baths
    largest: float = 0.5  # change of a temperature in a step, relative
    lost: float = 1e-9  # of the largest derivative: smaller ones are none


OPTIONS = Options()
STIFF = 1e6  # of the conductance of a layer: that of a transparent contact, or of what is held


def has_collisions(kinetics: Kinetics) -> bool:
    """Whether electrons whose distribution is an unknown collide."""
    layers = kinetics.network.layers
    return any(layer.nonequilibrium and layer.collisions is not None for layer in layers)


def with_baths(kinetics: Kinetics, tolerance: float) -> tuple[Kinetics, float]:
    """The kinetic equation with the baths that belong to it, and how far these may be from where they end."""
    if not has_collisions(kinetics):
        return kinetics, 0.0
    present = kinetics if kinetics.baths is not None else kinetics.with_baths(_first(kinetics))
    free, wires, anderson, distance = _free(kinetics), _wires(kinetics), Anderson(), np.inf
    for number in range(OPTIONS.iterations):
        assert present.baths is not None
        step = _step(present, free, wires) * free
        distance = float(np.max(np.abs(step), initial=0.0))
        tell("baths", number + 1, text=f"change {distance:.1e}")
        if distance < OPTIONS.goal * tolerance or exhausted() or not np.isfinite(distance):
            break
        anderson.add(present.baths.ravel(), step.ravel())
        step = anderson.step(step.ravel()).reshape(step.shape)
        present = present.with_baths(_moved(present.baths, step))
    if not distance < OPTIONS.goal * tolerance:
        present.status = Status.TOO_MUCH_WORK if exhausted() else Status.NOT_CONVERGED
    return present, distance


def _first(kinetics: Kinetics) -> Array:
    """Baths (2, sites, 5) to start from: the hottest reservoir; phonons at their own temperature."""
    network, layer = kinetics.network, kinetics.problem.layout.layer
    baths = np.zeros((2, layer.size, NUMBERS))
    baths[0, :, 0] = max(one.temperature for one in sources(network))
    phonons = [
        k.collisions.phonon_temperature if k.collisions else reference_temperature(network) for k in network.layers
    ]
    baths[1, :, 0] = np.array(phonons)[layer]
    return baths


def _free(kinetics: Kinetics) -> Array:
    """Which numbers of the baths are unknown, (2, sites, 5)."""
    network, layer = kinetics.network, kinetics.problem.layout.layer
    free = np.repeat((collision_rates(network)[:, layer] > 0)[:, :, None], NUMBERS, axis=2).astype(float)
    free[1, :, 0] = 0.0  # phonons are a bath of their own temperature
    free[:, np.array([k.pairing is not None for k in network.layers])[layer], 1] = 0.0
    free[:, ~kinetics.system.solved[layer]] = 0.0
    return free


def _step(kinetics: Kinetics, free: Array, wires: Array) -> Array:
    """Change of all baths (2, sites, 5)."""
    kinds, size = np.flatnonzero(collision_rates(kinetics.network).any(axis=1)), NUMBERS + NUMBERS**2
    moments = np.zeros((free.shape[1], 2, size))
    moments[:, kinds] = kinetics.integral.value[:, -len(kinds) * size :].reshape(-1, len(kinds), size)
    steps, spread = np.zeros((2, len(moments), NUMBERS)), _spread(kinetics, free, moments[:, :, :NUMBERS], wires)
    for kind in kinds:
        missing = moments[:, kind, :NUMBERS] + spread
        slopes = moments[:, kind, NUMBERS:].reshape(-1, NUMBERS, NUMBERS)
        for site in np.flatnonzero(free[kind].any(axis=1)):
            chosen = np.flatnonzero(free[kind, site])
            steps[kind, site, chosen] = np.linalg.lstsq(
                slopes[site][np.ix_(chosen, chosen)], missing[site, chosen], rcond=OPTIONS.lost
            )[0]
    return steps


def _spread(kinetics: Kinetics, free: Array, missing: Array, wires: Array) -> Array:
    """y (sites, 5) of F (sites, 2, 5)."""
    layer = kinetics.problem.layout.layer
    rates = collision_rates(kinetics.network)[:, layer]
    source = np.einsum("ks,ksn,skn->sn", rates, free, missing)
    source *= (elements(kinetics.problem.bare_sites) * kinetics.problem.cross_section)[:, None]
    out = np.zeros_like(source)
    for number in range(NUMBERS):
        held = ~free[:, :, number].any(axis=0) & (rates.sum(axis=0) > 0)  # what is not conserved there
        stiff = np.max(np.abs(wires)) * STIFF * held
        out[:, number] = np.linalg.solve(wires + np.diag(stiff), source[:, number])
    return out


def _wires(kinetics: Kinetics) -> Array:
    """Conductances (sites, sites) of a device of normal metals, as a matrix of nodes; reservoirs are grounded."""
    problem, network, layout = kinetics.problem, kinetics.network, kinetics.problem.layout
    out = np.zeros((layout.sites, layout.sites))

    def joined(one: int, other: int, conductance: float) -> None:
        out[[one, other], [one, other]] += conductance
        out[[one, other], [other, one]] -= conductance

    for k, (layer, grid) in enumerate(zip(network.layers, problem.grids, strict=True)):
        first, last = int(problem.offset[k]), int(problem.offset[k + 1])
        for site, length in zip(range(first, last - 1), np.diff(grid.x), strict=True):
            joined(site, site + 1, float(layer.conductivity * layer.area / length))
        grounded = 0.0 if layer.nonequilibrium else STIFF
        for covering in layer.on_top:
            grounded += covering.rate * layer.length / grid.size if covering.reservoir is not None else 0.0
        out[range(first, last), range(first, last)] += grounded * layer.conductivity * layer.area
    for t in network.terminations:
        if t.reservoir is not None:
            out[layout.site(t.end), layout.site(t.end)] += _conductance(network, t.end, t.interface)
    for (one, law), *others in network.meetings():
        for other, beyond in others:
            through = min(_conductance(network, one, law), _conductance(network, other, beyond))
            joined(layout.site(one), layout.site(other), through)
    return out


def _conductance(network: Network, end: LayerEnd, law: ResolvedInterface) -> float:
    """Of an interface, about; large for a transparent one."""
    layer = network.layers[end.layer]
    scale = layer.conductivity * layer.area / layer.length
    return float(scale * (STIFF if law.kind == "transparent" else conductance_ratio(network, end)))


def _moved(baths: Array, step: Array) -> Array:
    """Baths after a step; no temperature changes by more than a part of itself."""
    moved = baths + step
    bounds = (1 - OPTIONS.largest) * baths[..., 0], (1 + 2 * OPTIONS.largest) * baths[..., 0]
    moved[..., 0] = np.clip(moved[..., 0], *bounds)
    return moved

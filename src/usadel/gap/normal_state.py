"""The linearized gap problem: where the normal state of a device becomes unstable, and in which mode.

About Δ = 0 the equations of γ and γ̃ decouple and are linear in Δ and Δ*. G[Δ] is then a complex-linear map, and one
linear solve per energy gives its matrix. With A = K - ∂G/∂Δ (the gap equation reads K Δ = G[Δ]),

    A r = λ r,   l A = λ l,   λ the eigenvalue with the lowest real part,

the normal state is stable for λ > 0, and a gap opens where λ = 0. In a homogeneous superconductor
λ = ln(T/Tc) + Re ψ(½ + (Γ + ih)/2πT) - ψ(½).

The matrix is that of the compact fourth-order scheme; its eigenvalue is then corrected to the full order of the
scheme by λ = l A r / l r, with A r from the scheme's own residual, whose error is of second order in that of l and r.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.description.device.driven import refuse_kinetics
from usadel.description.device.resolved import Network, Pairing
from usadel.discretization.choice import SPECTRAL, first_nodes, following_nodes, make_grids, unfollowed
from usadel.discretization.gap_basis import GapBasis
from usadel.energies.contour import Contour
from usadel.equations.spectral.numbers import reservoir_state
from usadel.errors import InputError
from usadel.gap.equation import GapEquation
from usadel.gap.linearization import GapLinearization, pack_response
from usadel.progress import pulse
from usadel.solvers.condensation import Factors
from usadel.solvers.refinement import refine
from usadel.solvers.status import Status
from usadel.states.parallel import parallel
from usadel.states.problem import Pack, Problem, chord_step
from usadel.work import bounded


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    amplitude: float = 1e-9  # Δ0, of the gap of a mode: what is not linear in it is lost in rounding
    sweeps: int = 30  # of the correction to the full order of the scheme
    stalled: float = 1e-12  # relative change at which it ends at the latest
    # times the change by stencils of lower order: the error, at the singular ends of layers as well
    embedded: float = 12.0
    rule: float = 0.1  # tolerance of the Matsubara rule, in tolerances


OPTIONS = Options()


@dataclass(frozen=True)
class NormalState:
    """Lowest eigenvalue of A = K - ∂G/∂Δ at Δ = 0.

    Attributes
    ----------
    problem, contour, basis, packs : the grids, energies, unknowns and states (all zero) it was found with.
    value : real part of λ; positive where the normal state is stable, 0 where a gap opens.
    rotation : imaginary part of λ; not 0 where the phase of an opening gap would turn.
    mode : (sites), complex, the gap that opens, with largest modulus 1 (there real); good to the compact scheme, some
        1e-3 at ends of layers: λ depends on its error in second order.
    left : (columns), l, with l·restrict(mode) = 1.
    error : estimated absolute error of λ.
    """

    problem: Problem
    contour: Contour
    basis: GapBasis
    packs: list[Pack]
    value: float
    rotation: float
    mode: Complex
    left: Complex
    error: float
    status: Status

    @property
    def nodes(self) -> list[int]:
        """Nodes of all layers."""
        return [grid.size for grid in self.problem.grids]

    def projection(self, mismatch: Complex) -> complex:
        """Component l·m of a complex mismatch (sites) of the gap equation along the mode."""
        return complex(self.left @ _restricted(self.basis, mismatch))


@bounded("solve")
def normal_state(
    network: Network, tolerance: float, near: NormalState | None = None, nodes: list[int] | None = None
) -> NormalState:
    """Lowest eigenvalue of the linearized gap problem of a device, on grids refined until it is good.

    Parameters
    ----------
    network : a device without imposed pairing.
    tolerance : largest absolute error of the eigenvalue.
    near : of a neighbouring device, or a rougher one of the same: grids begin where it ended.
    nodes : of all layers, to start with where there is none.

    Raises
    ------
    InputError
        If no gap is solved for, or pairing is imposed somewhere: a gap is then induced at any temperature; or if
        distributions are solved for.
    """
    require_sharp_transition(network)
    refuse_driven(network)
    contour = Contour(network, OPTIONS.rule * tolerance)

    def solve(nodes: list[int]) -> NormalState:
        problem = _problem(network, nodes, near)
        found = on_grids(problem, contour, tolerance)
        return replace(found, error=max(found.error, *unfollowed(network, problem.grids)))

    def grow(nodes: list[int], state: NormalState) -> list[int] | None:
        finer = [SPECTRAL.nodes(n, state.error / tolerance) for n in nodes]
        return None if finer == nodes else finer

    if near is not None and near.error < np.inf:
        nodes = near.nodes if near.error <= tolerance else grow(near.nodes, near)
    first = first_nodes(network, tolerance) if nodes is None else following_nodes(network, nodes, tolerance)
    return refine(first, solve, grow, tolerance)


def _problem(network: Network, nodes: list[int], near: NormalState | None) -> Problem:
    """A network on grids of some nodes; those of a neighbour, with all their numbers, where nothing else differs."""
    if near is not None and nodes == near.nodes and network.has_spectral_terms_of(near.problem.network):
        return near.problem.with_distributions(network)
    return Problem(network, make_grids(network, nodes))


def require_sharp_transition(network: Network) -> None:
    """Refuse devices whose gap cannot vanish: without self-consistent gap, or next to an imposed one."""
    if not network.has_unknown_gap:
        raise InputError("the device has no gap that could open; needed: a superconductor with self_consistent = true")
    behind = [(t.name, t.reservoir) for t in network.terminations]
    behind += [(covering.name, covering.reservoir) for _, covering in network.coverings()]
    for name, reservoir in behind:
        if reservoir is not None and np.any(reservoir_state(reservoir, np.array([1j]))):
            raise InputError(f"{name}: {_INDUCED}; allowed: normal reservoirs")
    for layer, name in zip(network.layers, network.layer_names, strict=True):
        if layer.pairing is not None and not layer.self_consistent and _is_imposed(layer.pairing):
            raise InputError(f"{name}: {_INDUCED}; allowed: self_consistent = true")


def refuse_driven(network: Network) -> None:
    """Refuse devices with solved distributions, which the linearized problem does not know."""
    refuse_kinetics(network, "a critical value cannot be searched for", "a trace")


_INDUCED = "its gap induces superconductivity in the whole device, which therefore has no sharp transition"


def _is_imposed(pairing: Pairing) -> bool:
    return pairing.gap is None or bool(np.any(pairing.gap.at(np.linspace(0, 1, 33))))


def on_grids(problem: Problem, contour: Contour, tolerance: float) -> NormalState:
    """The lowest eigenvalue on given grids, with its estimated error."""
    basis = GapBasis(problem.layout, problem.self_consistent_layers(), 1, projected=True)
    equation = GapEquation(problem, contour, basis)
    zero = np.zeros(problem.layout.sites, complex)
    normal = np.zeros((zero.size, 2 * problem.symmetry.entries, contour.energies.size), complex)
    packs, sites = problem.packs(contour.energies, zero, states=normal), problem.bare_sites
    found = parallel(lambda pack: pack_response(equation, pack, sites, [], keep=False), packs)
    response = np.sum([part.response for part in found], axis=0)
    matrix = equation.matrix(response)
    square = basis.restrict(matrix - 1j * basis.collect(-1j * response))
    if not np.all(np.isfinite(square)):
        return NormalState(
            problem, contour, basis, packs, np.nan, np.nan, zero, zero[: basis.columns], np.inf, Status.NOT_CONVERGED
        )
    right, left = _lowest_pair(square)
    mode = basis.expand(basis.spread(right))
    scale = mode[np.argmax(np.abs(mode))]
    left, mode = left * scale, mode / scale
    linearization = GapLinearization(problem, packs, [part.factors for part in found], equation, matrix)
    state = NormalState(problem, contour, basis, packs, np.nan, np.nan, mode, left, np.inf, Status.NOT_CONVERGED)
    return _corrected(state, linearization, tolerance)


def _lowest_pair(matrix: Complex) -> tuple[Complex, Complex]:
    """Right and left eigenvector, l·r = 1, of the eigenvalue with the lowest real part."""
    values, vectors = np.linalg.eig(matrix)
    lowest = int(np.argmin(values.real))
    inverse = np.linalg.inv(vectors)
    return vectors[:, lowest], inverse[lowest]


def _restricted(basis: GapBasis, values: Complex) -> Complex:
    """Complex values (columns) at the functions' points of complex values (sites)."""
    return basis.restrict(basis.collect(values) + 1j * basis.collect(-1j * values))


def _corrected(state: NormalState, linearization: GapLinearization, tolerance: float) -> NormalState:
    """The state with its eigenvalue to the full order of the scheme, the error of that, and a status."""
    problem, equation = state.problem, linearization.equation
    gap = OPTIONS.amplitude * state.mode
    sites, embedded = problem.sites(gap), problem.embedded_sites(gap)
    goal = max(0.01 * tolerance, OPTIONS.stalled)

    def settle(number: int) -> tuple[Complex, Complex, float]:
        factors = linearization.factors[number]
        pack = state.packs[number].at(problem.by_site(linearization.to_change(number, gap[:, None])[:, :, 0]))
        for _ in range(OPTIONS.sweeps):
            pulse()
            step = problem.by_site(chord_step(factors, [problem.residual(pack, sites)])[:, :, 0])
            pack = pack.at(pack.state + step)
            change = np.max(np.abs(step), axis=(0, 1)) / np.max(np.abs(pack.state), axis=(0, 1))
            if np.all(change < goal):
                break
        x = chord_step(factors, [problem.residual(pack, embedded)])
        value, response = equation.response(pack, x)
        return value, response[:, 0], float(np.max(change))

    found = parallel(settle, range(len(state.packs)))
    value, lower = (
        np.sum(parts, axis=0) / OPTIONS.amplitude for parts in ([f[0] for f in found], [f[1] for f in found])
    )
    eigenvalue = state.projection(equation.coupling * state.mode - value)
    between = _interpolation(state, linearization, value - (equation.coupling - eigenvalue) * state.mode)
    eigenvalue += between
    error = OPTIONS.embedded * abs(state.projection(lower)) + abs(between) + OPTIONS.rule * tolerance
    settled = max(part[2] for part in found) < 100 * goal and np.isfinite(error)
    status = Status.CONVERGED if settled else Status.NOT_CONVERGED
    return replace(state, value=eigenvalue.real, rotation=eigenvalue.imag, error=error, status=status)


def _interpolation(state: NormalState, linearization: GapLinearization, mismatch: Complex) -> complex:
    """Change of λ by what the mode lacks: ripples, and what is between the nodes of the gap."""
    problem, equation, basis = state.problem, linearization.equation, state.basis
    nodal = basis.collect(mismatch) + 1j * basis.collect(-1j * mismatch)
    none = np.zeros(basis.columns)
    ripples = [equation.with_ripples(linearization.matrix, part, none) for part in (nodal.real, nodal.imag)]
    missed = basis.expand(ripples[0] + 1j * ripples[1])
    mismatch = mismatch - basis.expand(nodal)
    for piece, stiff in equation.ripples():
        between = np.setdiff1d(np.arange(piece.sites.start, piece.sites.stop), piece.nodes)
        missed[between] += mismatch[between] / stiff[between - piece.sites.start]
    sites = problem.sites(OPTIONS.amplitude * missed)

    def response(item: tuple[Pack, Factors]) -> Complex:
        pack, factors = item
        x = chord_step(factors, [problem.residual(pack, sites)])
        return equation.response(pack, x)[1][:, 0]

    change = (
        np.sum(parallel(response, list(zip(state.packs, linearization.factors, strict=True))), axis=0)
        / OPTIONS.amplitude
    )
    return -state.projection(change)

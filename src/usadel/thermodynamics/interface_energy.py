"""What interfaces add to the free energy: potentials B of the laws σAĝ∂̃ĝ = n[Ŝ, ĝ].

With Ŝ = S₁ - c S₁ĝS₁ + T(ĝ_out R ĝ_out - R)T, S₁ = S₀ + ½G_T Tĝ_outT (see `equations.scattering`) and X = Tĝ_outT

    B = Tr{-4(S₀ - TRT)ĝ + 2c S₀ĝS₀ĝ + 2cG_T XĝS₀ĝ} + Tr{-2G_T Xĝ + ½cG_T² XĝXĝ} - 4 Tr{TĝT ĝ_outRĝ_out}

has ∂B/∂ĝ = -4Ŝ for a given ĝ_out. Of two sides that are solved for, the first part is that of each side, the second is
the same on both and counts once, and the third is what the first of the far side holds already.
"""

from __future__ import annotations

import numpy as np

from usadel.algebra.nambu import TAU3, Complex, block_diagonal
from usadel.algebra.riccati import less_normal
from usadel.discretization.layout import Law
from usadel.equations.scattering import Scattering
from usadel.states.problem import Pack, Problem


def interface_energy(problem: Problem, pack: Pack, state: Complex, weights: Complex) -> float:
    """Σₙ 2πT Re(B - B_normal) of all interfaces; weights (2, 2, 2, L) are those of the blocks 11 and 22."""
    projector = block_diagonal(*np.moveaxis(weights, -1, 1))
    layers, total = problem.network.layers, 0.0
    for number, law in enumerate(problem.layout.laws):
        if law.interface.kind in ("transparent", "vacuum"):
            continue
        here, across = _sides(problem, law)
        near = less_normal(state[here])
        beyond = problem.full(pack.fixed[number]) if across is None else state[across]
        has_outside = law.reservoir is not None or across is not None
        far = less_normal(beyond) if has_outside else None
        potential = _potential(problem.system.scattering(law), near, far, shared=across is not None)
        layer = layers[law.end.layer]
        total += layer.conductivity * layer.area * float(np.einsum("lij,lji->", projector, potential).real)
    return total


def _sides(problem: Problem, law: Law) -> tuple[int, int | None]:
    """Site on whose side a law is written, and that across; None where nothing is solved for."""
    layout = problem.layout
    if law.across != law.end:
        return layout.site(law.end), None if law.across is None else layout.site(law.across)
    twin = next(other for other in layout.laws if other.end == law.end and other.across != law.end)
    assert twin.across is not None
    return layout.site(twin.across), layout.site(law.end)  # of a junction: its ends are copies of one node


def _potential(law: Scattering, near: Complex, far: Complex | None, shared: bool) -> Complex:
    """A matrix (L, 4, 4) whose trace is B - B_normal of one side, from δ = ĝ - τ̂3 here and beyond."""
    g, t, conductance, twice = TAU3 + near, law.transmission, law.conductance, law.twice
    own = law.reflection - t @ law.echo @ t
    out = -4 * own @ near + 2 * twice * law.reflection @ near @ law.reflection @ (2 * TAU3 + near)
    if far is None:
        return out
    dx, x = t @ far @ t, t @ TAU3 @ t
    bent = near @ law.reflection @ g + TAU3 @ law.reflection @ near
    out = out + 2 * twice * conductance * (dx @ g @ law.reflection @ g + x @ bent)
    dm, m = dx @ g + x @ near, x @ TAU3
    out = out + (0.5 if shared else 1.0) * (
        -2 * conductance * dm + 0.5 * twice * conductance**2 * (dm @ (m + dm) + m @ dm)
    )
    if not shared:
        outside = far + TAU3
        echoed = far @ law.echo @ outside + TAU3 @ law.echo @ far
        out = out - 4 * (t @ echoed @ t @ g + t @ TAU3 @ law.echo @ TAU3 @ t @ near)
    return out

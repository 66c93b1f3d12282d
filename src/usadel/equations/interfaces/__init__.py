"""Interface laws, one file each.

    σA ĝ∂ĝ = (n/2) {G_T[F(ĝ_out), ĝ] - iG_φ[M, ĝ] + second order} = n [S, ĝ],   n = +1 at a left end, -1 at a right end

A law provides `scattering(interface, unit, side)`: the matrices of S as a side of the resolved interface sees them;
`unit` is the G_N that the interface's ratios refer to.
"""

from usadel.equations.interfaces import ferromagnetic_insulator, spin_active, tunnel, vacuum

LAWS = {
    "tunnel": tunnel,
    "spin_active": spin_active,
    "ferromagnetic_insulator": ferromagnetic_insulator,
    "vacuum": vacuum,
}

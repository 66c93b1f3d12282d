"""Interface laws, one file each.

    σA ĝ∂ĝ = (n/2) {G_T[F(ĝ_out), ĝ] - iG_φ[M, ĝ]} = n [S, ĝ],   n = +1 at a left end, -1 at a right end

A law provides `across(interface, unit)`, the 16×16 map ĝ_out → S (None without transmission), and
`own(interface, unit, side)`, the part (4, 4) of S that needs no ĝ_out (None if there is none); `unit` is the
G_N that the interface's ratios refer to.
"""

from usadel.equations.interfaces import ferromagnetic_insulator, spin_active, tunnel, vacuum

LAWS = {
    "tunnel": tunnel,
    "spin_active": spin_active,
    "ferromagnetic_insulator": ferromagnetic_insulator,
    "vacuum": vacuum,
}

"""Self-energies, one file each, listed here with the field of the description that gives their strength.

`CONSTANT`: `self_energy(layer, z)`, the matrix Σ̂ (n, 4, 4) at relative positions z in the convention X = -i[Σ̂, ĝ];
None in a layer without.
`LINEAR`: `self_energy_map(layer)`, the map ĝ → S (16, 16) in the convention X = [S, ĝ].
`GAUGE`: `gauge_field(layer)`, the 2×2 matrices A_k (3, 2, 2) of ∂̃ₖ = ∂ₖ - i[Âₖ, ·], Âₖ = diag(Aₖ, -Aₖ*).
"""

from usadel.equations.terms import (
    depairing,
    dresselhaus,
    exchange,
    nanowire,
    phase_gradient,
    rashba,
    spin_flip,
    spin_gauge,
    spin_orbit,
)

CONSTANT = {"exchange_field": exchange.self_energy}
LINEAR = {
    "spin_flip": spin_flip.self_energy_map,
    "spin_orbit": spin_orbit.self_energy_map,
    "depairing": depairing.self_energy_map,
}
GAUGE = {
    "rashba": rashba.gauge_field,
    "dresselhaus": dresselhaus.gauge_field,
    "nanowire": nanowire.gauge_field,
    "gauge_x": spin_gauge.gauge_field_x,
    "gauge_y": spin_gauge.gauge_field_y,
    "gauge_z": spin_gauge.gauge_field_z,
    "phase_gradient": phase_gradient.gauge_field,
}

"""The scheme once more in NumPy: every row of a device from the oracle, walking the network itself."""

import numpy as np
import oracle
from cases import LAWS
from devices import matrices, state


def bulk(layer, z, gap):
    """Σ̂ (n, 4, 4), pairs (C, S) of linear self-energies, and A (3, 2, 2) of a layer, by the oracle."""
    sigma = oracle.pair_potential(gap)
    if layer.exchange is not None:
        sigma = sigma + oracle.spin(layer.exchange.at(z).T)
    linear = [(layer.spin_flip, s) for s in oracle.RHO[1:4]] + [(layer.spin_orbit, s) for s in oracle.RHO[5:8]]
    linear.append((layer.depairing / 4, oracle.TAU3))
    _, x, y, _ = oracle.PAULI
    a, b = layer.rashba, layer.dresselhaus
    gauge = np.array([b * x - a * y, a * x - b * y, -layer.nanowire * x - 0.5 * layer.phase_gradient * oracle.ONE])
    for k, vector in enumerate((layer.gauge_x, layer.gauge_y, layer.gauge_z)):
        gauge[k] += vector[0] * x + vector[1] * y + vector[2] * oracle.PAULI[3]
    return sigma, linear, gauge


def inner_derivative(case, u):
    """dγ/dx, dγ̃/dx (sites, 8, L) by the stencils of the layout."""
    first, _, weights = case.layout.stencil_arrays(case.width)
    around = first[:, None] + np.arange(weights.shape[1])
    stretch = np.concatenate([grid.stretch for grid in case.grids])
    return np.einsum("sj,sjcl->scl", weights, u[around]) / stretch[:, None, None]


def commutators(case, u, terms=bulk):
    """X/D (sites, L, 4, 4) of every site."""
    parts = []
    for k, (layer, grid) in enumerate(zip(case.layers, case.grids, strict=True)):
        here = case.layout.slice(k)
        sigma, linear, _ = terms(layer, grid.x / layer.length, case.gap[here])
        g = oracle.propagator(*matrices(u[here]))
        x = oracle.bulk_commutator(g, case.energy + 1j * layer.inelastic, sigma[:, None], linear)
        parts.append(np.linalg.inv(spin_share(layer)) @ x / layer.diffusion)
    return np.concatenate(parts)


def spin_share(layer):
    """½(1 + Pm·σ̂) of half-metals: what of diffusion and conductivity each spin has."""
    if layer.spins is None:
        return np.eye(4)
    return 0.5 * (np.eye(4) + layer.spins.polarization * oracle.spin(layer.spins.magnetization))


def divergences(case, u, du, ddu, terms=bulk):
    """Σ∂̃ₖ(ĝ∂̃ₖĝ) (sites, L, 4, 4) of every site from u, u' and u''."""
    parts = []
    for k, (layer, grid) in enumerate(zip(case.layers, case.grids, strict=True)):
        here = case.layout.slice(k)
        gauge = terms(layer, grid.x / layer.length, case.gap[here])[2]
        pieces = [m for v in (u, du, ddu) for m in matrices(v[here])]
        parts.append(oracle.current_and_divergence(*pieces, gauge)[1])
    return np.concatenate(parts)


def second_derivatives(case, u, du, terms=bulk):
    """u'' (sites, 8, L) of every site, by the Riccati form of the equation."""
    x = commutators(case, u, terms)
    parts = []
    for k, (layer, grid) in enumerate(zip(case.layers, case.grids, strict=True)):
        here = case.layout.slice(k)
        gauge = terms(layer, grid.x / layer.length, case.gap[here])[2]
        parts.append(state(*oracle.second_derivatives(*matrices(u[here]), *matrices(du[here]), x[here], gauge)))
    return np.concatenate(parts)


def right_hand_sides(case, u, terms=bulk):
    """f̂ = x'² f + (x''/x') u_s (sites, 8, L)."""
    du = inner_derivative(case, u)
    stretch = np.concatenate([grid.stretch for grid in case.grids])[:, None, None]
    curvature = np.concatenate([grid.curvature for grid in case.grids])[:, None, None]
    return stretch**2 * second_derivatives(case, u, du, terms) + curvature * stretch * du


def defects(case, u):
    """u[inner] - u[end] - h² Σ w f̂ ∓ h x' Gu of every layer end, and u[n+1] - 2u[n] + u[n-1] - h² Σ w f̂ inside."""
    fhat = right_hand_sides(case, u)
    first, weights, _ = case.layout.stencil_arrays(case.width)
    around = first[:, None] + np.arange(weights.shape[1])
    step = np.concatenate([np.full(grid.size, grid.spacing) for grid in case.grids])[:, None, None]
    out = -(step**2) * np.einsum("sj,sjcl->scl", weights, fhat[around])
    stretch = np.concatenate([grid.stretch for grid in case.grids])[:, None, None]
    gauge = step * stretch * connections(case, u)
    for k in range(len(case.layers)):
        here = case.layout.slice(k)
        v = u[here]
        out[here][0] -= gauge[here][0]
        out[here][-1] += gauge[here][-1]
        out[here][1:-1] += v[2:] - 2 * v[1:-1] + v[:-2]
        out[here][0] += v[1] - v[0]
        out[here][-1] += v[-2] - v[-1]
    return out


def slope(case, end, interface, outside, junction=None):
    """Inward (covariant) derivative of γ, γ̃ (8, L) that a law asks for at an end of a layer.

    With the state (8, L) of a `junction` behind the law: what the law asks for there, in units of that layer's σA.
    """
    layer = case.layers[end.layer]
    side = "right" if end.side == "left" else "left"
    gamma, tilde = matrices(case.state[case.layout.site(end)])
    if junction is not None:
        side, (gamma, tilde) = end.side, matrices(junction)
    g = oracle.propagator(gamma, tilde)
    n = 1 if end.side == "left" else -1
    unit = 1.0
    if interface.reference is not None:
        reference = case.layers[interface.reference]
        unit = reference.conductivity * reference.area / reference.length
    current = LAWS[interface.kind](interface, side, g, outside, n, unit)
    if junction is None:
        current = np.linalg.inv(spin_share(layer)) @ equal_spin(layer, current)
    return n * state(*oracle.extraction(current / (layer.conductivity * layer.area), gamma, tilde))


def equal_spin(layer, matrix):
    """The part of a matrix (..., 4, 4) that a half-metal has: ½(X + MXM)."""
    if layer.spins is None:
        return matrix
    m = oracle.spin(layer.spins.magnetization)
    return 0.5 * (matrix + m @ matrix @ m)


def connections(case, u):
    """Gu (sites, 8, L), what gauge fields along the junction take from u'."""
    parts = []
    for k, layer in enumerate(case.layers):
        gauge = bulk(layer, np.zeros(1), np.zeros(1))[2]
        parts.append(state(*oracle.connection(gauge[2], *matrices(u[case.layout.slice(k)]))))
    return np.concatenate(parts)


def reservoir(case, element):
    """ĝ (L, 4, 4) of a reservoir."""
    gap, phase = (0.0, 0.0) if element.pairing is None else (element.pairing.gap, element.pairing.phase)
    return oracle.bulk(case.energy + 1j * element.inelastic, gap, phase)


def residual(case):
    """Residual (rows, 8, L) of a case at its state."""
    u = case.state
    out = defects(case, u)
    result = np.full_like(case.unknowns, np.nan)
    row = case.layout.row_of_site
    for k in range(len(case.layers)):
        inside = np.arange(case.layout.offset[k] + 1, case.layout.offset[k + 1] - 1)
        result[row[inside]] = out[inside]
    for entry in case.network.terminations:
        site = case.layout.site(entry.end)
        if entry.interface.kind == "transparent":
            g = reservoir(case, entry.reservoir)
            g11, g12, g21, g22 = oracle.blocks(g)
            one = oracle.ONE
            gamma, tilde = np.linalg.solve(one + g11, g12), -np.linalg.solve(one - g22, g21)
            result[row[site]] = state(gamma, tilde) - u[site]
        else:
            outside = None if entry.reservoir is None else reservoir(case, entry.reservoir)
            wanted = slope(case, entry.end, entry.interface, outside)
            result[row[site]] = out[site] - step_at(case, entry.end) * wanted
    for entry in case.network.contacts:
        for here, there in ((entry.left, entry.right), (entry.right, entry.left)):
            site = case.layout.site(here)
            outside = oracle.propagator(*matrices(u[case.layout.site(there)]))
            wanted = slope(case, here, entry.interface, outside)
            result[row[site]] = out[site] - step_at(case, here) * wanted
    for entry in case.network.junctions:
        add_junction(result, case, entry, out)
    assert np.all(np.isfinite(result))
    return result


def add_junction(result, case, entry, out):
    """Rows of a junction: of the node, and of the ends that meet it through a law of their own."""
    u, row = case.state, case.layout.row_of_site
    clear = [end for end, law in entry.ends if law.kind == "transparent"]
    flow = {end: case.layers[end.layer].conductivity * case.layers[end.layer].area for end, _ in entry.ends}
    total = sum(flow[end] / step_at(case, end) for end in clear)
    sites = [case.layout.site(end) for end in clear]
    assert np.unique(row[sites]).size == 1
    node = u[sites[0]]
    result[row[sites[0]]] = sum(flow[end] / step_at(case, end) / total * out[case.layout.site(end)] for end in clear)
    for end, law in entry.ends:
        if law.kind == "transparent":
            continue
        site = case.layout.site(end)
        wanted = slope(case, end, law, oracle.propagator(*matrices(node)))
        result[row[site]] = out[site] - step_at(case, end) * wanted
        back = slope(case, end, law, oracle.propagator(*matrices(u[site])), junction=node)
        result[row[sites[0]]] -= flow[end] / total * back


def step_at(case, end):
    """h dx/ds at an end."""
    grid = case.grids[end.layer]
    return grid.spacing * grid.stretch[0 if end.side == "left" else -1]

"""Where a gap opens: the linearized Usadel equation by Chebyshev collocation, sharing nothing with the package.

About Δ = 0 pairs f = f_s + f_t·σ of each layer obey ½D f_s'' = (ω+Γ) f_s + i h·f_t - Δ, ½D f_t'' = (ω+Γ) f_t + i h f_s,
and Δ ln T = 2πT Σ_{ω>0} (f_s - Δ/ω) in units of Δ0, with kTc = e^γ/π Δ0 and ξ² = D/Δ0. Ends: f = 0 at a normal
reservoir; ∂f_s = -i g m·f_t and ∂f_t = -i g m f_s, into the layer, at a ferromagnetic insulator of g = (Gφ/G_N)/L.
Layers touch: f and σ ∂f are continuous, or σ ∂f = (f₂ - f₁) G at a barrier of G per area.
"""

from dataclasses import dataclass

import numpy as np

TC = float(np.exp(np.euler_gamma) / np.pi)  # kB Tc/Δ0
TERMS = 120  # Matsubara frequencies summed one by one
TAIL = 24  # points of the integral over the others


@dataclass(frozen=True)
class Layer:
    """A layer: length (ξ), diffusion, conductivity, exchange field along z and x (Δ0), whether it pairs."""

    length: float
    diffusion: float = 1.0
    conductivity: float = 1.0
    field: tuple[float, float] = (0.0, 0.0)
    pairs: bool = True
    nodes: int = 28


def chebyshev(count, length):
    """Points from 0 to `length` and the matrix of the first derivative."""
    k = np.arange(count)
    x = -np.cos(np.pi * k / (count - 1))
    c = np.where((k == 0) | (k == count - 1), 2.0, 1.0) * (-1.0) ** k
    matrix = c[:, None] / c / (x[:, None] - x + np.eye(count))
    np.fill_diagonal(matrix, 0.0)
    np.fill_diagonal(matrix, -matrix.sum(axis=1))
    return 0.5 * length * (x + 1), 2 / length * matrix


def magnet(ratio, angle=0.0):
    """A ferromagnetic insulator of Gφ/G_N at an end, its magnetization by an angle (rad) from z towards x."""
    return {"ratio": ratio, "m": np.array([np.cos(angle), np.sin(angle)])}


def frequencies(temperature):
    """ω > 0 and weights of 2πT Σ; the many high ones as an integral in 1/√ω by the midpoint rule backwards."""
    spacing = 2 * np.pi * temperature * TC
    u, weight = np.polynomial.legendre.leggauss(TAIL)
    u, weight = (part / (2 * np.sqrt(spacing * TERMS)) for part in (u + 1, weight))
    low = spacing * (np.arange(TERMS) + 0.5)
    return np.append(low, u**-2.0), np.append(np.full(TERMS, spacing), 2 * weight * u**-3.0)


class _Rows:
    """Where the components of f stand: singlet, triplets along z and, where anything points along x, along x."""

    def __init__(self, layers, ends):
        along_x = [layer.field[1] for layer in layers] + [end["m"][1] for end in ends if isinstance(end, dict)]
        self.components = 3 if np.any(np.abs(along_x) > 1e-12) else 2
        self._nodes = [layer.nodes for layer in layers]
        self._starts = np.concatenate([[0], np.cumsum(self.components * np.array(self._nodes))])
        self.size = int(self._starts[-1])

    def __call__(self, layer, component):
        start = int(self._starts[layer]) + component * self._nodes[layer]
        return slice(start, start + self._nodes[layer])


def kernel(layers, ends, barriers, omega):
    """Matrix that gives f_s at all nodes of pairing layers from Δ there."""
    rows = _Rows(layers, ends)
    system, source = np.zeros((rows.size, rows.size), complex), np.zeros((rows.size, rows.size))
    slopes = [chebyshev(layer.nodes, layer.length)[1] for layer in layers]
    for k, layer in enumerate(layers):
        eye, singlet = np.eye(layer.nodes), rows(k, 0)
        for c in range(rows.components):
            system[rows(k, c), rows(k, c)] = omega * eye - 0.5 * layer.diffusion * slopes[k] @ slopes[k]
        for c in range(1, rows.components):
            system[singlet, rows(k, c)] = system[rows(k, c), singlet] = 1j * layer.field[c - 1] * eye
        source[singlet, singlet] = eye * layer.pairs
    for k, at, end, inwards in ((0, 0, ends[0], slopes[0][0]), (len(layers) - 1, -1, ends[1], -slopes[-1][-1])):
        _end(system, source, [rows(k, c) for c in range(rows.components)], at, end, inwards, layers[k].length)
    for k, barrier in enumerate(barriers):
        flows = layers[k].conductivity * slopes[k][-1], layers[k + 1].conductivity * slopes[k + 1][0]
        for c in range(rows.components):
            one, other = rows(k, c).stop - 1, rows(k + 1, c).start
            system[[one, other]], source[[one, other]] = 0, 0
            system[one, rows(k, c)], system[one, rows(k + 1, c)] = flows[0], -flows[1]
            if barrier is not None:
                system[other, rows(k, c)] = flows[0]
            system[other, one] += barrier or 1.0
            system[other, other] -= barrier or 1.0
    at = np.concatenate([np.arange(rows.size)[rows(k, 0)] for k, layer in enumerate(layers) if layer.pairs])
    return np.linalg.solve(system, source[:, at])[at]


def _end(system, source, places, at, end, inwards, length):
    """Condition at an end: `places` of the components there, and the matrix of the slope into the layer."""
    here = [range(place.start, place.stop)[at] for place in places]
    system[here], source[here] = 0, 0
    for c, row in enumerate(here):
        if end == "normal":
            system[row, row] = 1
            continue
        system[row, places[c]] = inwards
        for other in range(1, len(places)) if c == 0 else (0,):
            if end:
                system[row, here[other]] += 1j * end["ratio"] / length * end["m"][max(c, other) - 1]


def eigenvalue(temperature, layers, ends=(None, None), barriers=None, inelastic=0.0):
    """Lowest of ln T - 2πT Σ (f_s[Δ] - Δ/ω): negative where the normal state is unstable."""
    barriers = barriers or [None] * (len(layers) - 1)
    count = sum(layer.nodes for layer in layers if layer.pairs)
    total = np.log(temperature) * np.eye(count)
    for omega, weight in zip(*frequencies(temperature), strict=True):
        total = total - weight * (kernel(layers, ends, barriers, omega + inelastic).real - np.eye(count) / omega)
    return float(np.min(np.linalg.eigvals(total).real))


def opens_at(temperature, layers, within=1e-4, **where):
    """Whether the normal state loses its stability there, within a relative distance."""
    below, above = (eigenvalue(temperature * (1 + sign * within), layers, **where) for sign in (-1, 1))
    return below < 0 < above

"""Random devices from a seed, and profiles of results compared at the same places."""

import numpy as np
from profile_columns import side_by_side

import usadel as us
from usadel.discretization.space import interpolation_matrix


def _direction(rng):
    return [float(c) for c in rng.normal(size=3)]


def _layer(rng, number, imposed):
    kind = rng.choice(["S", "S", "N", "F"]) if number else rng.choice(["S", "S", "S", "F"])
    shortest = 0.8 if kind == "S" else 0.1
    keys = {"name": f"L{number}", "length": float(np.exp(rng.uniform(np.log(shortest), np.log(4.0))))}
    if rng.random() < 0.5:
        keys["diffusion"] = float(rng.uniform(0.5, 2))
        keys["conductivity"] = float(rng.uniform(0.5, 2))
        keys["area"] = float(rng.uniform(0.5, 2))
    keys.update(imposed)
    if kind == "S":
        keys["self_consistent"] = bool(rng.random() < 0.75)
        return us.Superconductor(**keys)
    if kind == "N":
        return us.NormalMetal(**keys)
    field = [float(h) for h in rng.normal(size=3) * np.exp(rng.uniform(np.log(0.1), np.log(10.0)))]
    if rng.random() < 0.3:
        field = [f"{field[0]:.4f}*cos(pi*z)", f"{field[0]:.4f}*sin(pi*z)", field[2]]
    return us.Ferromagnet(exchange_field=field, **keys)


def _end(rng):
    """Elements outside the outermost layer, from the outside inwards."""
    choice = rng.choice(["vacuum", "insulator", "superconductor", "superconductor", "normal"])
    if choice == "vacuum":
        return []
    if choice == "insulator":
        return [us.FerromagneticInsulator(spin_mixing=float(rng.uniform(-1, 1)), magnetization=_direction(rng))]
    if choice == "superconductor":
        reservoir = us.SuperconductingReservoir(phase=float(rng.uniform(-1.5, 1.5)))
    else:
        reservoir = us.NormalReservoir()
    if rng.random() < 0.5:
        return [reservoir, us.Tunnel(conductance=float(np.exp(rng.uniform(np.log(0.05), np.log(20)))))]
    return [reservoir]


def random_device(seed, **settings):
    """One to four layers with random materials, interfaces, ends and, in half of them, an imposed distribution."""
    rng = np.random.default_rng(seed)
    settings.setdefault("temperature", float(np.exp(rng.uniform(np.log(0.05), np.log(0.6)))))
    settings.setdefault("inelastic", float(rng.choice([0.001, 0.01, 0.1])))
    imposed = {}
    if rng.random() < 0.5:  # one of them: both together are a charge imbalance, with which no gap is stationary
        sizes = {"spin_voltage": 0.4, "spin_temperature": 0.3 * settings["temperature"]}
        which = "spin_voltage" if rng.random() < 0.7 else "spin_temperature"
        imposed = {which: float(rng.uniform(0.3, 1) * sizes[which]), "spin_axis": _direction(rng)}
    elements = _end(rng)
    count = int(rng.integers(1, 5))
    for number in range(count):
        if number and rng.random() < 0.5:
            conductance = float(np.exp(rng.uniform(np.log(0.05), np.log(20))))
            elements.append(us.Tunnel(conductance=conductance, relative_to=str(rng.choice(["left", "right"]))))
        elements.append(_layer(rng, number, imposed))
    elements += _end(rng)[::-1]
    return us.Stack(elements, **settings)


def short(device):
    """A device in one line."""
    marks = {"superconductor": "S", "normal_metal": "N", "ferromagnet": "F", "tunnel": "|", "transparent": ":"}
    marks |= {"superconducting_reservoir": "[S]", "normal_reservoir": "[N]", "ferromagnetic_insulator": "FI"}
    parts = []
    for element in device.elements:
        mark = marks[element.kind]
        if mark == "S" and not element.self_consistent:
            mark = "s"
        parts.append(mark + (f"{element.length:.2g}" if hasattr(element, "length") else ""))
    return " ".join(parts)


def values(result):
    """Gap, currents and accumulations on all sites: (sites, 17), complex."""
    return side_by_side(result.refined.profiles)


def difference(result, finer):
    """Values of a result minus those of one on finer grids, interpolated to its sites: (sites, 17)."""
    problem, other = result.state.problem, finer.state.problem
    parts = []
    for k, (grid, fine) in enumerate(zip(problem.grids, other.grids, strict=True)):
        matrix = interpolation_matrix(fine.size, fine.coordinate(grid.x / grid.x[-1]))
        parts.append(matrix @ values(finer)[other.layout.slice(k)])
    return values(result) - np.concatenate(parts)

"""Random devices from a seed with every material and every interface law, misaligned with each other."""

import numpy as np

import usadel as us


def _direction(rng):
    return [float(c) for c in rng.normal(size=3)]


def _between(rng, low, high):
    """Uniform in the logarithm."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _couplings(rng, superconducting):
    """Spin-orbit coupling and scattering; what breaks pairs is weak in superconductors."""
    weak = 0.2 if superconducting else 1.0
    keys = {}
    for key in ("rashba", "dresselhaus", "nanowire"):
        if rng.random() < 0.3:
            keys[key] = float(rng.uniform(-1.5, 1.5))
    for key, largest in (("spin_flip", 0.1 * weak), ("spin_orbit", 1.0), ("depairing", weak)):
        if rng.random() < 0.3:
            keys[key] = _between(rng, 0.05 * largest, largest)
    return keys


def _layer(rng, number):
    kind = rng.choice(["S", "S", "s", "N", "F", "F", "H"] if number else ["S", "S", "s"])
    keys = {"name": f"L{number}", "length": _between(rng, 0.8 if kind in "Ss" else 0.2, 3.0)}
    if rng.random() < 0.3:
        keys |= {key: float(rng.uniform(0.5, 2)) for key in ("diffusion", "conductivity", "area")}
    if kind == "H":
        return us.HalfMetal(polarization=float(rng.uniform(-0.95, 0.95)), magnetization=_direction(rng), **keys)
    keys |= _couplings(rng, kind in "Ss")
    if kind == "S":
        return us.Superconductor(**keys)
    if kind == "s":
        gradient = float(rng.uniform(-1, 1))
        return us.Superconductor(self_consistent=False, gap=0.9, phase=f"{gradient:.3f}*z", **keys)
    if kind == "N":
        return us.NormalMetal(**keys)
    size = _between(rng, 0.1, 5.0)
    field = [size * part for part in _direction(rng)]
    if rng.random() < 0.3:
        field = [f"{size:.4f}*cos(pi*z)", f"{size:.4f}*sin(pi*z)", field[2]]
    return us.Ferromagnet(exchange_field=field, **keys)


def _spin_active(rng, **relative):
    """A magnetic interface; half of them to second order."""
    keys = {"conductance": _between(rng, 0.1, 3.0), "magnetization": _direction(rng), **relative}
    if rng.random() < 0.7:
        keys["polarization"] = float(rng.uniform(-0.9, 0.9))
    for side in ("left", "right"):
        keys[f"spin_mixing_{side}"] = float(rng.uniform(-1, 1))
        keys[f"magnetization_{side}"] = _direction(rng)
    if rng.random() < 0.5:
        keys["second_order"] = float(rng.uniform(0.05, 0.4))
    return us.SpinActive(**keys)


def _contact(rng, **relative):
    """Mostly magnetic."""
    if rng.random() < 0.75:
        return _spin_active(rng, **relative)
    return us.Tunnel(conductance=_between(rng, 0.1, 5.0), **relative)


def _end(rng):
    """Elements outside the outermost layer, from the outside inwards."""
    choice = rng.choice(["vacuum", "insulator", "superconductor", "superconductor", "normal"])
    if choice == "vacuum":
        return []
    if choice == "insulator":
        mixing = float(rng.uniform(-1, 1))
        second = float(np.sign(mixing) * rng.uniform(0, 0.5)) if rng.random() < 0.5 else 0.0
        return [us.FerromagneticInsulator(spin_mixing=mixing, magnetization=_direction(rng), second_order=second)]
    if choice == "superconductor":
        return [us.SuperconductingReservoir(phase=float(rng.uniform(-1.5, 1.5))), _contact(rng)]
    return [us.NormalReservoir(), _contact(rng)]


def random_materials(seed, **settings):
    """One to three layers, the first of them superconducting, with an interface between any two."""
    rng = np.random.default_rng([seed, 4])
    settings.setdefault("temperature", _between(rng, 0.05, 0.6))
    settings.setdefault("inelastic", float(rng.choice([0.001, 0.01, 0.1])))
    elements = _end(rng)
    for number in range(int(rng.integers(1, 4))):
        if number:
            elements.append(_contact(rng, relative_to=str(rng.choice(["left", "right"]))))
        elements.append(_layer(rng, number))
    elements += _end(rng)[::-1]
    return us.Stack(elements, **settings)

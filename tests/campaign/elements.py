"""Random layers, interfaces and ends of stacks, as the tables of a device file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ranges:
    """Smallest and largest values that a kind of devices draws from; pairs are uniform in the logarithm."""

    length: tuple[float, float] = (0.15, 3.0)
    thin: float = 0.2
    """Share of layers that are 0.01 to 0.1 ξ thin."""
    material: tuple[float, float] = (0.4, 2.5)
    """Diffusion, conductivity, area."""
    uneven: float = 0.4
    """Share of layers in which these are not 1."""
    conductance: tuple[float, float] = (0.05, 8.0)
    mixing: float = 0.5
    exchange: tuple[float, float] = (0.1, 8.0)
    coupling: float = 0.6
    """Size of spin-orbit coupling (1/ξ)."""
    scattering: tuple[float, float] = (0.003, 0.1)


EVERYDAY = Ranges()
EXTREME = Ranges(
    length=(0.02, 15.0), thin=0.25, material=(0.02, 30.0), uneven=0.7, conductance=(1e-4, 500.0), mixing=2.0,
    exchange=(0.01, 50.0), coupling=2.0, scattering=(1e-4, 3.0),
)  # fmt: skip


def layer(draw, kind, ranges=EVERYDAY, **keys):
    """A layer of one of the kinds S (gap solved for), s (gap given), N, F, H."""
    length = draw.scale(0.01, 0.1) if draw.chance(ranges.thin) else draw.scale(*ranges.length)
    table = {"kind": KINDS[kind], "length": length}
    if draw.chance(ranges.uneven):
        table |= {key: draw.scale(*ranges.material) for key in ("diffusion", "conductivity", "area")}
    return table | _MADE[kind](draw, ranges) | keys


KINDS = {
    "S": "superconductor", "s": "superconductor", "N": "normal_metal", "F": "ferromagnet", "H": "half_metal",
}  # fmt: skip


def _superconductor(draw, ranges):
    table = _couplings(draw, ranges, 0.3)
    if draw.chance(0.2):
        table["exchange_field"] = draw.field(draw.scale(0.02, 0.4))
    if draw.chance(0.15):
        table["gap"] = draw.between(0.2, 1.1)
    return table | _own_critical_temperature(draw)


def _own_critical_temperature(draw):
    return {"critical_temperature": draw.between(0.3, 1.4)} if draw.chance(0.15) else {}


def _given(draw, ranges):
    gap = draw.profile(0.4) if draw.chance(0.3) else draw.between(0.3, 1.0)
    table = {"self_consistent": False, "gap": f"0.5 + {gap}" if isinstance(gap, str) else gap}
    if draw.chance(0.4):
        table["phase"] = f"{draw.between(-1.5, 1.5)}*z"
    return table | _couplings(draw, ranges, 0.3)


def _normal(draw, ranges):
    return _couplings(draw, ranges, 1.0)


def _ferromagnet(draw, ranges):
    return {"exchange_field": draw.field(draw.scale(*ranges.exchange))} | _couplings(draw, ranges, 1.0)


def _half_metal(draw, ranges):
    return {"polarization": draw.between(-0.98, 0.98), "magnetization": draw.direction()}


_MADE = {"S": _superconductor, "s": _given, "N": _normal, "F": _ferromagnet, "H": _half_metal}


def _couplings(draw, ranges, weaken):
    """Spin-orbit coupling and scattering; what breaks pairs is weaker in superconductors."""
    table = {}
    for key in ("rashba", "dresselhaus", "nanowire"):
        if draw.chance(0.12):
            table[key] = draw.around_zero(ranges.coupling)
    for key in ("gauge_x", "gauge_y", "gauge_z"):
        if draw.chance(0.06):
            table[key] = [draw.around_zero(ranges.coupling) for _ in range(3)]
    for key in ("spin_flip", "spin_orbit", "depairing"):
        if draw.chance(0.15):
            low, high = ranges.scattering
            table[key] = draw.scale(low, weaken * high)
    if draw.chance(0.05):
        table["phase_gradient"] = draw.around_zero(0.5)
    return table


def contact(draw, ranges=EVERYDAY, magnetic=0.4, **keys):
    """A barrier, or a magnet through which electrons pass."""
    conductance = draw.scale(*ranges.conductance)
    if not draw.chance(magnetic):
        return {"kind": "tunnel", "conductance": conductance} | keys
    table = {"kind": "spin_active", "conductance": conductance, "magnetization": draw.direction()}
    if draw.chance(0.6):
        table["polarization"] = draw.between(-0.9, 0.9)
    if draw.chance(0.5):
        table["spin_mixing"] = draw.around_zero(ranges.mixing)
    else:
        for side in ("left", "right"):
            table[f"spin_mixing_{side}"] = draw.around_zero(ranges.mixing)
            table[f"magnetization_{side}"] = draw.direction()
    if draw.chance(0.3):
        table["second_order"] = draw.between(0.02, 0.3)
    return table | keys


def between(draw, ranges=EVERYDAY, magnetic=0.4):
    """A contact between two layers; it says whose conductance its own is relative to."""
    return contact(draw, ranges, magnetic, relative_to=draw.one(["left", "right"]))


def insulator(draw, ranges=EVERYDAY):
    """A reflecting magnet at an end."""
    mixing = draw.around_zero(ranges.mixing)
    table = {"kind": "ferromagnetic_insulator", "spin_mixing": mixing, "magnetization": draw.direction()}
    if draw.chance(0.25) and mixing:
        table["second_order"] = abs(draw.between(0.02, 0.5)) * (1 if mixing > 0 else -1)
    return table


def reservoir(draw, kind, **keys):
    """A bulk electrode in equilibrium: S or N."""
    if kind == "N":
        return {"kind": "normal_reservoir"} | keys
    return (
        {"kind": "superconducting_reservoir", "phase": draw.between(-2.0, 2.0)} | _own_critical_temperature(draw) | keys
    )


def end(draw, kind, ranges=EVERYDAY, magnetic=0.4, opaque=0.6, **keys):
    """What lies outside the outermost layer, from outside inwards: vacuum, insulator, or a reservoir S or N."""
    if kind == "vacuum":
        return []
    if kind == "insulator":
        return [insulator(draw, ranges)]
    behind = [contact(draw, ranges, magnetic)] if draw.chance(opaque) else []
    return [reservoir(draw, kind, **keys), *behind]

"""Layers: the materials in which the Usadel equation is solved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from usadel.description.elements.element import Element
from usadel.description.elements.expressions import evaluate, names_in
from usadel.description.elements.keys import Flag, Number, Quantity, Triple, Vector, spin_temperature_out_of_range

__all__ = [
    "Ferromagnet",
    "HalfMetal",
    "NormalMetal",
    "Superconductor",
]

_SPIN_GAUGE = ("rashba", "dresselhaus", "nanowire", "gauge_x", "gauge_y", "gauge_z")
_SPIN_MIXING = (*_SPIN_GAUGE, "spin_flip", "spin_orbit")


class Layer(Element):
    """A piece of diffusive wire, and the distribution function imposed on it.

    Electrons with spin s = ±1 along `spin_axis` have the distribution tanh[(E + V + s Vs) / 2(T + s Ts)].
    """

    length: Annotated[Number, Quantity(meaning="Length along the junction", unit="ξ", above=0)]
    temperature: Annotated[
        Number | None,
        Quantity(
            meaning="Temperature T of the distribution", unit="Tc", above=0, inherited=True,
            optional=True, absent="temperature of the device",
        ),
    ] = None  # fmt: skip
    inelastic: Annotated[
        Number | None,
        Quantity(
            meaning="Dynes broadening Γ", unit="Δ0", at_least=0, inherited=True,
            optional=True, absent="inelastic of the device",
        ),
    ] = None  # fmt: skip
    voltage: Annotated[Number, Quantity(meaning="Voltage V of the imposed distribution", unit="Δ0/|e|")] = 0.0
    spin_voltage: Annotated[Number, Quantity(meaning="Spin voltage eVs of the imposed distribution", unit="Δ0")] = 0.0
    spin_temperature: Annotated[
        Number,
        Quantity(meaning="Spin temperature Ts of the imposed distribution; T ± Ts must be > 0", unit="Tc"),
    ] = 0.0
    spin_axis: Annotated[
        Triple, Vector(meaning="Quantization axis of spin voltage and spin temperature", direction=True)
    ] = (0.0, 0.0, 1.0)
    transverse: Annotated[
        bool,
        Flag(meaning="Whether the voltages are applied across the layer, by ±V at its sides: only h0…h3 remain"),
    ] = False
    diffusion: Annotated[
        Number, Quantity(meaning="Diffusion coefficient, relative to the reference metal", unit="D0", above=0)
    ] = 1.0
    conductivity: Annotated[
        Number, Quantity(meaning="Conductivity σ, relative to the reference metal", unit="σ0", above=0)
    ] = 1.0
    area: Annotated[Number, Quantity(meaning="Cross section A, relative to the reference wire", unit="A0", above=0)] = (
        1.0
    )
    rashba: Annotated[
        Number, Quantity(meaning="Rashba coupling α: gauge field A = (-ασy, ασx) in the plane", unit="1/ξ")
    ] = 0.0
    dresselhaus: Annotated[
        Number, Quantity(meaning="Dresselhaus coupling β: gauge field A = (βσx, -βσy) in the plane", unit="1/ξ")
    ] = 0.0
    nanowire: Annotated[
        Number, Quantity(meaning="Rashba coupling α of a nanowire: gauge field -ασx along the junction", unit="1/ξ")
    ] = 0.0
    gauge_x: Annotated[
        Triple, Vector(meaning="SU(2) gauge field A_x = a·σ across the junction, the vector a", unit="1/ξ")
    ] = (0.0, 0.0, 0.0)
    gauge_y: Annotated[
        Triple, Vector(meaning="SU(2) gauge field A_y = a·σ across the junction, the vector a", unit="1/ξ")
    ] = (0.0, 0.0, 0.0)
    gauge_z: Annotated[
        Triple, Vector(meaning="SU(2) gauge field A_z = a·σ along the junction, the vector a", unit="1/ξ")
    ] = (0.0, 0.0, 0.0)
    phase_gradient: Annotated[
        Number,
        Quantity(
            meaning="Charge gauge field along the junction, A_z = -½ of this: acts as a phase of the pairs that grows "
            "by so much per length; phases that are given or found are on top of it",
            unit="rad/ξ",
        ),
    ] = 0.0
    spin_flip: Annotated[
        Number, Quantity(meaning="Spin-flip scattering at magnetic impurities, ħ/8τ_sf", unit="Δ0", at_least=0)
    ] = 0.0
    spin_orbit: Annotated[
        Number, Quantity(meaning="Spin-orbit scattering at impurities, ħ/8τ_so", unit="Δ0", at_least=0)
    ] = 0.0
    depairing: Annotated[
        Number,
        Quantity(meaning="Orbital depairing, twice the Abrikosov-Gorkov rate", unit="Δ0", at_least=0),
    ] = 0.0
    zeeman: Annotated[
        Number,
        Quantity(
            meaning="Response Z of the exchange field to the spin accumulation, found self-consistently: the field is "
            "h + Z times the spin accumulation (Stoner enhancement χ/χ0 = 1 + Z of the normal metal)",
            above=-1,
        ),
    ] = 0.0

    nonequilibrium: Annotated[
        bool, Flag(meaning="Whether the kinetic equation is solved; if not, the distribution is imposed")
    ] = False

    def _inconsistencies(self) -> Iterator[tuple[str, str]]:
        yield from spin_temperature_out_of_range(self)
        if self.nonequilibrium:
            for key in ("voltage", "spin_voltage", "spin_temperature", "spin_axis", "transverse"):
                if key in self.written():
                    yield (
                        key,
                        "imposes a distribution that nonequilibrium = true solves for; allowed: one of the two",
                    )

    @property
    def conserves_spin(self) -> bool:
        """Whether nothing in the layer acts on the spins of its electrons."""
        acting = any(_acts(getattr(self, key)) for key in _SPIN_MIXING)
        return not acting and all(part == 0 for part in getattr(self, "exchange_field", ()))

    def profile(self, key: str, z: Any) -> Any:
        """Values of one key of a resolved layer at relative positions `z`.

        Parameters
        ----------
        key : str
            A scalar or vector key, such as ``gap`` or ``exchange_field``.
        z : array_like of shape (n,)
            Relative positions, 0 at the left and 1 at the right end of the layer.

        Returns
        -------
        ndarray
            Shape (n,) for a scalar, (3, n) for a vector.
        """
        import numpy as np

        z = np.atleast_1d(np.asarray(z, dtype=float))
        value = getattr(self, key)
        if isinstance(value, tuple):
            return np.array([_sampled(part, z) for part in value])
        return _sampled(value, z)


def _acts(value: Any) -> bool:
    """Whether a key is not zero, a vector in any component."""
    return any(value) if isinstance(value, tuple) else bool(value)


def _sampled(value: Number, z: Any) -> Any:
    import numpy as np

    if callable(value):  # a field that was solved for, see `usadel.feedback.exchange_field`
        return value(z)
    if isinstance(value, str) and "z" in names_in(value):
        return np.array(evaluate(value, {"z": z}, longest=None))
    return np.full(z.shape, evaluate(value) if isinstance(value, str) else float(value))


class Superconductor(Layer):
    """A superconducting layer; its gap is found self-consistently unless that is switched off."""

    kind: ClassVar[str] = "superconductor"
    symbol: ClassVar[str] = "S"

    gap: Annotated[
        Number | None,
        Quantity(
            meaning="Magnitude of the gap: fixed, or where the self-consistent iteration starts", unit="Δ0",
            at_least=0, profile=True, optional=True, absent="bulk gap at the temperature and Γ of the layer",
        ),
    ] = None  # fmt: skip
    phase: Annotated[
        Number,
        Quantity(
            meaning="Phase of the gap: fixed, or where the self-consistent iteration starts", unit="rad",
            profile=True,
        ),
    ] = 0.0  # fmt: skip
    exchange_field: Annotated[
        Triple, Vector(meaning="Exchange field h (x, y, z) that splits the spins", unit="Δ0", profile=True)
    ] = (0.0, 0.0, 0.0)
    self_consistent: Annotated[bool, Flag(meaning="Whether the gap is solved for; if not, it is kept as given")] = True


class NormalMetal(Layer):
    """A layer without pairing interaction."""

    kind: ClassVar[str] = "normal_metal"
    symbol: ClassVar[str] = "N"


class Ferromagnet(Layer):
    """A normal metal with an exchange field."""

    kind: ClassVar[str] = "ferromagnet"
    symbol: ClassVar[str] = "F"

    exchange_field: Annotated[Triple, Vector(meaning="Exchange field h (x, y, z)", unit="Δ0", profile=True)]


class HalfMetal(Layer):
    """A metal so strongly polarized that only electrons of equal spin along the magnetization pair.

    The two spins diffuse independently, with D(1 ± P)/2.
    """

    kind: ClassVar[str] = "half_metal"
    symbol: ClassVar[str] = "H"

    polarization: Annotated[
        Number,
        Quantity(meaning="Polarization P: spin s along the magnetization diffuses with D(1 + sP)/2", above=-1, below=1),
    ]
    magnetization: Annotated[Triple, Vector(meaning="Direction of the magnetization", direction=True)]

    def _inconsistencies(self) -> Iterator[tuple[str, str]]:
        yield from super()._inconsistencies()
        for key in _SPIN_MIXING:
            if _acts(getattr(self, key)):
                yield key, "must be 0 in a half-metal: it mixes the spins, whose pairs are left out there"
        if self.phase_gradient:
            yield "phase_gradient", "must be 0 in a half-metal; allowed: phases of its neighbours"
        if self.zeeman:
            yield "zeeman", "must be 0 in a half-metal, which has no exchange field"
        along = sum(float(a) * float(m) for a, m in zip(self.spin_axis, self.magnetization, strict=True))
        if (self.spin_voltage or self.spin_temperature) and abs(along) < 1 - 1e-9:
            yield "spin_axis", "must be along the magnetization in a half-metal: other spins do not live there"

"""The scale of a device: its reference metal as an experiment knows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from usadel.description.elements.element import Description
from usadel.description.values.keys import Key
from usadel.description.values.materials import known, number_of
from usadel.description.values.measures import DIMENSIONS, is_measure, read_measure
from usadel.description.values.metal import HBAR, ReferenceMetal
from usadel.errors import InputError


@dataclass(frozen=True, kw_only=True)
class _Measured(Key):
    """A positive number with a unit."""

    type_name = "number with a unit"

    @property
    def allowed(self) -> str:
        what, example = DIMENSIONS[self.unit]
        return f'{what} > 0 with its unit, such as "{example}"'

    def check(self, value: Any) -> str:
        if not is_measure(value) or not read_measure(value, [self.unit]).value > 0:
            raise self._refused(value)
        return str(value)

    def resolve(self, value: Any, names: Mapping[str, float]) -> float:
        return read_measure(value, [self.unit]).value

    def json_type(self) -> dict[str, Any]:
        return {"type": "string"}


@dataclass(frozen=True, kw_only=True)
class Material(Key):
    """A name of the table of materials."""

    type_name = "string"

    @property
    def allowed(self) -> str:
        return "a material that `usadel materials` lists"

    def check(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self._refused(value)
        known(value)
        return value

    def json_type(self) -> dict[str, Any]:
        return {"type": "string"}


_UNKNOWN: dict[str, Any] = {"optional": True, "absent": "not known"}


class Scale(Description):
    """The reference metal of a device: with it, numbers may have units.

    What needs a missing key cannot be converted.
    """

    material: Annotated[
        str | None,
        Material(
            meaning="Material of `usadel materials` whose critical temperature is taken unless it is written",
            optional=True, absent="none",
        ),
    ] = None  # fmt: skip
    critical_temperature: Annotated[
        str | None,
        _Measured(
            meaning="Critical temperature of the clean bulk reference superconductor", unit="K",
            optional=True, absent="that of the material; one of the two is required",
        ),
    ] = None  # fmt: skip
    coherence_length: Annotated[
        str | None, _Measured(meaning="Coherence length ξ = √(ħD0/Δ0); or diffusion", unit="m", **_UNKNOWN)
    ] = None
    diffusion: Annotated[
        str | None,
        _Measured(meaning="Diffusion coefficient D0; or coherence_length", unit="m^2/s", **_UNKNOWN),
    ] = None
    resistivity: Annotated[
        str | None, _Measured(meaning="Resistivity 1/σ0 in the normal state", unit="ohm m", **_UNKNOWN)
    ] = None
    cross_section: Annotated[str | None, _Measured(meaning="Cross section A0 of the wire", unit="m^2", **_UNKNOWN)] = (
        None
    )

    def model_post_init(self, context: Any) -> None:
        """Check what belongs together."""
        self.metal()

    def metal(self) -> ReferenceMetal:
        """The reference metal in SI; raises `InputError`."""
        values = self.in_force({})
        diffusion, material = values.pop("diffusion"), values.pop("material")
        if values["critical_temperature"] is None:
            values["critical_temperature"] = self._critical_temperature(material)
        metal = ReferenceMetal(**values)
        if diffusion is None:
            return metal
        return ReferenceMetal(**{**values, "coherence_length": (HBAR * diffusion / metal.gap) ** 0.5})

    def _critical_temperature(self, material: str | None) -> float:
        """Of the material (K)."""
        key = self.keys()["critical_temperature"]
        if material is None:
            raise InputError(f"is required: {key.allowed}, or a material", key="critical_temperature")
        text = number_of(material, "critical_temperature")
        if text is None:
            problem = f"no critical temperature of {material} is known here; needed: {key.allowed}"
            raise InputError(problem, key="critical_temperature")
        return float(key.resolve(text, {}))

    def _inconsistencies(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if values["coherence_length"] is not None and values["diffusion"] is not None:
            yield "diffusion", "stands beside coherence_length, from which it follows; allowed: one of the two"


@dataclass(frozen=True, kw_only=True)
class ScaleKey(Key):
    """A `Scale`, or its keys in a dictionary."""

    type_name = "table"
    allowed = f"a table with {', '.join(Scale.keys())}, or Scale(...)"

    def check(self, value: Any) -> Scale:
        scale = Scale(**value) if isinstance(value, Mapping) else value
        if not isinstance(scale, Scale):
            raise self._refused(value)
        return scale

    def json_type(self) -> dict[str, Any]:
        return {"$ref": "#/$defs/scale"}

"""Datasets in real units, by the reference metal of their device."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any

from usadel.description.values import handy
from usadel.description.values.handy import Handy
from usadel.description.values.metal import UNITS, ReferenceMetal
from usadel.errors import InputError
from usadel.quantities.units import units_text

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

OF_THE_LAYER = frozenset({"N0", "|e| N0 Δ0", "N0 Δ0²", "(ħ/2) N0 Δ0", "(ħ/2) N0 Δ0²"})
"""Units whose N0 is that of the layer where a value stands: σ/D of the layer times that of the reference metal."""

LEFT_OUT = "left_out"
"""Attribute that says what could not be converted, and why; absent if everything was."""

PER_UNIT = "per_program_unit"
"""Attribute of a variable: how many of its units one unit of the program is."""


def in_si(
    data: xr.Dataset, metal: ReferenceMetal, states: Any = None, entries: Mapping[str, Any] | None = None
) -> xr.Dataset:
    """A result in coherent SI units.

    Parameters
    ----------
    states : (layers), N0 of the layers in that of the reference metal; None if it is not known.
    entries : variable -> what one unit of each of its entries is in SI, of those that have no single unit.

    Returns
    -------
    xarray.Dataset
        All that has a unit, and the pure numbers, with `units`. What needs more than is known of the metal is left out,
        and named in the attribute `left_out`. Other attributes of the dataset stay in units of the program.
    """
    found = _converted(
        data.drop_vars(list(entries or {})), metal, states, lambda size, unit: Handy(UNITS[unit].si, 1.0)
    )
    for name, worth in (entries or {}).items():
        found[name] = (data[name].dims, data[name].values * worth, data[name].attrs)
    return found


def readable(data: xr.Dataset, metal: ReferenceMetal, states: Any = None) -> xr.Dataset:
    """A result in units in which people read it: nm, meV, nA; densities of states stay in N0."""

    def chosen(size: float, unit: str) -> Handy | None:
        return None if unit == "N0" else handy.handy(size, UNITS[unit].si)

    return _converted(data, metal, states, chosen)


def _converted(
    data: xr.Dataset, metal: ReferenceMetal, states: Any, chosen: Callable[[float, str], Handy | None]
) -> xr.Dataset:
    found: dict[Hashable, Any] = {}
    left: dict[str, list[str]] = {}
    for name, variable in data.variables.items():
        try:
            found[name] = _variable(data, variable, metal, states, chosen)
        except InputError as error:
            left.setdefault(error.problem, []).append(str(name))
    kept = data.drop_vars([name for name in data.variables if name not in found])
    kept = kept.assign({name: found[name] for name in kept.data_vars})
    kept = kept.assign_coords({name: found[name] for name in kept.coords})
    if left:
        kept.attrs[LEFT_OUT] = "; ".join(f"{', '.join(names)}: {problem}" for problem, names in left.items())
    return kept


def _variable(
    data: xr.Dataset, variable: Any, metal: ReferenceMetal, states: Any, chosen: Callable[[float, str], Handy | None]
) -> Any:
    """A variable in another unit: dimensions, values, attributes."""
    import numpy as np

    units = str(variable.attrs.get("units", "1"))
    unit = units_text(units)
    if unit in ("1", "rad") or variable.dtype.kind not in "iuf":
        return variable
    if unit not in UNITS:
        raise InputError(f"has no single unit ({units})")
    values = variable.values * metal.worth(unit)
    finite = np.abs(values[np.isfinite(values)])
    target = chosen(float(finite.max()) if finite.size else 0.0, unit)
    if target is None:
        return variable
    if unit in OF_THE_LAYER:
        values = values * _along(data, variable, states)
    factor = metal.worth(unit) / target.worth
    attrs = variable.attrs | {"units": target.name, PER_UNIT: factor}
    if "estimated_error" in attrs:
        attrs["estimated_error"] = float(attrs["estimated_error"]) * factor
    return variable.dims, values / target.worth, attrs


def _along(data: xr.Dataset, variable: Any, states: Any) -> np.ndarray:
    """N0 of the layers in that of the reference metal, in the shape of a variable or one that fits it."""
    import numpy as np

    if states is None or "layer" not in data.coords or not set(data["layer"].dims) <= set(variable.dims):
        raise InputError("needs a conductivity and diffusion of the layers that are not varied")
    ratios = np.asarray(states)[data["layer"].values]
    (dim,) = data["layer"].dims
    return np.asarray(ratios.reshape([-1 if own == dim else 1 for own in variable.dims]))

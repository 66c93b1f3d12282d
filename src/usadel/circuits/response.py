"""The linear response of a device as a labelled result, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from usadel.circuits.dataset import check_response, entries_in_si
from usadel.circuits.derived import Matrix
from usadel.energies.rules import TC
from usadel.errors import InputError
from usadel.results import schema
from usadel.results.labelled import Labelled
from usadel.results.rows import Rows

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack

SPIN_CURRENTS = ["spin_x", "spin_y", "spin_z"]
SPIN_VOLTAGES = ["spin_voltage_x", "spin_voltage_y", "spin_voltage_z"]


class Response(Labelled):
    """Derivatives of currents and torques of a device by what its terminals are held at, about a solution.

    `.response` (terminal, current, driven, drive) and `.torque_response` (interface, component, driven, drive) in units
    of what answers over those of the drive (Δ0/e, Tc, Δ0, rad); NaN where there is no such drive, and `.missing` says
    why. Currents flow into the device, on the layer's side of a contact. Formulas of the methods: docs/response.md.
    """

    procedure: ClassVar[str] = schema.RESPONSE
    public_name: ClassVar[str] = "Response"
    device: Stack | Device

    @classmethod
    def check(cls, data: xr.Dataset) -> None:
        """Refuse what no response is."""
        check_response(data)

    def _entries_in_si(self, metal: Any) -> Mapping[str, Any]:
        try:
            return entries_in_si(self.data, lambda units: metal.worth(schema.units_text(units)))
        except InputError:  # what the scale lacks is said of the currents
            return {}

    @property
    def response(self) -> xr.DataArray:
        """∂I/∂p (terminal, current, driven, drive)."""
        return self.data["response"]

    @property
    def torque_response(self) -> xr.DataArray:
        """∂τ/∂p (interface, component, driven, drive).

        Raises
        ------
        InputError
            If no interface has a magnet.
        """
        if "torque_response" not in self.data:
            raise InputError("torque_response: no interface of this device has a magnet")
        return self.data["torque_response"]

    @property
    def missing(self) -> list[str]:
        """Why entries are NaN."""
        return str(self.data.attrs["missing"]).splitlines()

    def nonlocal_resistance(self, current: tuple[str, str], voltage: tuple[str, str]) -> float:
        """(V_c - V_d)/I in R_ξ, of a current in at the first and out at the second of its terminals, others being open.

        Parameters
        ----------
        current : terminals that it enters and leaves by; superconducting ones, at zero voltage, take any.
        voltage : terminals c and d.
        """
        source, drain = (self._index(name) for name in current)
        found = self._matrix.sent(source, drain)
        return float(np.subtract(*(found[self._index(name)] for name in voltage)))

    def thermopower(self, hot: str, voltage: tuple[str, str]) -> float:
        """-(V_c - V_d)/δT in k_B/e, where one terminal is heated and no charge flows anywhere."""
        found = self._matrix.heated(self._index(hot))
        return float(-np.subtract(*(found[self._index(name)] for name in voltage)) / TC)

    def peltier(self, current: tuple[str, str], terminal: str) -> float:
        """Heat into the device at a terminal per charge current between two, in Δ0/e, at equal temperatures."""
        source, drain = (self._index(name) for name in current)
        return float(self._matrix.heat(self._matrix.sent(source, drain))[self._index(terminal)])

    def thermal_conductance(self, hot: str, terminal: str | None = None) -> float:
        """Heat into the device at a terminal per δT of the hot one, in Δ0²/(e² R_ξ Tc), where no charge flows.

        terminal : default: the hot one; of others it is negative.
        """
        at = self._index(hot)
        found = self._matrix.heat(self._matrix.heated(at), at)
        return float(found[at if terminal is None else self._index(terminal)])

    def figure_of_merit(self, hot: str, cold: str) -> float:
        """ZT = S² T/(R K) between two terminals, others being open and at fixed temperatures."""
        power = self.thermopower(hot, (hot, cold)) * TC
        resistance = self.nonlocal_resistance((hot, cold), (hot, cold))
        temperature = float(self.data["temperature"].sel(terminal=hot))
        return float(power**2 * temperature / (resistance * self.thermal_conductance(hot)))

    def spin_seebeck(self, hot: str, terminal: str) -> xr.DataArray:
        """Spin current (component) into the device at a terminal per δT of the hot one, where no charge flows."""
        at = self._index(hot)
        found = self._matrix.spins(self._matrix.heated(at), at)[self._index(terminal)]
        return self._spins(found, ("component",))

    def nonlocal_spin_conductance(self, driven: str, terminal: str) -> xr.DataArray:
        """∂J_i/∂(Vs)_j (component, axis) at one terminal by the spin voltage of another, at given voltages."""
        at = {"terminal": self._index(terminal), "driven": self._index(driven)}
        found = self.response.isel(at).sel(current=SPIN_CURRENTS, drive=SPIN_VOLTAGES)
        return self._spins(found.values, ("component", "axis"))

    def summary(self) -> Rows:
        """The result in a few rows of label and text."""
        names = [str(name) for name in self.data["terminal"].values]
        known = np.isfinite(self.response.values).sum()
        rows = Rows([("converged", "yes" if self.data.attrs["converged"] else "NO"), ("terminals", ", ".join(names))])
        rows.append(("derivatives", f"{known} of currents, {self._torques} of torques"))
        for name in names:
            own = self.response.sel(terminal=name, driven=name)
            electric, thermal = (
                _without_noise(float(own.sel(current=current, drive=drive)))
                for current, drive in (("charge", "voltage"), ("energy", "temperature"))
            )
            parts = [f"∂I/∂V {electric:.6g}{self.beside('1/R_ξ', electric)}"] if np.isfinite(electric) else []
            parts += [f"∂Q/∂T {thermal:.6g}"] if np.isfinite(thermal) else []
            rows.append((name, ", ".join(parts) or "no derivative"))
        rows.append(("estimated error", f"{self.data.attrs['estimated_error']:.0e}"))
        return rows

    @property
    def _torques(self) -> int:
        found = self.data.get("torque_response")
        return 0 if found is None else int(np.isfinite(found.values).sum())

    @property
    def _matrix(self) -> Matrix:
        found = Matrix(self.response.values, self.data["voltage"].values, self.data["charge_current"].values)
        if not found.open.any():
            raise InputError("response: no terminal of this device takes a voltage")
        return found

    def _index(self, name: str) -> int:
        names = [str(each) for each in self.data["terminal"].values]
        if name not in names:
            raise InputError(f"no terminal '{name}'; allowed: {', '.join(map(repr, names))}")
        return names.index(name)

    def _spins(self, values: np.ndarray, dims: tuple[str, ...]) -> xr.DataArray:
        import xarray as xr

        return xr.DataArray(values, dims=dims, coords={dim: list(schema.COMPONENTS) for dim in dims})


def _without_noise(value: float) -> float:
    """A derivative for people: what rounding left of a zero is one."""
    return 0.0 if abs(value) < 1e-12 else value

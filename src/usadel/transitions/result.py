"""What a search for critical values returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from usadel.errors import InputError
from usadel.results.critical import critical_rows, sought, tricritical_rows
from usadel.results.labelled import Labelled
from usadel.results.rows import Rows, axis_text
from usadel.results.schema import units_ascii
from usadel.transitions.sensitivity import slopes

if TYPE_CHECKING:
    import xarray as xr

    from usadel.description import Device, Stack


class Critical(Labelled):
    """Critical values of one parameter of a device.

    `data` holds `critical_PATH`, `closing_PATH`, `fold_PATH`, `transition_order` and their errors; over one axis also
    `tricritical_PATH` (tricritical), of both parameters.
    """

    procedure: ClassVar[str] = "critical"
    public_name: ClassVar[str] = "Critical"
    device: Stack | Device

    @property
    def path(self) -> str:
        """The parameter that was sought."""
        return str(sought(self.data))

    @property
    def value(self) -> Any:
        """Critical value: a number, or an array (the axes of `over`)."""
        values = self.data[f"critical_{self.path}"].values
        return float(values) if values.ndim == 0 else values

    @property
    def order(self) -> Any:
        """Order of the transition, 1 or 2; 0 where there is none."""
        values = self.data["transition_order"].values
        return int(values) if values.ndim == 0 else values

    def sensitivity(self, paths: str | Sequence[str]) -> xr.Dataset:
        """Derivatives of the critical value by other numbers of the device; no transition is searched for again.

        Parameters
        ----------
        paths : of the numbers, one or several, as in `device.replace`.

        Returns
        -------
        xarray.Dataset
            `critical_PATH` (path), in units of the critical value over `path_units`.

        Raises
        ------
        InputError
            If a path does not exist or is the one that was sought, if the transition is not of second order, or this is
            a map.
        NotConverged
            If the eigenvalue of the normal state was not found.
        """
        import xarray as xr

        if np.ndim(self.value) or self.order != 2:
            raise InputError("sensitivity: known of a single transition of second order; allowed: differences of two")
        along = [paths] if isinstance(paths, str) else list(paths)
        units = [units_ascii(self.device.unit(path)) for path in along]
        about = {"units": f"{units_ascii(self.device.unit(self.path))} over path_units"}
        found = slopes(self.device, self.path, self.value, along)
        coords = {"path": along, "path_units": ("path", units)}
        return xr.Dataset({f"critical_{self.path}": ("path", found, about)}, coords)

    def summary(self) -> Rows:
        """The result in a few rows of label and text."""
        unit, axes = self.device.unit(self.path), self.data["transition_order"].coords.items()
        rows = critical_rows(self.data, f" {unit}" if unit else "", self.beside)
        along = [(f"over {name}", axis_text(axis, self.beside)) for name, axis in axes]
        return Rows([*rows, *along, *tricritical_rows(self.data, self.beside)])

    def _about(self) -> str:
        return f" {self.path}{f' = {self.value:.6g}' if self.data[f'critical_{self.path}'].ndim == 0 else ''}"

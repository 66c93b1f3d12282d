"""What a search for critical values returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from numpy.typing import NDArray

from usadel.results.critical import critical_rows, sought, tricritical_rows
from usadel.results.labelled import Labelled
from usadel.results.rows import Rows

if TYPE_CHECKING:
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

    def summary(self) -> Rows:
        """The result in a few rows of label and text."""
        unit, axes = self.device.unit(self.path), self.data["transition_order"].coords.items()
        rows = critical_rows(self.data, f" {unit}" if unit else "")
        return Rows([
            *rows, *((f"over {name}", _range(axis.values)) for name, axis in axes), *tricritical_rows(self.data),
        ])  # fmt: skip

    def _about(self) -> str:
        return f" {self.path}{f' = {self.value:.6g}' if self.data[f'critical_{self.path}'].ndim == 0 else ''}"


def _range(values: NDArray[Any]) -> str:
    return f"{values[0]:.6g} to {values[-1]:.6g}, {values.size} values"

"""What a search for current-phase relations returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from usadel.results.josephson import JUNCTION, josephson_rows
from usadel.results.labelled import Labelled
from usadel.results.rows import Rows

if TYPE_CHECKING:
    from usadel.description import Device, Stack


class Josephson(Labelled):
    """The current-phase relation of a junction, or those of a map."""

    procedure: ClassVar[str] = JUNCTION
    public_name: ClassVar[str] = "Josephson"
    device: Stack | Device

    @property
    def critical_current(self) -> Any:
        """The larger of both directions: a number, or an array (the axes of `over`)."""
        values = np.fmax(self.data["critical_current_forward"].values, self.data["critical_current_backward"].values)
        return float(values) if values.ndim == 0 else values

    @property
    def ground_state_phase(self) -> Any:
        """Phase difference of the state of lowest energy, in (-π, π]: a number, or an array (the axes of `over`)."""
        values = self.data["ground_state_phase"].values
        return float(values) if values.ndim == 0 else values

    @property
    def crossings(self) -> list[float]:
        """Values of the axis at which the phase of the ground state jumps by about π."""
        return [float(value) for value in self.data["crossing"].values] if "crossing" in self.data.coords else []

    def summary(self) -> Rows:
        """The result in a few rows of label and text."""
        return josephson_rows(self.data, self.beside)

    def _about(self) -> str:
        return f" of {self.data.attrs['phase_path']}"

"""What a sweep returns, finished or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from usadel.results.labelled import Labelled
from usadel.results.rows import Rows, axis_text
from usadel.sweeps.dataset import PROCEDURE

if TYPE_CHECKING:
    from usadel.description import Device, Stack


class Sweep(Labelled):
    """A sweep over the axes that `data` has as dimensions."""

    procedure: ClassVar[str] = PROCEDURE
    public_name: ClassVar[str] = "Sweep"
    device: Stack | Device

    @property
    def mode(self) -> str:
        """How points depend on each other: "fresh" or "follow up", "follow down", "follow both"."""
        return str(self.data.attrs["mode"])

    @property
    def failed(self) -> int:
        """Number of points that did not converge."""
        return int(self.data.attrs["failed_points"])

    @property
    def open(self) -> int:
        """Number of points that are not finished."""
        return int(self.data.attrs["open_points"])

    @property
    def resumed(self) -> int:
        """Number of points that were found finished when the sweep was resumed."""
        return int(self.data.attrs["resumed_points"])

    def summary(self) -> Rows:
        """The sweep in a few rows of label and text."""
        data, points = self.data, self.data["status"].size
        word = "yes" if self.converged else "NO"
        rows = Rows([("converged", f"{word}, {points} points, {self.mode}")])
        rows += [("failed", f"{self.failed} points")] if self.failed else []
        rows += [("not finished", f"{self.open} points")] if self.open else []
        rows += [("resumed", f"{self.resumed} points")] if self.resumed else []
        for name in str(data.attrs["parameter"]).split(", "):
            rows.append((f"over {name}", axis_text(data[name], self.beside)))
        if np.isfinite(self.error):
            rows.append(("estimated error", f"{self.error:.0e}"))
            rows.append(("conservation error", f"{data.attrs['conservation_error']:.0e}"))
        return rows

    def _about(self) -> str:
        return f" over {self.data.attrs['parameter']}, {self.data['status'].size} points"

"""What a fit returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from usadel.fits.dataset import OF_NUMBERS, OF_STARTS, check_fit
from usadel.quantities.units import units_text
from usadel.results import schema
from usadel.results.labelled import Labelled
from usadel.results.rows import Rows

if TYPE_CHECKING:
    from usadel.description import Device, Stack
    from usadel.description.values.metal import ReferenceMetal


class Fit(Labelled):
    """Numbers of a device that fit measured data.

    `data` holds `value`, `standard_error`, `lower` and `upper` (parameter), `covariance` and `correlation` (parameter,
    other_parameter), `data`, `fit` and `residual` (point), with `sigma` where it was given, and where every descent
    began and ended. Attributes: `chi_squared`, `degrees_of_freedom`, `warnings`.
    """

    procedure: ClassVar[str] = schema.FIT
    public_name: ClassVar[str] = "Fit"
    device: Stack | Device

    @classmethod
    def check(cls, data: Any) -> None:
        """Refuse what no fit is."""
        check_fit(data)

    @property
    def values(self) -> dict[str, float]:
        """Path -> fitted number."""
        paths = map(str, self.data["parameter"].values)
        return dict(zip(paths, map(float, self.data["value"].values), strict=True))

    @property
    def fitted(self) -> Stack | Device:
        """The device with the fitted numbers in place."""
        return self.device.replace(self.values)

    @property
    def chi_squared(self) -> float:
        """χ² at the minimum; without standard errors of the data, the sum of the squares of the residuals."""
        return float(self.data.attrs["chi_squared"])

    @property
    def warnings(self) -> list[str]:
        """Why the numbers, or their errors, may be wrong."""
        return str(self.data.attrs["warnings"]).splitlines()

    def summary(self) -> Rows:
        """The result in a few rows of label and text."""
        attrs = self.data.attrs
        rows = Rows(
            [
                ("converged", "yes" if attrs["converged"] else "NO"),
                ("quantity", f"{attrs['quantity']} over {attrs['over']}"),
            ]
        )
        for path in map(str, self.data["parameter"].values):
            at = self.data.sel(parameter=path)
            value, error, unit = float(at["value"]), float(at["standard_error"]), str(at["unit"].values)
            text = "" if unit == "1" else f" {units_text(unit)}"
            rows.append((path, f"{_rounded(value, error)}{text}{self.beside(unit, value)}"))
        rows.extend((f"correlation of {one} and {other}", f"{value:.2f}") for one, other, value in self._correlated())
        degrees = int(attrs["degrees_of_freedom"])
        name = "χ²/ν" if "sigma" in self.data else "sum of squares/ν"
        rows.append((name, f"{self.chi_squared / degrees:.4g} (ν = {degrees})" if degrees else "ν = 0"))
        rows.extend(("warning", text) for text in self.warnings)
        rows.append(("error of the solves", f"{self.error:.0e}"))
        return rows

    def _correlated(self) -> list[tuple[str, str, float]]:
        """Pairs of numbers that are told apart badly."""
        paths, matrix = list(map(str, self.data["parameter"].values)), self.data["correlation"].values
        pairs = [(j, k) for k in range(len(paths)) for j in range(k)]
        return [(paths[j], paths[k], float(matrix[j, k])) for j, k in pairs if abs(matrix[j, k]) > _NOTED]

    def _entries_in_si(self, metal: ReferenceMetal) -> Mapping[str, Any]:
        units = [units_text(str(unit)) for unit in self.data["unit"].values]
        if not all(unit == "1" or metal.knows(unit) for unit in units):
            return {}
        worth = np.array([1.0 if unit == "1" else metal.worth(unit) for unit in units])
        return {**dict.fromkeys((*OF_NUMBERS, *OF_STARTS), worth), "covariance": np.outer(worth, worth)}


_NOTED = 0.9  # correlation of two numbers that is worth a line


def _rounded(value: float, error: float) -> str:
    """A number with two digits of its standard error."""
    if not np.isfinite(error) or error <= 0:
        return f"{value:.6g} ± {'unknown' if not np.isfinite(error) else '0'}"
    digits = max(0, 1 - int(np.floor(np.log10(error))))
    return f"{value:.{digits}f} ± {error:.{digits}f}" if digits <= 9 else f"{value:.9g} ± {error:.1e}"

"""What every procedure hands back: a device, and what was found of it as a labelled dataset."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from usadel.description.values.metal import ReferenceMetal
from usadel.errors import InputError, NotConverged
from usadel.results.critical import PREFIX
from usadel.results.rows import Rows
from usadel.results.storage import save
from usadel.units.beside import Beside
from usadel.units.dataset import in_si, readable

if TYPE_CHECKING:
    import xarray as xr


class Labelled:
    """A device, and what was found of it.

    Attributes
    ----------
    device : the description.
    procedure : what was done, as the attribute `procedure` of the file says it: "solve", "trace" or "critical".
    public_name : of the class, in `usadel`.
    """

    procedure: ClassVar[str]
    public_name: ClassVar[str]
    device: Any

    def __init__(self, device: Any, data: xr.Dataset) -> None:
        self.device, self._data = device, data

    @classmethod
    def check(cls, data: xr.Dataset) -> None:
        """Refuse, with a ResultError, a dataset that was read and is none of this procedure."""

    @property
    def data(self) -> xr.Dataset:
        """What was found, labelled as in the result file."""
        return self._data

    def file_data(self) -> xr.Dataset:
        """Everything that the result file holds."""
        return self.data

    @property
    def converged(self) -> bool:
        """Whether the tolerance was reached everywhere."""
        return bool(self.data.attrs["converged"])

    @property
    def error(self) -> float:
        """Largest estimated absolute error."""
        return float(self.data.attrs["estimated_error"])

    @property
    def advice(self) -> str:
        """What to try if the tolerance was not reached; else, or where nothing is known, empty."""
        return str(self.data.attrs.get("advice", ""))

    def raise_if_unconverged(self) -> Self:
        """Return this result if it reached its tolerance.

        Raises
        ------
        NotConverged
            If not; carries this result as `.result`, and `.advice`.
        """
        if not self.converged:
            raise NotConverged(self, self.advice)
        return self

    def save(self, path: str | Path) -> Path:
        """Write the data as netCDF-4; the file appears complete or not at all.

        Returns
        -------
        pathlib.Path
            The path written to.

        Raises
        ------
        StorageError
            If the file cannot be written.
        """
        return save(self.file_data(), path)

    @property
    def si(self) -> xr.Dataset:
        """`data` in coherent SI units (m, J, K, V, A, …), by the scale of the device.

        What needs more than the table [scale] says is left out; the attribute `left_out` names it.

        Raises
        ------
        InputError
            If the device has no scale.
        """
        metal, states = self._scale(self.data)
        return in_si(self.data, metal, states, self._entries_in_si(metal))

    def _entries_in_si(self, metal: ReferenceMetal) -> Mapping[str, Any]:
        """Variable -> what one unit of each of its entries is in SI, of those that have no single unit."""
        return {}

    def readable(self, data: xr.Dataset) -> xr.Dataset:
        """A dataset of this result in units like nm, meV and nA; densities of states stay in N0; else as `si`."""
        return readable(data, *self._scale(data))

    @property
    def beside(self) -> Beside:
        """What stands behind numbers where the device has a scale: the same in real units."""
        return Beside(self.device.metal())

    def _scale(self, data: xr.Dataset) -> tuple[ReferenceMetal, list[float] | None]:
        """The reference metal, and N0 of all layers relative to it; None if it varies within the data."""
        metal = self.device.metal()
        if metal is None:
            raise InputError(
                "the device has no table [scale]; needed: its critical_temperature and more, such as 9.2 K"
            )
        states = _states(self.device)
        for name in map(str, data.coords):
            for value in _ends(data[name]) if name in self.device.paths() else ():
                if _states(self.device.replace({name: value})) != states:
                    return metal, None
        return metal, states

    def summary(self) -> Rows:
        """The result in a few rows of label and text, which show themselves as a table."""
        raise NotImplementedError

    def _about(self) -> str:
        """What a representation says beside the name of the class; begins with a space unless empty."""
        return f" '{self.device.title}'" if self.device.title else ""

    def _headline(self) -> str:
        word = "converged" if self.converged else "NOT CONVERGED"
        return f"<usadel.{self.public_name}{self._about()}: {word}, estimated error {self.error:.1e}>"

    def _key_rows(self) -> Rows:
        """The summary, less what the headline says, and what to try if the tolerance was not reached."""
        rows = Rows(row for row in self.summary() if row != ("converged", "yes"))
        if self.advice:
            rows.append(("advice", self.advice))
        return rows

    def __repr__(self) -> str:
        return "\n".join([self._headline(), *("  " + line for line in str(self._key_rows()).splitlines())])

    def _repr_html_(self) -> str:
        colour = "inherit" if self.converged else "#b03000"
        return f'<p style="color:{colour}"><code>{escape(self._headline())}</code></p>{self._key_rows()._repr_html_()}'


def _states(device: Any) -> list[float]:
    """σ/D of all layers."""
    return [layer.conductivity / layer.diffusion for layer in device.network().layers]


def _ends(axis: xr.DataArray) -> list[float]:
    known = [value for value in map(float, axis.values.flat) if math.isfinite(value)]
    return [known[0], known[-1]] if known else []


def procedure_of(attributes: Mapping[str, Any], names: Iterable[Hashable]) -> str:
    """What a file is the result of, by its attributes; files of 0.1.0 are told apart by the names of what they hold.

    Empty if that cannot be told.
    """
    if "procedure" in attributes:
        return str(attributes["procedure"])
    known = set(map(str, names))
    if "branch_point" in known:
        return "trace"
    if any(name.startswith(PREFIX) for name in known):
        return "critical"
    return "solve" if "position" in known else ""

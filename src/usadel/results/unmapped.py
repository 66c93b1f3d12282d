"""The dataset of a solve before anybody asked for maps over energy, which take most of the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import ref

import xarray as xr

from usadel.results.schema import MAPS

if TYPE_CHECKING:
    from usadel.results.labelled import Labelled

WITH_MAPS = (*MAPS, "energy")


class Dataset(xr.Dataset):  # type: ignore[no-untyped-call]
    """A dataset without maps over energy: asked for one, it names the method of the result that knows.

    Its result is not kept alive by it, since that holds the states at all energies.
    """

    __slots__ = ("_result",)

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name not in WITH_MAPS:
                raise
            raise AttributeError(_where(name)) from None

    def __getitem__(self, key: Any) -> Any:
        try:
            return super().__getitem__(key)
        except KeyError:
            if not isinstance(key, str) or key not in WITH_MAPS:
                raise
            raise KeyError(_where(key)) from None

    def __getstate__(self) -> Any:  # of a copy: the result stays behind, and could not be copied
        state: Any = super().__getstate__()
        return None, {name: value for name, value in state[1].items() if name != "_result"}

    def file_data(self) -> xr.Dataset:
        """What the file of its result holds; itself, where that is gone, or for what was selected or computed."""
        try:
            result = object.__getattribute__(self, "_result")()
        except AttributeError:
            result = None
        return self if result is None else result.file_data()


def without_maps(data: xr.Dataset, result: Labelled) -> Dataset:
    """The dataset of a result as one that knows where its maps are."""
    found = Dataset(data.data_vars, data.coords, data.attrs)
    object.__setattr__(found, "_result", ref(result))
    return found


def _where(name: str) -> str:
    method = "distribution" if name == "distribution" else "dos"
    return (
        f"no '{name}': maps over energy take long, result.data has those only that output.quantities names; "
        f"result.{method}(energies) gives values at chosen energies, result.file_data() all that result.save() writes"
    )

"""Numbers from closed forms and other solvers (tests/reference/limits), with an account of which were compared."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import usadel as us

FOLDER = Path(__file__).resolve().parents[1] / "reference" / "limits"


@dataclass(frozen=True)
class Value:
    """One number or several, with what they belong to and their stated error."""

    params: dict[str, Any]
    value: Any
    error: Any

    @property
    def q(self) -> str:
        return self.params.get("q", "")

    def __getitem__(self, key: str) -> Any:
        return self.params[key]

    def label(self) -> str:
        numbers = [f"{k}={v}" for k, v in self.params.items() if isinstance(v, (int, float))]
        return " ".join([*numbers, self.q[:30]])

    def assert_equal(self, found: Any, asked: float = 0.0) -> None:
        """Equal within the stated error, or within the accuracy that was asked for if that is coarser."""
        deviation = np.abs(np.asarray(found) - np.asarray(self.value))
        allowed = np.maximum(np.asarray(self.error), asked)
        assert np.all(deviation <= allowed), f"{found} instead of {self.value}: off by {deviation} > {allowed}"


@dataclass
class Limits:
    """One file of numbers; what no test has picked, and nobody has put off by name, is in `rest`."""

    name: str
    rest: list[Value] = field(init=False)

    def __post_init__(self) -> None:
        content = json.loads((FOLDER / f"{self.name}.json").read_text(encoding="utf-8"))
        self.rest = [Value(v["params"], v["value"], v["abs_error"]) for v in content["values"]]

    def pick(self, wanted: Callable[[Value], bool]) -> list[Value]:
        """All values for which `wanted` is true; an error if there are none."""
        found = [v for v in self.rest if wanted(v)]
        self.rest = [v for v in self.rest if not wanted(v)]
        assert found, f"{self.name}: nothing left that is wanted"
        return found

    def each(self, wanted: Callable[[Value], bool]):
        """Parametrize a test by these values."""
        return pytest.mark.parametrize("value", self.pick(wanted), ids=Value.label)

    def later(self, why: str, wanted: Callable[[Value], bool]) -> None:
        """Put off values that need something the engine does not have yet."""
        assert why
        self.pick(wanted)


def extrapolate(x: Iterable[float], y: Iterable[float], at: float = 0.0) -> float:
    """The polynomial through all points, at one place."""
    x, y = np.asarray(list(x)), np.asarray(list(y))
    weights = [np.prod((at - np.delete(x, k)) / (x[k] - np.delete(x, k))) for k in range(x.size)]
    return float(np.dot(weights, y))


def extremum(function: Callable[[float], float], centre: float, step: float) -> tuple[float, float]:
    """Place and value of the extremum next to `centre` of a smooth function, from five of its values."""
    offsets = step * np.arange(-2, 3)
    curve = np.polynomial.Polynomial.fit(offsets, [function(centre + x) for x in offsets], 4)
    roots = curve.deriv().roots()
    real = roots[np.abs(roots.imag) < 1e-9].real
    place = real[np.argmin(np.abs(real))]
    assert abs(place) < 2 * step
    return centre + float(place), float(curve(place))


WITHOUT_SPECTRA = us.Output(quantities=["gap", "energy_accumulation", "spin_accumulation"])


def solve(elements: list, **settings: Any) -> us.Result:
    """Solve a stack whose dataset leaves out the map of the density of states."""
    return us.solve(us.Stack(elements, output=WITHOUT_SPECTRA, **settings))


def josephson_current(layer: Any, phase: float, *, gap: float | None = None, **settings: Any) -> float:
    """Current (Δ0/|e|R_ξ) through a layer between rigid superconductors; I = +I_c sin(phase)."""
    left, right = (us.SuperconductingReservoir(gap=gap, phase=s * phase / 2) for s in (1, -1))
    current = solve([left, layer, right], **settings).data.charge_current.values
    return float(current[current.size // 2])

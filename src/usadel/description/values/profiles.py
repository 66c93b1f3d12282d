"""Values that may depend on the position in a layer: numbers, expressions of z, and what was found on a grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from usadel.description.values.expressions import evaluate, moved
from usadel.description.values.keys import Number, Triple

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[Any]

Vector3: TypeAlias = tuple[float, float, float]


class Nodes(Protocol):
    """Where values of a field are known, and what lies between them."""

    @property
    def x(self) -> Array:
        """Positions (ξ) in the layer, from 0 to its length."""
        ...

    def interpolation(self, z: Array) -> Array:
        """Matrix (z.size, nodes) from values at the nodes to those at relative positions z in [0, 1]."""
        ...


@dataclass(frozen=True)
class Constant:
    """The same value everywhere."""

    value: float

    def at(self, z: Any) -> Array:
        """Values (n,) at relative positions z (n,), 0 at the left and 1 at the right end of the layer."""
        import numpy as np

        return np.full(_positions(z).shape, float(self.value))


@dataclass(frozen=True)
class Expression:
    """An expression of ``z`` and ``pi`` alone."""

    text: str

    def at(self, z: Any) -> Array:
        """Values (n,) at relative positions z (n,), 0 at the left and 1 at the right end of the layer."""
        import numpy as np

        return np.array(evaluate(self.text, {"z": _positions(z)}, longest=None))


@dataclass(frozen=True, eq=False)
class Sampled:
    """What was found on a grid.

    Attributes
    ----------
    nodes : of the grid; values : (..., nodes).
    """

    nodes: Nodes
    values: Array

    def at(self, z: Any) -> Array:
        """Values (..., n) at relative positions z (n,), 0 at the left and 1 at the right end of the layer."""
        found: Array = self.values @ self.nodes.interpolation(_positions(z)).T
        return found


Profile: TypeAlias = Constant | Expression | Sampled


@dataclass(frozen=True)
class ExchangeField:
    """h(z): what is given, and what was found on top of it.

    Attributes
    ----------
    given : x, y and z component (Δ0).
    induced : values (3, nodes) of a field that follows the spin accumulation.
    """

    given: tuple[Profile, Profile, Profile]
    induced: Sampled | None = None

    def part(self, start: float, stop: float) -> ExchangeField:
        """That of a part of the layer, from start to stop in z, as far as it is given."""
        x, y, z = (part(component, start, stop) for component in self.given)
        return ExchangeField((x, y, z))

    def at(self, z: Any) -> Array:
        """Values (3, n) in Δ0 at relative positions z (n,)."""
        import numpy as np

        field = np.array([part.at(z) for part in self.given])
        return field if self.induced is None else self.induced.at(z) + field

    @property
    def is_zero(self) -> bool:
        """Whether there is none, wherever in the layer."""
        return self.induced is None and all(part == Constant(0.0) for part in self.given)


NO_FIELD = ExchangeField((Constant(0.0), Constant(0.0), Constant(0.0)))


def profile(value: Number) -> Constant | Expression:
    """A resolved value: a number, or an expression that is left because it contains z."""
    return Expression(value) if isinstance(value, str) else Constant(float(value))


def part(whole: Profile, start: float, stop: float) -> Profile:
    """What was given along a layer, on a part of it from start to stop, in z of that part."""
    if isinstance(whole, Constant):
        return whole
    assert isinstance(whole, Expression)  # others are found on grids of parts
    return Expression(moved(whole.text, "z", f"({start!r} + {stop - start!r} * z)"))


def exchange_field(components: Triple) -> ExchangeField:
    """A resolved vector, likewise."""
    x, y, z = map(profile, components)
    return ExchangeField((x, y, z))


def _positions(z: Any) -> Array:
    import numpy as np

    return np.atleast_1d(np.asarray(z, dtype=float))

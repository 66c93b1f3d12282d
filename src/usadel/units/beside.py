"""Numbers in real units beside those of the program, in text."""

from __future__ import annotations

import math
from dataclasses import dataclass

from usadel.description.values import handy
from usadel.description.values.metal import UNITS, ReferenceMetal
from usadel.quantities.units import units_text


@dataclass(frozen=True)
class Beside:
    """What stands behind a number of the program, in brackets: the same with a real unit, if the device has a scale."""

    metal: ReferenceMetal | None = None

    def __call__(self, units: str, *values: float | None) -> str:
        """Such as " (1.4 meV)"; empty for zero and what is not known; units: of a file or a key."""
        unit, known = units_text(units), [value for value in values if value is not None and math.isfinite(value)]
        if self.metal is None or not any(known) or len(known) < len(values) or unit == "rad":
            return ""
        if not self.metal.knows(unit):
            return ""
        text = handy.text(*(value * self.metal.worth(unit) for value in known), si=UNITS[unit].si)
        return f" {text}" if text.startswith("(") else f" ({text})"


PROGRAM_ONLY = Beside()

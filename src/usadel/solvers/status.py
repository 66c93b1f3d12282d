"""One status for every energy and every solve, with advice."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """How a solve ended."""

    CONVERGED = 0
    NOT_CONVERGED = 1
    UNPHYSICAL = 2
    LOST_DIGITS = 3
    TOLERANCE_NOT_REACHED = 4
    ROTATING = 5
    TOO_NARROW = 6
    TOO_MUCH_WORK = 7
    UNBALANCED = 8

    @property
    def advice(self) -> str:
        """What to try next; empty where there is nothing to do."""
        return _ADVICE[self]


_ADVICE = {
    Status.CONVERGED: "",
    Status.NOT_CONVERGED: (
        "Newton's method and the homotopy from large imaginary energies did not converge; "
        "try a larger `inelastic` or start from a neighbouring solution (start=...)"
    ),
    Status.UNPHYSICAL: (
        "the solution left the physical branch (negative density of states); "
        "try a larger `inelastic` or start from a neighbouring solution (start=...)"
    ),
    Status.LOST_DIGITS: "the elimination lost digits; check for extreme ratios of lengths or conductances",
    Status.TOLERANCE_NOT_REACHED: (
        "the error estimate is above the tolerance on the finest grid tried; ask for a larger `tolerance`"
    ),
    Status.TOO_NARROW: (
        "a value that is given as an expression of z varies within less than the finest grid follows, or all over its "
        "layer; make what is narrow a layer of its own"
    ),
    Status.ROTATING: (
        "the phase of a superconductor that no superconducting reservoir fixes would turn, because charge flows "
        "into its condensate; count all voltages from the potential of the condensate, or connect a superconducting "
        "reservoir"
    ),
    Status.UNBALANCED: (
        "no values of the floating terminals were found at which nothing flows into them: there may be none, as where "
        "a gap jumps; start from a neighbouring solution (start=...), or give some of the values"
    ),
    Status.TOO_MUCH_WORK: (
        "the work that a solve may take was done before the end; ask for a larger `tolerance`, start from a "
        "neighbouring solution (start=...), or check for extreme lengths, diffusion constants and conductances"
    ),
}

"""A tolerance and who may take which share of it.

The error of a result is the sum of what its parts leave: the rule of the energy sums, the grid, Newton's method; with
solved distributions their integrals; with a field that follows the spins, the distance of that from its fixed point.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """A tolerance in shares; those of one group add up to at most one.

    In equilibrium: rule_share + newton_share + grid_share. With distributions at a given gap: equilibrium_share +
    integral_share + kinetic_share. With a field that follows the spins: solution_share + field_share, both times their
    amplification.

    Attributes
    ----------
    tolerance : largest absolute error wanted.
    rule_share : error of the sums over Matsubara points, above which their rule is tightened.
    newton_share : distance to the solution that the last steps of Newton's method may leave.
    grid_share : the rest.
    equilibrium_share, integral_share, kinetic_share : of the reference equilibrium, of energy integrals, of the grid of
        the kinetic equation.
    solution_share, field_share : of each solution at a given field, of the field's distance from its fixed point.
    """

    tolerance: float
    rule_share: float = 0.5
    newton_share: float = 0.2
    grid_share: float = 0.3
    equilibrium_share: float = 0.6
    integral_share: float = 0.2
    kinetic_share: float = 0.2
    solution_share: float = 0.4
    field_share: float = 0.2

    @property
    def rule(self) -> float:
        """Tolerance asked of the family of Matsubara rules: its members are bounds, so less than their share."""
        return 0.3 * self.tolerance

    @property
    def rule_error(self) -> float:
        """Error of the rule that is let pass."""
        return self.rule_share * self.tolerance

    @property
    def left(self) -> float:
        """Distance to the solution that Newton's method may leave; it counts as an error."""
        return self.newton_share * self.tolerance

    @property
    def states(self) -> float:
        """Change at which Newton's method of the states alone stops: quadratic, so that the next one is nothing."""
        return 0.1 * self.tolerance

    @property
    def nearly(self) -> float:
        """The same of states and gap, where the steps for the error estimate follow, which are steps of it, too."""
        return 5.0 * self.tolerance

    @property
    def equilibrium(self) -> float:
        """Of the reference equilibrium at a given gap."""
        return self.equilibrium_share * self.tolerance

    @property
    def integrals(self) -> float:
        """Of the integrals over real energies at a given gap."""
        return self.integral_share * self.tolerance

    @property
    def kinetic_grid(self) -> float:
        """Of the grid of the kinetic equation at a given gap."""
        return self.kinetic_share * self.tolerance

    @property
    def at_field(self) -> float:
        """Of each solution at a given exchange field."""
        return self.solution_share * self.tolerance

    @property
    def field(self) -> float:
        """Of the field's distance from its fixed point."""
        return self.field_share * self.tolerance

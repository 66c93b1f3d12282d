"""The gap equation: its unknowns, Newton steps on gap and states, stability, the linearized problem."""

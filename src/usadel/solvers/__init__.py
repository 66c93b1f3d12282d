"""Linear and nonlinear solvers: they know arrays and callables only."""

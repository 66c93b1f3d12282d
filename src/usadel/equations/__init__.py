"""Residuals and Jacobians: compiled pure functions on packs of energies."""

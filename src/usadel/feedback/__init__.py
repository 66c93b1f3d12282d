"""Outer unknowns that follow a solution: exchange fields that respond to spins, phases under a given current."""

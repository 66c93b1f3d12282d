"""Josephson junctions: which phase difference a device has, its current-phase relation, and what follows from it."""

"""Derivatives of a solved device by its numbers, from one linear solve for each."""

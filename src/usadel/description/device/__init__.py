"""Whole devices: elements put together, validated, and resolved to a network of numbers."""

"""Benchmarks: `python -m benchmarks` prints a table; nothing here is a test."""

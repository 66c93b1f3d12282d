"""Devices as text: TOML, paths of single values, drawings."""

"""Configurations of GENEUS, read as devices."""

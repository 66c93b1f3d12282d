"""Terminals of devices, and what their linear response says: resistances, thermopower, flows of heat and spin."""

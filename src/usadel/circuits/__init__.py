"""Terminals of devices, and what their linear response says: resistances, thermopower, conductances of heat and spin."""

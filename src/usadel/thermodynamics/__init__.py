"""Free energies: whether a device has one, and that of its layers and interfaces."""

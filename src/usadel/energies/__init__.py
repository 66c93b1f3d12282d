"""Which energies a device is solved at, and what they are worth: contours, Matsubara rules, cutoffs, panels."""

"""From a device to arrays: grids in space, points in energy, and the numbers of every term and interface."""

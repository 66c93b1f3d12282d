"""From a tolerance to a grid: errors are estimated, and grids refined until they are small enough."""

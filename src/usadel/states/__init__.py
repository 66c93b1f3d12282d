"""A network on grids, and its states g at a given gap."""

"""Numbers of a device that fit measured data."""

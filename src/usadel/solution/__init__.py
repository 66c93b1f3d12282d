"""The public way in: solve a device, and ask its result."""

"""What small changes of reservoirs do to distributions, gap and currents."""

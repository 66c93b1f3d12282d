"""Where a gap opens, and whether continuously."""

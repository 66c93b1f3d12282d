"""Maps: something computed at all points of some axes, once each, in parallel, kept whatever ends it."""

"""Maps over several parameters: what is to be solved, where it is kept, who solves it, and the labelled result."""

"""Distribution functions that are solved for, with the gap where that is an unknown."""

"""Results in real units: metres, joules, kelvin and amperes, by what one unit of the program is worth."""

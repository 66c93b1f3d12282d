"""The kinetic equation of the distribution functions at one real energy."""

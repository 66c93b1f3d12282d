"""Branches of solutions in one parameter, through their folds, and the sweeps of an experiment."""

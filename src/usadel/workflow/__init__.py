"""The sole place where physics meets solvers: solve a device, refine it, measure it."""

"""Derivatives by finite differences."""

import numpy as np


def complex_derivative(function, step=1e-3):
    """f'(0) of a holomorphic array function from f(h), f(ih), f(-h), f(-ih), to order h⁴."""
    turns = 1j ** np.arange(4)
    return sum(function(step * turn) / turn for turn in turns) / (4 * step)


def real_derivative(function, step=1e-3):
    """f'(0) of a function of a real argument, fourth order."""
    near = function(step) - function(-step)
    far = function(2 * step) - function(-2 * step)
    return (8 * near - far) / (12 * step)

"""Figures of critical values: what the lines and dots mean."""

import numpy as np
import pytest

from usadel import plots
from usadel.results import critical_dataset


def make(axes, orders):
    shape = tuple(len(axis) for axis in axes.values())
    orders = np.broadcast_to(orders, shape)
    value = np.linspace(0.5, 0.9, orders.size).reshape(shape)
    first = np.where(orders == 1, 1.0, np.nan)
    values = {"critical": value, "closing": (value - 0.1) * first, "fold": (value + 0.1) * first}
    values["error"] = np.full(shape, 1e-6)
    units = {"temperature": "Tc"} | dict.fromkeys(axes, "")
    attributes = {"usadel_version": "0", "device": ""}
    return critical_dataset("temperature", axes, values, orders, np.ones(shape, bool), units, attributes)


def names(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.mark.parametrize(
    ("orders", "said"),
    [
        ([2, 2, 2], ["second order"]),
        ([1, 1, 1], ["first order", "superconducting state ends", "normal state loses stability", "both are stable"]),
        ([1, 2, 0], ["second order", "first order", "superconducting state ends", "normal state loses stability"]),
    ],
)
def test_a_line_explains_what_it_has(orders, said):
    ax = plots.critical(make({"angle": np.array([0.0, 0.5, 1.0])}, orders))
    assert names(ax) == said and ax.get_xlabel() == "angle"
    low, high = ax.get_xlim()
    found = np.array([0.0, 0.5, 1.0])[np.array(orders) > 0]
    assert low < found[0] - 0.01 and high > found[-1] + 0.01  # dots at both ends are whole


def test_first_order_on_a_map_is_marked():
    axes = {"angle": np.array([0.0, 1.0]), "length": np.array([1.0, 2.0, 3.0])}
    ax = plots.critical(make(axes, np.array([[1, 2, 2], [1, 2, 1]])))
    (dots,) = ax.lines
    assert sorted(zip(*dots.get_data(), strict=True)) == [(1.0, 0.0), (1.0, 1.0), (3.0, 1.0)]
    assert names(ax) == ["first order"]
    assert plots.critical(make(axes, 2)).get_legend() is None

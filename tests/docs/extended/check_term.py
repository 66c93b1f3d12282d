"""In a copy of the package with the term of the page: it acts, on grids and energies of its own scale."""

import numpy as np

import usadel as us
from usadel.terms import TERMS, energy_scale, wave_number


def stack(**keys):
    return us.Stack([us.Superconductor(length=2.0, **keys)], temperature=0.1, tolerance=1e-3)


def test_it_breaks_pairs_like_orbital_depairing():
    """σ̂zĝσ̂z acts on singlets like τ̂3ĝτ̂3, and orbital depairing is a quarter of that."""
    plain, ising, orbital = (us.solve(stack(**keys)) for keys in ({}, {"ising_flip": 0.1}, {"depairing": 0.4}))
    assert float(ising.data.gap.max()) < float(plain.data.gap.max()) - 0.05
    np.testing.assert_allclose(ising.data.gap.mean(), orbital.data.gap.mean(), atol=2e-3)
    energies = [0.0, 0.7]
    np.testing.assert_allclose(
        ising.dos(energies).dos.mean("position"), orbital.dos(energies).dos.mean("position"), atol=2e-2
    )


def test_its_scales_follow_from_its_matrix():
    (layer,) = stack(ising_flip=3.0).network().layers
    assert TERMS["ising_flip"].rate(layer) == energy_scale(layer) == 12.0
    assert wave_number(layer) == np.sqrt(12.0)


def test_its_key_is_known():
    assert "ising_flip" in us.schema_text()
    assert stack(ising_flip=0.2).replace({"ising_flip": 0.3}).value("ising_flip") == 0.3

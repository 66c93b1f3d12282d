"""What `usadel cite` prints."""

from __future__ import annotations

_ENTRIES = """\
@software{usadel,
  author  = {{The usadel founders}},
  title   = {usadel: quasiclassical {K}eldysh-{U}sadel equations of diffusive superconducting nanostructures},
  version = {VERSION},
  license = {MIT},
}

@article{Ouassou2019,
  author  = {Ouassou, Jabir Ali and Robinson, Jason W. A. and Linder, Jacob},
  title   = {Controlling spin supercurrents via nonequilibrium spin injection},
  journal = {Scientific Reports},
  volume  = {9},
  pages   = {12731},
  year    = {2019},
  doi     = {10.1038/s41598-019-48945-0},
}

@article{Morten2004,
  author  = {Morten, Jan Petter and Brataas, Arne and Belzig, Wolfgang},
  title   = {Spin transport in diffusive superconductors},
  journal = {Physical Review B},
  volume  = {70},
  pages   = {212508},
  year    = {2004},
  doi     = {10.1103/PhysRevB.70.212508},
}
"""


def bibtex() -> str:
    """Return the BibTeX entries, with the version that runs."""
    import usadel as us

    return _ENTRIES.replace("VERSION", us.__version__)

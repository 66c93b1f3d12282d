"""The page about clusters: its script is run."""

import sys
from types import SimpleNamespace

import pytest
from pages import REPOSITORY, blocks

import usadel as us

distributed = pytest.importorskip(
    "distributed", reason="dask.distributed is not installed: pip install 'usadel[cluster]'"
)


def test_the_script_for_a_batch_system(tmp_path, monkeypatch, capsys):
    """With processes of this machine in place of jobs."""

    class Jobs(distributed.LocalCluster):
        def __init__(self, cores, processes, memory, walltime):
            super().__init__(n_workers=0, threads_per_worker=1, processes=True, dashboard_address=None)

        def scale(self, n=0, jobs=0):
            super().scale(2 if jobs else n)

    monkeypatch.setitem(sys.modules, "dask_jobqueue", SimpleNamespace(SLURMCluster=Jobs))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bilayer.toml").write_text(f"tolerance = 1e-2\n{us.starter('sf')}")
    (script,) = [block for block in blocks(REPOSITORY / "docs/clusters.md") if block.language == "python"]
    exec(script.text, {"__name__": "script"})
    assert "yes, 25 points, fresh" in capsys.readouterr().out
    assert us.load(tmp_path / "bilayer.map.nc").converged
